"""Help as its subjects and the staff of their area see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q

from xinyi_platform import audit
from xinyi_platform.clock import SHANGHAI
from xinyi_platform.divisions import division_name, parent_of
from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.assistance.models import AgencyPaper, AgencyRequest, TrainingBooking, TrainingSession
from xinyi_rewards.honor_lists.parties import Party
from xinyi_rewards.repairs.models import RepairRequest

MOST_SHOWN = 200
_LOOKS = ("agency_request.view", "agency_request.contact_read")


@dataclass(frozen=True, slots=True)
class TrainingSeen:
    """A training, and the caller's own place in it (None: she holds none). `is_open`: it has not begun."""

    row: TrainingSession
    mine: TrainingBooking | None
    is_open: bool

    @property
    def whose(self) -> Text:
        return division_name(self.row.division)

    @property
    def left(self) -> int:
        return self.row.capacity - self.row.taken

    @property
    def place(self) -> str:
        """Where it is held; an online address only for who holds a place."""
        return "" if self.row.is_online and self.mine is None else self.row.place


async def trainings_for(party: Party, *, at: datetime) -> list[TrainingSeen]:
    """Return what a subject can book or has booked: to come first, by its beginning, then what was."""
    held = await TrainingBooking.filter(subject_id=party.subject_id).order_by("-booked_at").limit(MOST_SHOWN)
    mine = {row.training_id: row for row in held}
    coming = TrainingSession.filter(state="planned", starts_at__gt=at, division__in=line_of(party.division))
    rows = await coming.order_by("starts_at", "id").limit(MOST_SHOWN)
    known = {row.id for row in rows}
    others = await TrainingSession.filter(id__in=[held for held in mine if held not in known]).order_by("-starts_at")
    seen = [
        TrainingSeen(row, mine.get(row.id), row.state == "planned" and row.starts_at > at) for row in (*rows, *others)
    ]
    return sorted(seen, key=lambda one: not one.is_open)


def line_of(division: str) -> list[str]:
    """Return a division and all above it."""
    line, code = [], division or None
    while code is not None:
        line.append(code)
        code = parent_of(code)
    return line


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate of attendance tells beside its holder's name."""

    number: str
    title: str
    host: Text
    on: date
    hours: str


def certificate_of(booking: TrainingBooking, training: TrainingSession) -> Certificate:
    """Return the certificate of a booking whose holder attended. Raises NotFound (404) for another."""
    if booking.attended_at is None:
        raise NotFound
    minutes = (training.ends_at - training.starts_at) // timedelta(minutes=1)
    return Certificate(
        number=booking.number,
        title=training.title,
        host=division_name(training.division),
        on=training.starts_at.astimezone(SHANGHAI).date(),
        hours=f"{minutes / 60:g}",
    )


async def my_certificate(party: Party, booking_id: UUID) -> Certificate:
    """Return a subject's own certificate. Raises NotFound (404), also for another's or where she did not attend."""
    booking = await TrainingBooking.get_or_none(id=booking_id, subject_id=party.subject_id)
    if booking is None:
        raise NotFound
    return certificate_of(booking, await TrainingSession.get(id=booking.training_id))


async def certificates_of(subject_id: UUID) -> list[Certificate]:
    """Return all certificates of a resident or merchant, whichever area held the trainings, the oldest first."""
    attended = everywhere(TrainingBooking).filter(subject_id=subject_id, attended_at__isnull=False)
    bookings = await attended.order_by("attended_at", "id").limit(MOST_SHOWN)
    held = {row.id: row for row in await everywhere(TrainingSession).filter(id__in=[b.training_id for b in bookings])}
    return [certificate_of(booking, held[booking.training_id]) for booking in bookings]


async def trainings_named(request: RepairRequest) -> list[str]:
    """Return what the package of a repair says of the trainings that its subject attended, a line each."""
    subject_id = request.resident_id or request.merchant_id
    if subject_id is None:
        return []
    return [f"{one.on} {one.title},证书编号{one.number}" for one in await certificates_of(subject_id)]


async def agency_about(party: Party, entry_id: UUID) -> list[AgencyRequest]:
    """Return a subject's requests about one entry, the newest first."""
    return await AgencyRequest.filter(entry_id=entry_id, **party.columns).order_by("-asked_at", "-id")


async def looks_at_agency(rows: Sequence[AgencyRequest]) -> dict[UUID, int]:
    """Return how often staff looked at each request or read how its subject is reached, as she is told.

    The last hundred of each are counted. The looks at the entry itself are told with the entry.
    """
    return {row.id: len(await audit.acts_on("agency_request", row.id, actions=_LOOKS)) for row in rows}


async def draft_papers(agency_id: UUID) -> list[AgencyPaper]:
    """Return the papers of a request's draft in their order."""
    return await AgencyPaper.filter(agency_id=agency_id).order_by("place")


async def draft_file(row: AgencyRequest, paper_id: UUID) -> UUID:
    """Return the stored file of a paper of a request's draft. Raises NotFound (404)."""
    paper = await AgencyPaper.get_or_none(id=paper_id, agency_id=row.id)
    if paper is None:
        raise NotFound
    return paper.file_id


def due_on(row: AgencyRequest) -> date | None:
    """Return by when staff act next: answer, then prepare; None while it waits for the subject, or is over."""
    return {"asked": row.answer_by, "taken": row.prepare_by}.get(row.state)


async def open_agency(staff: Staff) -> list[AgencyRequest]:
    """Return the open requests of a member of staff's area by the next due day; what waits for subjects comes last."""
    prepared = area_of(staff).bind(AgencyRequest.filter(state="prepared")).order_by("asked_at", "id")
    return [*await _due(staff, Q()), *await prepared.limit(MOST_SHOWN)]


async def agency_for(staff: Staff) -> list[AgencyRequest]:
    """Return what a member of staff can act on by its day: what nobody has taken, and what she prepares."""
    return await _due(staff, Q(handler_id=staff.id))


async def _due(staff: Staff, taken_by: Q) -> list[AgencyRequest]:
    """Return what waits for staff of an area by its day: to be answered, or taken by some and to be prepared."""
    area = area_of(staff)
    asked = area.bind(AgencyRequest.filter(state="asked")).order_by("answer_by", "id").limit(MOST_SHOWN)
    taken = area.bind(AgencyRequest.filter(taken_by, state="taken")).order_by("prepare_by", "id").limit(MOST_SHOWN)
    return sorted([*await asked, *await taken], key=lambda row: due_on(row) or date.max)[:MOST_SHOWN]


async def trainings_of(staff: Staff) -> list[TrainingSession]:
    """Return the trainings of a member of staff's area, the newest first."""
    return await area_of(staff).bind(TrainingSession.all()).order_by("-starts_at", "id").limit(MOST_SHOWN)


async def bookings_of(training_id: UUID) -> list[TrainingBooking]:
    """Return who holds places of a training, in the order in which they booked."""
    return await TrainingBooking.filter(training_id=training_id).order_by("booked_at", "id")
