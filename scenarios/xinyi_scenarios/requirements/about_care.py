"""Whom a resident cares for, as a requirement. Fact: `care`, the birth dates of wards, confirmed and waiting."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from msgspec import Meta

from xinyi_platform.language import Text
from xinyi_scenarios.requirements.ages import anniversary, full_years
from xinyi_scenarios.requirements.checking import Arguments, Facts, Finding, Outcome, RequirementType

Years = Annotated[int, Meta(ge=0, le=130)]


class GuardianArguments(Arguments, kw_only=True, frozen=True):
    """The ward's full years, both ends included."""

    ward_at_least: Years = 0
    ward_at_most: Years = 130


class GuardianRequirement:
    """She is the confirmed guardian or carer of a person of that age."""

    name = "guardian"
    facts = ("care", "today")
    arguments = GuardianArguments

    def check(self, facts: Facts, args: GuardianArguments) -> Finding:
        care = facts.get("care")
        if care is None or not facts.get("today"):
            return Finding(self.name, Outcome.CANNOT_TELL, Text("监护关系未知", "Whom you care for is not known"))
        today = date.fromisoformat(facts["today"])
        fitting = [age for age in _ages(care["wards"], today) if args.ward_at_least <= age <= args.ward_at_most]
        if fitting:
            reason = Text("监护或照护关系已确认", "You are a confirmed guardian or carer")
            return Finding(self.name, Outcome.MET, reason, str(fitting[0]))
        if any(args.ward_at_least <= age <= args.ward_at_most for age in _ages(care["waiting"], today)):
            reason = Text("监护关系等待社区确认", "The guardianship waits for the community")
            change = Text("社区确认后即可判定。", "Once the community confirms it, it can be decided.")
            return Finding(self.name, Outcome.CANNOT_TELL, reason, would_change=change)
        reason = Text(
            f"须为{_span(args).zh}者的监护人或照护人", f"For guardians or carers of somebody {_span(args).en}"
        )
        return Finding(self.name, Outcome.NOT_MET, reason, "", _change(care["wards"], args, today))


def _ages(born: list[str], today: date) -> list[int]:
    return [full_years(date.fromisoformat(day), today) for day in born]


def _span(args: GuardianArguments) -> Text:
    if args.ward_at_most == 130:
        return Text(f"年满{args.ward_at_least}周岁", f"aged {args.ward_at_least} or older")
    return Text(f"{args.ward_at_least}至{args.ward_at_most}周岁", f"aged {args.ward_at_least} to {args.ward_at_most}")


def _change(wards: list[str], args: GuardianArguments, today: date) -> Text:
    days = [anniversary(date.fromisoformat(day), args.ward_at_least) for day in wards]
    later = [day for day in days if day > today]
    if later:
        return Text(f"{min(later)}起符合。", f"From {min(later)}.")
    return Text(
        "在“监护关系”页面申请,由社区确认。", "Ask for it on the page of guardianships; the community confirms it."
    )


ABOUT_CARE: tuple[RequirementType[Any], ...] = (GuardianRequirement(),)
