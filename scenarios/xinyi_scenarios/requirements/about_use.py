"""Requirement types about the moment and the place of a use. Facts: `merchant`, `now` (local time), `scene`.

A manifest names them under `requires_at_use`. Nothing here needs the bureau, so what was given stays usable while the
bureau is silent.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Any

from msgspec import Meta

from xinyi_merchants.registry import TRADES, trade_name
from xinyi_platform.divisions import division_name, is_within
from xinyi_platform.language import Text
from xinyi_scenarios.manifests.parts import ClockTime, ClosingTime, Weekday
from xinyi_scenarios.requirements.checking import Arguments, Facts, Finding, Outcome, RequirementType

NO_MERCHANT = Text("未知在哪家商户使用", "It is not known at which merchant it is used")
ELSEWHERE = Text("可到参与的商户使用。", "Use it at a merchant that takes part.")


class NoArguments(Arguments, kw_only=True, frozen=True):
    """Nothing to set."""


class TradeArguments(Arguments, kw_only=True, frozen=True):
    """Keys of the merchants' registry."""

    any_of: Annotated[list[str], Meta(min_length=1)]

    def __post_init__(self) -> None:
        for trade in self.any_of:
            if trade not in TRADES:
                raise ValueError(f"unknown trade {trade!r}; there are {', '.join(sorted(TRADES))}")


class MerchantTradeRequirement:
    """The merchant is of one of the trades."""

    name = "merchant_trade"
    facts = ("merchant",)
    arguments = TradeArguments

    def check(self, facts: Facts, args: TradeArguments) -> Finding:
        merchant = facts.get("merchant")
        names = [trade_name(trade) for trade in args.any_of]
        which = Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))
        if merchant is None:
            reason = Text(f"未指明商户(限{which.zh}行业)", f"No merchant was named (only {which.en})")
            return Finding(self.name, Outcome.CANNOT_TELL, reason, would_change=ELSEWHERE)
        if merchant["trade"] in args.any_of:
            return Finding(self.name, Outcome.MET, Text("该行业参与", "Its trade takes part"), merchant["trade"])
        reason = Text(f"不在参与行业范围内(限{which.zh})", f"Its trade does not take part (only {which.en})")
        return Finding(self.name, Outcome.NOT_MET, reason, merchant["trade"], ELSEWHERE)


class AreaArguments(Arguments, kw_only=True, frozen=True):
    """Division codes: city, district, street or community."""

    within: Annotated[list[str], Meta(min_length=1)]


class MerchantDistrictRequirement:
    """The merchant lies in one of the areas."""

    name = "merchant_district"
    facts = ("merchant",)
    arguments = AreaArguments

    def check(self, facts: Facts, args: AreaArguments) -> Finding:
        merchant = facts.get("merchant")
        if merchant is None:
            return Finding(self.name, Outcome.CANNOT_TELL, NO_MERCHANT, would_change=ELSEWHERE)
        names = [division_name(area) for area in args.within]
        where = Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))
        district = merchant["division"][:6]
        if any(is_within(merchant["division"], area) for area in args.within):
            return Finding(self.name, Outcome.MET, Text(f"商户在{where.zh}", f"It lies in {where.en}"), district)
        reason = Text(f"仅限{where.zh}的商户", f"Only for merchants in {where.en}")
        return Finding(self.name, Outcome.NOT_MET, reason, district, ELSEWHERE)


class HonestMerchantRequirement:
    """The merchant's award is valid on the day of use."""

    name = "honest_merchant"
    facts = ("merchant",)
    arguments = NoArguments

    def check(self, facts: Facts, args: NoArguments) -> Finding:
        merchant = facts.get("merchant")
        if merchant is None:
            return Finding(self.name, Outcome.CANNOT_TELL, NO_MERCHANT, would_change=ELSEWHERE)
        if merchant["is_honest"]:
            return Finding(self.name, Outcome.MET, Text("该店是诚信商户", "It is an honest merchant"), "yes")
        reason = Text("仅限诚信商户", "Honest merchants only")
        return Finding(self.name, Outcome.NOT_MET, reason, "no", ELSEWHERE)


class MerchantSignedUpRequirement:
    """The merchant has joined the scene."""

    name = "merchant_signed_up"
    facts = ("merchant", "scene")
    arguments = NoArguments

    def check(self, facts: Facts, args: NoArguments) -> Finding:
        merchant = facts.get("merchant")
        joined = merchant.get("scenes") if merchant else None
        if joined is None:
            return Finding(self.name, Outcome.CANNOT_TELL, NO_MERCHANT, would_change=ELSEWHERE)
        if facts.get("scene") in joined:
            return Finding(self.name, Outcome.MET, Text("该店已参与本场景", "It has joined this scene"), "yes")
        reason = Text("该店未参与本场景", "It has not joined this scene")
        return Finding(self.name, Outcome.NOT_MET, reason, "no", ELSEWHERE)


class TimeArguments(Arguments, kw_only=True, frozen=True):
    """Local hours, `opens` included and `closes` not, on `weekdays` (1 is Monday)."""

    weekdays: Annotated[tuple[Weekday, ...], Meta(min_length=1)] = (1, 2, 3, 4, 5, 6, 7)
    opens: ClockTime = "00:00"
    closes: ClosingTime = "24:00"

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("opens lies before closes, on the same day")


class TimeOfDayRequirement:
    """It is within hours, local time."""

    name = "time_of_day"
    facts = ("now",)
    arguments = TimeArguments

    def check(self, facts: Facts, args: TimeArguments) -> Finding:
        if facts.get("now") is None:
            return Finding(self.name, Outcome.CANNOT_TELL, Text("时间未知", "The time is not known"))
        now = datetime.fromisoformat(facts["now"])
        hours = f"{args.opens}–{args.closes}"
        if now.isoweekday() in args.weekdays and args.opens <= f"{now:%H:%M}" < args.closes:
            return Finding(self.name, Outcome.MET, Text("在可用时段内", "It is within hours"), f"{now:%H:%M}")
        days = Text(
            "、".join(f"周{_ZH_DAYS[d - 1]}" for d in args.weekdays), ", ".join(_EN_DAYS[d - 1] for d in args.weekdays)
        )
        reason = Text(f"仅限{days.zh}{hours}", f"Only {days.en}, {hours}")
        begin = _next_begin(now, args)
        change = Text(f"{begin:%Y-%m-%d %H:%M}起可用。", f"From {begin:%Y-%m-%d %H:%M}.")
        return Finding(self.name, Outcome.NOT_MET, reason, f"{now:%H:%M}", change)


_ZH_DAYS = "一二三四五六日"
_EN_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _next_begin(now: datetime, args: TimeArguments) -> datetime:
    hour, minute = (int(part) for part in args.opens.split(":"))
    days = (now.date() + timedelta(days=ahead) for ahead in range(8))
    begins = (
        datetime.combine(day, time(hour, minute), now.tzinfo) for day in days if day.isoweekday() in args.weekdays
    )
    return next(begin for begin in begins if begin > now)


ABOUT_USE: tuple[RequirementType[Any], ...] = (
    MerchantTradeRequirement(),
    MerchantDistrictRequirement(),
    HonestMerchantRequirement(),
    MerchantSignedUpRequirement(),
    TimeOfDayRequirement(),
)
