"""Terms and texts of repair, as policy in data (`policy.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec

from xinyi_platform.language import Text

Days = Annotated[int, msgspec.Meta(ge=1, le=366)]


class PromiseText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is signed, clause by clause. A changed text gets a new version."""

    version: str
    zh: list[str]
    en: list[str]

    def __post_init__(self) -> None:
        if len(self.zh) != len(self.en) or not self.zh:
            raise ValueError("the two languages of a promise have the same clauses")

    @property
    def clauses(self) -> list[Text]:
        return [Text(zh, en) for zh, en in zip(self.zh, self.en, strict=True)]


class RepairPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Terms in days or working days, and the texts of the two promises."""

    pass_on_working_days: Days
    decide_working_days: Days
    extend_working_days: Days
    measure_remind_days: Days
    remind_days: list[Days]
    deferral_days: Days
    deferral_remind_days: Days
    commitment: PromiseText
    deferral: PromiseText


@cache
def repair_policy() -> RepairPolicy:
    """Return the policy in force."""
    text = files("xinyi_rewards.repairs").joinpath("policy.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), RepairPolicy)
