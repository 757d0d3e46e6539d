"""Which help there is (`services.toml`), its terms, and what a subject authorises (`policy.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

import msgspec

from xinyi_platform.language import Text
from xinyi_rewards.repairs.policy import Days, PromiseText

Positive = Annotated[int, msgspec.Meta(ge=1)]


class HelpService(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of help. `answer_working_days`: by when staff answer; 0 is at once."""

    slug: str
    name_zh: str
    name_en: str
    what_zh: str
    what_en: str
    free_zh: str
    free_en: str
    answer_working_days: Annotated[int, msgspec.Meta(ge=0, le=60)]

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)

    @property
    def what(self) -> Text:
        return Text(self.what_zh, self.what_en)

    @property
    def free(self) -> Text:
        return Text(self.free_zh, self.free_en)


class HelpPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Terms in working days, limits of a session and of how far ahead staff plan, and the authorisation's text."""

    prepare_working_days: Days
    most_places: Positive
    longest_hours: Positive
    most_days_ahead: Annotated[int, msgspec.Meta(ge=1, le=3_660)]
    authorisation: PromiseText


@cache
def help_services() -> dict[str, HelpService]:
    """Return the kinds of help in their order, by slug."""
    rows = msgspec.convert(_table("services.toml")["service"], list[HelpService])
    return {row.slug: row for row in rows}


@cache
def help_policy() -> HelpPolicy:
    """Return the policy in force."""
    return msgspec.convert(_table("policy.toml"), HelpPolicy)


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(files("xinyi_rewards.assistance").joinpath(name).read_text(encoding="utf-8"))
