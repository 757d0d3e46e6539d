"""Find complaints for those concerned: the complainant, the merchant, and staff of the area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from xinyi_merchants.complaints.deadlines import confirm_by, days_left, due_on
from xinyi_merchants.complaints.filing import PHONE_FIELD, phone_index
from xinyi_merchants.complaints.models import Complaint, ComplaintMark, ComplaintPicture, ComplaintStep, PublicAnswer
from xinyi_merchants.complaints.states import CATEGORIES, EVENTS, KINDS, MARKS, OPEN, STATES
from xinyi_merchants.registry.finding import MerchantFacts, find_merchant, list_merchants
from xinyi_merchants.registry.pages import read_picture
from xinyi_platform.clock import local_date
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import normalise_public_code
from xinyi_platform.language import Text
from xinyi_platform.masking import mask_phone
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of

_ACTORS = {
    "resident": Text("消费者", "Consumer"),
    "visitor": Text("消费者", "Consumer"),
    "operator": Text("商户", "Merchant"),
    "staff": Text("工作人员", "Staff"),
    "system": Text("系统", "System"),
}
_CONSUMERS = ("resident", "visitor")
_TITLES = {**EVENTS, **MARKS}
MOST_SHOWN = 200
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Shown:
    """A complaint as a page shows it."""

    row: Complaint
    shop: MerchantFacts
    timeline: list[dict[str, Any]]
    pictures: list[UUID]
    phone: str
    today: date
    mark: ComplaintMark | None = None
    public_answer: PublicAnswer | None = None

    @property
    def kind(self) -> Text:
        return KINDS[self.row.kind]

    @property
    def days_left(self) -> int | None:
        return days_left(self.row, self.today)

    @property
    def confirm_by(self) -> date | None:
        """The last day to confirm or reopen; None where nothing is to be confirmed."""
        waits = self.row.state == "resolved" and self.row.resolved_at is not None
        return confirm_by(self.row.resolved_at) if waits and self.row.resolved_at else None

    @property
    def state(self) -> Text:
        return STATES[self.row.state]

    @property
    def category(self) -> Text:
        return CATEGORIES.get(self.row.category, Text(self.row.category, self.row.category))


async def steps_of(complaint_id: UUID, *, with_notes: bool = False) -> list[ComplaintStep]:
    """Return the steps in their order; notes are for staff only."""
    rows = await ComplaintStep.filter(complaint_id=complaint_id).order_by("at", "id")
    return [row for row in rows if with_notes or row.event != "note"]


async def show(runtime: Runtime, row: Complaint, *, for_merchant: bool = False, with_notes: bool = False) -> Shown:
    """Gather what a page shows.

    A merchant sees the phone masked, and not at all where it was kept back; of a report neither the pictures nor
    what the sender wrote later, because both may tell who it was.
    """
    is_guarded = for_merchant and row.kind == "report"
    timeline = [_line(step, is_guarded=is_guarded) for step in await steps_of(row.id, with_notes=with_notes)]
    pictures = [] if is_guarded else [p.id for p in await pictures_of(row.id)]
    phone = runtime.keys.decrypt(row.phone_cipher, field=PHONE_FIELD)
    if for_merchant:
        phone = "" if row.anonymous or is_guarded else mask_phone(phone)
    today = local_date(runtime.clock.now())
    mark = await ComplaintMark.get_or_none(complaint_id=row.id)
    answer = await PublicAnswer.get_or_none(complaint_id=row.id)
    return Shown(row, await find_merchant(row.merchant_id), timeline, pictures, phone, today, mark, answer)


async def pictures_of(complaint_id: UUID) -> list[ComplaintPicture]:
    return await ComplaintPicture.filter(complaint_id=complaint_id).order_by("place")


def _line(step: ComplaintStep, *, is_guarded: bool) -> dict[str, Any]:
    actor, event = _ACTORS[step.actor_kind], _TITLES[step.event]
    title = Text(f"{actor.zh}:{event.zh}", f"{actor.en}: {event.en}")
    is_hidden = is_guarded and step.actor_kind in _CONSUMERS
    return {"title": title, "at": step.at, "text": "" if is_hidden else step.text}


async def resident_complaint(complaint_id: UUID, resident_id: UUID) -> Complaint:
    """Return a resident's own complaint. Raises NotFound (404) for any other."""
    return _present(await Complaint.get_or_none(id=complaint_id, resident_id=resident_id))


async def merchant_complaint(complaint_id: UUID, merchant_id: UUID) -> Complaint:
    """Return a complaint about one's own shop that was passed on to it. Raises NotFound (404) for any other."""
    shared = Complaint.filter(id=complaint_id, merchant_id=merchant_id, shared_at__isnull=False)
    return _present(await shared.first())


async def staff_complaint(complaint_id: UUID, staff: Staff) -> Complaint:
    """Return a complaint of the area that a member of staff serves. Raises NotFound (404) for any other."""
    return _present(await area_of(staff).bind(Complaint.filter(id=complaint_id)).first())


async def visitor_complaint(runtime: Runtime, number: str, phone: str) -> Complaint:
    """Return a complaint by its number and the phone that was left. Raises NotFound (404)."""
    found = await Complaint.get_or_none(number=normalise_public_code(number))
    if found is None or found.phone_index != phone_index(runtime.keys, phone.strip()):
        raise NotFound
    return found


async def adopt_complaints(runtime: Runtime, resident_id: UUID, phone: str) -> int:
    """Make complaints that were filed under a resident's phone her own: signing in has proved that it is hers."""
    index = phone_index(runtime.keys, phone)
    return await Complaint.filter(phone_index=index, resident_id__isnull=True).update(resident_id=resident_id)


async def complaints_of_resident(resident_id: UUID) -> list[Complaint]:
    return await Complaint.filter(resident_id=resident_id).order_by("-created_at").limit(MOST_SHOWN)


async def complaints_of_merchant(merchant_id: UUID) -> list[Complaint]:
    """Return a shop's complaints, those that wait for it first."""
    shared = Complaint.filter(merchant_id=merchant_id, shared_at__isnull=False)
    rows = await shared.order_by("-created_at").limit(MOST_SHOWN)
    return sorted(rows, key=lambda row: (row.state != "waiting_merchant", row.answer_by))


async def complaints_of_area(staff: Staff, *, state: str = "") -> list[Complaint]:
    """Return the area's complaints that are open, or in one state, the most urgent first."""
    states = [state] if state in STATES else sorted(OPEN)
    rows = await area_of(staff).bind(Complaint.filter(state__in=states)).order_by("close_by").limit(MOST_SHOWN)
    return sorted(rows, key=lambda row: due_on(row) or date.max)


async def shop_names(rows: list[Complaint]) -> dict[UUID, str]:
    """Return the names of the shops that complaints are about."""
    return {shop.id: shop.name for shop in await list_merchants({row.merchant_id for row in rows})}


async def picture_of(runtime: Runtime, complaint: Complaint, picture_id: UUID, *, for_merchant: bool = False) -> bytes:
    """Return a picture of a complaint that the caller may see. Raises NotFound (404), for a shop also of a report."""
    if for_merchant and complaint.kind == "report":
        raise NotFound
    picture = _present(await ComplaintPicture.get_or_none(id=picture_id, complaint_id=complaint.id))
    return await read_picture(runtime, picture.file_id)


def _present(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row
