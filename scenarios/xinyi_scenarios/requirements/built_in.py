"""The requirement types about the person herself, and the list of all that come along.

Facts: `credit`, `birth_date`, `today`, `division`, `overdue_orders`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta

from xinyi_platform.divisions import division_name, is_within
from xinyi_platform.language import Text
from xinyi_scenarios.requirements.about_care import ABOUT_CARE
from xinyi_scenarios.requirements.about_history import ABOUT_HISTORY
from xinyi_scenarios.requirements.about_use import ABOUT_USE
from xinyi_scenarios.requirements.ages import anniversary, full_years
from xinyi_scenarios.requirements.checking import Arguments, Facts, Finding, Outcome, RequirementType

Standing = Literal["good", "minor", "general", "serious"]
STANDINGS: dict[str, Text] = {
    "good": Text("良好", "good"),
    "minor": Text("有轻微失信记录", "minor record"),
    "general": Text("有一般失信记录", "general record"),
    "serious": Text("有严重失信记录", "serious record"),
}
NOT_READ = {"unknown": "not_read", "zh": "信用状况未知", "en": "The credit standing is not known"}
REPAIR = Text(
    "纠正并履行义务后,可通过“信用中国”免费申请信用修复。",
    "Correct it, then apply for repair at Credit China, free of charge.",
)


class CreditArguments(Arguments, kw_only=True, frozen=True):
    """The standings that are good enough."""

    allowed: Annotated[list[Standing], Meta(min_length=1)]


class CreditStatusRequirement:
    """The bureau's standing is one of those allowed, and the person is on no black list."""

    name = "credit_status"
    facts = ("credit",)
    arguments = CreditArguments

    def check(self, facts: Facts, args: CreditArguments) -> Finding:
        credit = facts.get("credit") or NOT_READ
        if credit.get("unknown"):
            reason = Text(credit["zh"], credit["en"])
            help_ = Text("稍后再看;有结果前不会拒绝您。", "Look again later; you are not refused meanwhile.")
            if credit["unknown"] == "consent_missing":
                help_ = Text("同意查询信用状况后即可判定。", "Consent to the read and it can be decided.")
            return Finding(self.name, Outcome.CANNOT_TELL, reason, would_change=help_)
        standing = STANDINGS[credit["standing"]]
        if credit["black_listed"] or credit["standing"] not in args.allowed:
            reason = Text(f"您的信用状况:{standing.zh}", f"Your credit standing: {standing.en}")
            return Finding(self.name, Outcome.NOT_MET, reason, credit["standing"], REPAIR)
        reason = Text(f"您的信用状况{standing.zh}", f"Your credit standing is {standing.en}")
        return Finding(self.name, Outcome.MET, reason, credit["standing"])


class AgeArguments(Arguments, kw_only=True, frozen=True):
    """Full years, both ends included."""

    at_least: Annotated[int, Meta(ge=0, le=130)] = 0
    at_most: Annotated[int, Meta(ge=0, le=130)] = 130


class AgeRequirement:
    """The person's age in full years lies within bounds."""

    name = "age"
    facts = ("birth_date", "today")
    arguments = AgeArguments

    def check(self, facts: Facts, args: AgeArguments) -> Finding:
        if not facts.get("birth_date") or not facts.get("today"):
            return Finding(self.name, Outcome.CANNOT_TELL, Text("年龄未知", "The age is not known"))
        born, today = date.fromisoformat(facts["birth_date"]), date.fromisoformat(facts["today"])
        age = full_years(born, today)
        if age < args.at_least:
            when = anniversary(born, args.at_least)
            change = Text(f"{when}起年满{args.at_least}周岁即可享受。", f"From {when}, when you are {args.at_least}.")
            reason = Text(f"须年满{args.at_least}周岁", f"You must be {args.at_least} or older")
            return Finding(self.name, Outcome.NOT_MET, reason, str(age), change)
        if age > args.at_most:
            reason = Text(f"须不超过{args.at_most}周岁", f"You must be {args.at_most} or younger")
            other = Text("可查看其他适合您的场景。", "See the other scenes that fit you.")
            return Finding(self.name, Outcome.NOT_MET, reason, str(age), other)
        return Finding(self.name, Outcome.MET, Text("年龄符合", "Your age fits"), str(age))


class ResidenceArguments(Arguments, kw_only=True, frozen=True):
    """Division codes: city, district, street or community."""

    within: Annotated[list[str], Meta(min_length=1)]


class ResidenceRequirement:
    """The person lives in one of the areas."""

    name = "residence"
    facts = ("division",)
    arguments = ResidenceArguments

    def check(self, facts: Facts, args: ResidenceArguments) -> Finding:
        lives = facts.get("division")
        names = [division_name(area) for area in args.within]
        where = Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))
        if not lives:
            return Finding(self.name, Outcome.CANNOT_TELL, Text("居住地未知", "The residence is not known"))
        if any(is_within(lives, area) for area in args.within):
            return Finding(self.name, Outcome.MET, Text(f"居住在{where.zh}", f"You live in {where.en}"), lives[:6])
        reason = Text(f"仅限{where.zh}居民", f"For people who live in {where.en}")
        change = Text("居住地变更登记后可重新判定。", "After your registered residence changes, look again.")
        return Finding(self.name, Outcome.NOT_MET, reason, lives[:6], change)


class OpenOrderArguments(Arguments, kw_only=True, frozen=True):
    """How many deposit-free orders of the scene may be open."""

    at_most: Annotated[int, Meta(ge=0, le=50)]


class OverdueOrdersRequirement:
    """No more than so many deposit-free orders are overdue."""

    name = "overdue_orders"
    facts = ("overdue_orders",)
    arguments = OpenOrderArguments

    def check(self, facts: Facts, args: OpenOrderArguments) -> Finding:
        overdue = facts.get("overdue_orders")
        if overdue is None:
            return Finding(self.name, Outcome.CANNOT_TELL, Text("订单情况未知", "Your orders are not known"))
        if overdue > args.at_most:
            reason = Text(f"有{overdue}笔逾期未归还的免押订单", f"{overdue} deposit-free orders are overdue")
            change = Text("归还并完成订单后即可。", "Return what is out and complete the orders.")
            return Finding(self.name, Outcome.NOT_MET, reason, str(overdue), change)
        return Finding(self.name, Outcome.MET, Text("没有逾期订单", "No order is overdue"), str(overdue))


BUILT_IN: tuple[RequirementType[Any], ...] = (
    CreditStatusRequirement(),
    AgeRequirement(),
    ResidenceRequirement(),
    OverdueOrdersRequirement(),
    *ABOUT_HISTORY,
    *ABOUT_USE,
    *ABOUT_CARE,
)
