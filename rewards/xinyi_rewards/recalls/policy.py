"""The terms of a recall, as policy in data (`policy.toml`)."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000)]


class RecallPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours to acknowledge, after how many reminders a receiver gets nothing more, hours an offline copy is good."""

    acknowledge_hours: Count
    shut_after_chases: Count
    snapshot_hours: Count

    @property
    def acknowledge_within(self) -> timedelta:
        return timedelta(hours=self.acknowledge_hours)

    @property
    def snapshot_good_for(self) -> timedelta:
        return timedelta(hours=self.snapshot_hours)


@cache
def recall_policy() -> RecallPolicy:
    """Return the policy in force."""
    text = files("xinyi_rewards.recalls").joinpath("policy.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), RecallPolicy)
