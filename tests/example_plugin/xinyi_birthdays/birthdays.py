"""The requirement type `birthday_month`, and the fact `birth_month` that it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from xinyi_platform.clock import local_date
from xinyi_platform.identity import resident_basics
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.requirements import Facts, Finding, Outcome
from xinyi_scenarios.requirements.checking import Arguments
from xinyi_scenarios.requirements.examples import Example
from xinyi_scenarios.requirements.gathering import Gathering


class BirthdayArguments(Arguments, kw_only=True, frozen=True):
    """How many months before and after that of the birthday count as well."""

    around: Annotated[int, Meta(ge=0, le=6)] = 0


class BirthdayMonthRequirement:
    """It is the month of the person's birthday, or near it."""

    name = "birthday_month"
    facts = ("birth_month", "today")
    arguments = BirthdayArguments

    def check(self, facts: Facts, args: BirthdayArguments) -> Finding:
        born, today = facts.get("birth_month"), facts.get("today")
        if born is None or today is None:
            return Finding(self.name, Outcome.CANNOT_TELL, Text("出生月份未知", "Your birthday is not known"))
        apart = _months_apart(born, date.fromisoformat(today).month)
        if apart <= args.around:
            return Finding(self.name, Outcome.MET, Text("生日当月", "It is about your birthday"), str(born))
        change = Text(f"{born}月即可领取。", f"Come in month {born}.")
        reason = Text("只在生日前后赠送", "It is given about one's birthday")
        return Finding(self.name, Outcome.NOT_MET, reason, str(born), change)

    def boundaries(self, args: BirthdayArguments, at: datetime) -> Iterator[Example]:
        """Yield the last month that counts and the first that does not."""
        today = local_date(at)
        for apart in range(args.around, min(args.around + 2, 7)):
            outcome = Outcome.MET if apart <= args.around else Outcome.NOT_MET
            facts = {"birth_month": (today.month - 1 + apart) % 12 + 1, "today": today.isoformat()}
            yield Example(facts, outcome, label=f"born {apart} months on")
        yield Example({"birth_month": None, "today": today.isoformat()}, Outcome.CANNOT_TELL, label="not known")


def _months_apart(one: int, other: int) -> int:
    ahead = (one - other) % 12
    return min(ahead, 12 - ahead)


async def birth_months(_: Runtime, resident_ids: Sequence[UUID], __: Gathering) -> Mapping[UUID, Any]:
    """Provide the fact `birth_month` for many residents by one query."""
    return {one: basics.birth_date.month for one, basics in (await resident_basics(resident_ids)).items()}
