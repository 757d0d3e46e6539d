"""How long the record of a case is kept, as policy in data (`policy.toml`)."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec


class CasePolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many days text, names and papers of a version that has ended are kept."""

    keep_ended_days: Annotated[int, msgspec.Meta(ge=1, le=10_000)]

    @property
    def keep_ended(self) -> timedelta:
        return timedelta(days=self.keep_ended_days)


@cache
def case_policy() -> CasePolicy:
    """Return the policy in force."""
    text = files("xinyi_rewards.cases").joinpath("policy.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), CasePolicy)
