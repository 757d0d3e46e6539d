"""What a place on a red list gives, as dated policy in data (`policies.toml`)."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from xinyi_platform.divisions import is_within
from xinyi_rewards.honor_lists.kinds import list_kinds

Minors = Literal["given", "guardian", "none"]


class RewardPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reward: which kinds of lists give it, and an entitlement of which scene it is.

    `stands_for`: the scene's requirement types that the list stands in for; the others are decided. `minors`: people
    under 18 get it, get it where a guardian is confirmed, or do not. `once_a_household`: one at a time among people
    tied by confirmed guardianships. It holds from `from_day` to `to_day`, both included; None: without an end.
    `division`: residents of that area alone get it; empty: those of the whole city.
    """

    slug: str
    kinds: list[str]
    scene: str
    stands_for: list[str]
    minors: Minors
    once_a_household: bool
    from_day: date
    to_day: date | None = None
    division: str = ""

    def __post_init__(self) -> None:
        kinds = list_kinds()
        for kind in self.kinds:
            if kind not in kinds or kinds[kind].colour != "red":
                raise ValueError(f"reward {self.slug}: {kind} is no kind of red list")

    def holds_on(self, day: date) -> bool:
        return self.from_day <= day and (self.to_day is None or day <= self.to_day)

    def reaches(self, home: str) -> bool:
        """Tell whether somebody who lives in a division may get it; an empty `home` is not known."""
        return not self.division or is_within(home, self.division)


@cache
def reward_policies() -> dict[str, RewardPolicy]:
    """Return all rewards by slug, in the order of the file. Raises ValueError where the file contradicts itself."""
    text = files("xinyi_rewards.rewards").joinpath("policies.toml").read_text(encoding="utf-8")
    found = msgspec.convert(tomllib.loads(text)["policy"], list[RewardPolicy])
    policies = {policy.slug: policy for policy in found}
    if len(policies) < len(found):
        raise ValueError("two rewards have the same slug")
    return policies


def rewards_of(kind: str, *, on: date) -> list[RewardPolicy]:
    """Return what a kind of list gives on a day."""
    return [policy for policy in reward_policies().values() if kind in policy.kinds and policy.holds_on(on)]
