"""What a fair is, as a manifest's `[gives]` says it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated

from msgspec import Meta

from xinyi_platform.clock import start_of_local_day
from xinyi_platform.language import Text
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.fairs.errors import NoFair
from xinyi_scenarios.manifests.flows import Flow, FlowTerms, promised_terms
from xinyi_scenarios.manifests.parts import ClockTime, ClosingTime, Key, Part, Sentence, Weekday

NAME = "fair"
DayText = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
# A gate lets people in this long before their slot begins.
EARLY = timedelta(minutes=30)


class FairSlot(Part, kw_only=True, frozen=True):
    """A stretch of the day for which tickets are given out, in local time."""

    key: Key
    begins: ClockTime
    ends: ClosingTime
    places: Annotated[int, Meta(ge=1, le=1_000_000)]


class Place(Part, kw_only=True, frozen=True):
    """A gate or a booth."""

    key: Key
    name: Sentence


class Prize(Part, kw_only=True, frozen=True):
    """A prize for `stamps` stamps of different booths; `stock` of them on one day."""

    key: Key
    name: Sentence
    stamps: Annotated[int, Meta(ge=0, le=100)]
    stock: Annotated[int, Meta(ge=0, le=1_000_000)]


class Fair(FlowTerms, kw_only=True, frozen=True):
    """A fair on single `days` (ISO dates), or on `weekdays`; one ticket for one slot of one day.

    A ticket can be changed until its slot begins. One prize a ticket.
    """

    slots: Annotated[list[FairSlot], Meta(min_length=1, max_length=48)]
    gates: Annotated[list[Place], Meta(min_length=1, max_length=50)]
    days: list[DayText] = []
    weekdays: list[Weekday] = []
    booths: Annotated[list[Place], Meta(max_length=100)] = []
    prizes: Annotated[list[Prize], Meta(max_length=50)] = []
    book_days_ahead: Annotated[int, Meta(ge=0, le=60)] = 14
    validity_days: Annotated[int, Meta(ge=1, le=366)] = 60

    def __post_init__(self) -> None:
        fault = next(self._faults(), "")
        if fault:
            raise ValueError(fault)

    def _faults(self) -> Iterator[str]:
        if not self.days and not self.weekdays:
            yield "a fair needs days or weekdays"
        for day in self.days:
            if not _is_day(day):
                yield f"{day} is no day of the calendar"
        for what in (self.slots, self.gates, self.booths, self.prizes):
            keys = [part.key for part in what]
            if len(set(keys)) < len(keys):
                yield "two slots, gates, booths or prizes have the same key"
        for slot in self.slots:
            if slot.begins >= slot.ends:
                yield f"the slot {slot.key} ends before it begins"
        for prize in self.prizes:
            if prize.stamps > len(self.booths):
                yield f"the prize {prize.key} asks for more stamps than there are booths"

    def is_held_on(self, day: date) -> bool:
        """Return whether there is a fair on a day."""
        return day.isoformat() in self.days or day.isoweekday() in self.weekdays

    def slot(self, key: str) -> FairSlot | None:
        return next((slot for slot in self.slots if slot.key == key), None)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def hours_of(slot: FairSlot, day: date) -> tuple[datetime, datetime]:
    """Return the instants between which a slot of a day lies."""
    return _instant(day, slot.begins), _instant(day, slot.ends)


def _instant(day: date, clock: str) -> datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    if hour == 24:
        return start_of_local_day(day + timedelta(days=1))
    return start_of_local_day(day) + timedelta(hours=hour, minutes=minute)


def terms_of(held: Entitlement) -> Fair:
    """Return what was promised. Raises NoFair (422)."""
    if held.benefit.get("kind") != NAME:
        raise NoFair
    return promised_terms(held.benefit, Fair)


FAIR = Flow(
    name=NAME,
    label=Text("游园会", "Fair"),
    terms=Fair,
    elsewhere=Text("门票在游园会入口使用。", "a ticket is used at the gates of its fair."),
)
