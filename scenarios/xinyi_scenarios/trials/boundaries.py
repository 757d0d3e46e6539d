"""What lies on either side of each argument of the framework's own requirement types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from xinyi_merchants.registry import TRADES
from xinyi_platform.clock import SHANGHAI, local_date
from xinyi_platform.divisions import communities, is_within
from xinyi_scenarios.requirements.about_history import (
    ConsentArguments,
    CoolDownArguments,
    FrequencyArguments,
    HeldArguments,
    OpenOrdersArguments,
)
from xinyi_scenarios.requirements.about_use import TimeArguments, TradeArguments
from xinyi_scenarios.requirements.built_in import (
    STANDINGS,
    AgeArguments,
    CreditArguments,
    OpenOrderArguments,
    ResidenceArguments,
)
from xinyi_scenarios.requirements.checking import Outcome, RequirementType
from xinyi_scenarios.requirements.examples import Example, HasBoundaries
from xinyi_scenarios.trials.cases import NOT_ASKED, SILENT, born_for

HERE = "here"  # the slug of a scene that asks about itself
_MET = {True: Outcome.MET, False: Outcome.NOT_MET}


def boundaries_of(kind: RequirementType[Any], args: Any, at: datetime) -> list[Example]:
    """Return the examples on both sides of a type's arguments; none where its author gave none."""
    if isinstance(kind, HasBoundaries):
        return list(kind.boundaries(args, at))
    found = _KNOWN.get(kind.name)
    return list(found(args, at)) if found else []


def _credit(args: CreditArguments, at: datetime) -> Iterator[Example]:
    word = {"black_listed": False, "as_of": at.isoformat(), "is_fresh": True}
    for standing in STANDINGS:
        yield Example({"credit": {**word, "standing": standing}}, _MET[standing in args.allowed], label=standing)
    listed = {**word, "standing": args.allowed[0], "black_listed": True}
    yield Example({"credit": listed}, Outcome.NOT_MET, label="black-listed")
    yield Example({"credit": NOT_ASKED}, Outcome.CANNOT_TELL, label="no consent")
    yield Example({"credit": SILENT}, Outcome.CANNOT_TELL, label="the bureau is silent")


def _age(args: AgeArguments, at: datetime) -> Iterator[Example]:
    today = local_date(at)

    def aged(years: int, days: int, met: bool, label: str) -> Example:
        born = born_for(years, today) + timedelta(days=days)
        return Example({"birth_date": born.isoformat(), "today": today.isoformat()}, _MET[met], label=label)

    if args.at_least > 0:
        yield aged(args.at_least, 0, args.at_least <= args.at_most, f"turned {args.at_least} today")
        yield aged(args.at_least, 1, False, f"turns {args.at_least} tomorrow")
    if args.at_most < 130:
        yield aged(args.at_most + 1, 1, args.at_least <= args.at_most, f"turns {args.at_most + 1} tomorrow")
        yield aged(args.at_most + 1, 0, False, f"turned {args.at_most + 1} today")
    yield Example({"birth_date": None, "today": today.isoformat()}, Outcome.CANNOT_TELL, label="age not known")


def _residence(args: ResidenceArguments, _: datetime) -> Iterator[Example]:
    for area in args.within:
        inside = next((code for code in communities() if is_within(code, area)), area)
        yield Example({"division": inside}, Outcome.MET, label=f"lives in {area}")
    outside = next((c for c in communities() if not any(is_within(c, area) for area in args.within)), "110101001001")
    yield Example({"division": outside}, Outcome.NOT_MET, label=f"lives in {outside[:6]}, {outside[6:]}")
    yield Example({"division": None}, Outcome.CANNOT_TELL, label="residence not known")


def _overdue(args: OpenOrderArguments, _: datetime) -> Iterator[Example]:
    yield Example({"overdue_orders": args.at_most}, Outcome.MET, label=f"{args.at_most} overdue")
    yield Example({"overdue_orders": args.at_most + 1}, Outcome.NOT_MET, label=f"{args.at_most + 1} overdue")
    yield Example({"overdue_orders": None}, Outcome.CANNOT_TELL, label="orders not known")


