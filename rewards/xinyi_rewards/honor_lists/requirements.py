"""What a scene may ask of lists: `on_list` and `not_on_list`, registered into the scenarios' registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.reading import kinds_listed
from xinyi_scenarios.requirements import REGISTRY, Facts, Finding, Outcome
from xinyi_scenarios.requirements.checking import Arguments
from xinyi_scenarios.requirements.gathering import Gathering, provide_fact
from xinyi_scenarios.watching.rechecking import watch_fact


class ColourArguments(Arguments, kw_only=True, frozen=True):
    """Which lists: red or black."""

    colour: Literal["red", "black"]


_NAMES = {"red": Text("红名单", "a red list"), "black": Text("黑名单", "a black list")}


class OnListRequirement:
    """The person is on a published, uncontested list of the colour."""

    name = "on_list"
    facts = ("red_lists", "black_lists")
    arguments = ColourArguments

    def check(self, facts: Facts, args: ColourArguments) -> Finding:
        lists, name = facts.get(f"{args.colour}_lists"), _NAMES[args.colour]
        if lists is None:
            return Finding(self.name, Outcome.CANNOT_TELL, Text("名单情况未知", "The lists are not known"))
        if lists:
            return Finding(self.name, Outcome.MET, Text(f"您在{name.zh}上", f"You are on {name.en}"), ", ".join(lists))
        reason = Text(f"您不在{name.zh}上", f"You are not on {name.en}")
        change = Text("可向所在社区了解评选条件。", "Ask your community how one gets on it.")
        return Finding(self.name, Outcome.NOT_MET, reason, would_change=change if args.colour == "red" else None)


class NotOnListRequirement:
    """The person is on no published list of the colour."""

    name = "not_on_list"
    facts = ("red_lists", "black_lists")
    arguments = ColourArguments

    def check(self, facts: Facts, args: ColourArguments) -> Finding:
        lists, name = facts.get(f"{args.colour}_lists"), _NAMES[args.colour]
        if lists is None:
            return Finding(self.name, Outcome.CANNOT_TELL, Text("名单情况未知", "The lists are not known"))
        if lists:
            change = Text("纠正并完成信用修复后即可。", "Correct it and complete credit repair.")
            reason = Text(f"您在{name.zh}上", f"You are on {name.en}")
            return Finding(self.name, Outcome.NOT_MET, reason, ", ".join(lists), change)
        return Finding(self.name, Outcome.MET, Text(f"您不在{name.zh}上", f"You are not on {name.en}"))


async def _red_lists(_: Runtime, resident_ids: Sequence[UUID], gathering: Gathering) -> Mapping[UUID, Any]:
    return await kinds_listed(resident_ids, "red", at=gathering.at)


async def _black_lists(_: Runtime, resident_ids: Sequence[UUID], gathering: Gathering) -> Mapping[UUID, Any]:
    return await kinds_listed(resident_ids, "black", at=gathering.at)


def register_list_requirements() -> None:
    """Add the types and their facts; a second time changes nothing."""
    REGISTRY.register(OnListRequirement())
    REGISTRY.register(NotOnListRequirement())
    provide_fact("red_lists", _red_lists)
    provide_fact("black_lists", _black_lists)
    watch_fact("red_lists")
    watch_fact("black_lists")