def _frequency(args: FrequencyArguments, at: datetime) -> Iterator[Example]:
    def had(times: int) -> dict[str, Any]:
        return {"history": {args.scene or HERE: {args.period: times}}, "scene": HERE, "today": _day(at)}

    if args.at_most:
        yield Example(had(args.at_most - 1), Outcome.MET, label=f"{args.at_most - 1} in the {args.period}")
    yield Example(had(args.at_most), Outcome.NOT_MET, label=f"{args.at_most} in the {args.period}")
    yield Example({"history": None}, Outcome.CANNOT_TELL, label="history not known")


def _cool_down(args: CoolDownArguments, at: datetime) -> Iterator[Example]:
    for days, outcome in ((args.days, Outcome.MET), (args.days - 1, Outcome.NOT_MET)):
        used = local_date(at) - timedelta(days=days)
        history = {args.scene or HERE: {"last_used_on": used.isoformat()}}
        yield Example({"history": history, "scene": HERE, "today": _day(at)}, outcome, label=f"used {days} days ago")
    yield Example({"history": None}, Outcome.CANNOT_TELL, label="history not known")


def _held(args: HeldArguments, _: datetime) -> Iterator[Example]:
    for live in sorted({args.at_least - 1, args.at_least, args.at_most, args.at_most + 1} - {-1}):
        met = args.at_least <= live <= args.at_most
        yield Example({"history": {args.scene: {"live": live}}}, _MET[met], label=f"holds {live}")
    yield Example({"history": None}, Outcome.CANNOT_TELL, label="history not known")


def _open_orders(args: OpenOrdersArguments, _: datetime) -> Iterator[Example]:
    for number in (args.at_most, args.at_most + 1):
        orders = {args.scene or HERE: number}
        yield Example({"open_orders": orders}, _MET[number <= args.at_most], label=f"{number} open")
    yield Example({"open_orders": None}, Outcome.CANNOT_TELL, label="orders not known")


def _consent(args: ConsentArguments, _: datetime) -> Iterator[Example]:
    yield Example({"consents": [args.purpose]}, Outcome.MET, label="consented")
    yield Example({"consents": []}, Outcome.NOT_MET, label="did not consent")
    yield Example({"consents": None}, Outcome.CANNOT_TELL, label="consents not known")


def _trade(args: TradeArguments, _: datetime) -> Iterator[Example]:
    for trade in sorted(TRADES):
        yield Example({"merchant": {"trade": trade}}, _MET[trade in args.any_of], label=trade)
    yield Example({"merchant": None}, Outcome.CANNOT_TELL, label="no merchant")


def _hours(args: TimeArguments, at: datetime) -> Iterator[Example]:
    day = at.astimezone(SHANGHAI)
    while day.isoweekday() not in args.weekdays:
        day += timedelta(days=1)
    begin = datetime.combine(day, time.fromisoformat(args.opens), SHANGHAI)
    closes = time.fromisoformat(args.closes) if args.closes != "24:00" else None
    tried = [(begin, True)]
    if args.opens != "00:00":
        tried.append((begin - timedelta(minutes=1), False))
    if closes:
        end = datetime.combine(day, closes, SHANGHAI)
        tried += [(end - timedelta(minutes=1), True), (end, False)]
    for moment, met in tried:
        yield Example({"now": moment.isoformat()}, _MET[met], label=f"{moment:%a %H:%M}")
    yield Example({"now": None}, Outcome.CANNOT_TELL, label="time not known")


def _day(at: datetime) -> str:
    return local_date(at).isoformat()


_KNOWN: Mapping[str, Callable[[Any, datetime], Iterable[Example]]] = {
    "credit_status": _credit,
    "age": _age,
    "residence": _residence,
    "overdue_orders": _overdue,
    "frequency": _frequency,
    "cool_down": _cool_down,
    "held_entitlements": _held,
    "open_orders": _open_orders,
    "consent": _consent,
    "merchant_trade": _trade,
    "time_of_day": _hours,
}
