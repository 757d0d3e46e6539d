"""Ask for a guardianship, decide on it, end it: each act in one transaction with its trail and what both are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound, TransitionForbidden
from xinyi_platform.guardianships.errors import ChildCannotEnd, GuardianshipOpen, OwnGuardianship, WardNotFound
from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.guardianships.states import CHILD_BELOW_YEARS, TRANSITIONS, Relation
from xinyi_platform.identity import find_resident_by_identity, find_resident_by_phone, resident_basics
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify
from xinyi_platform.principals import Staff
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.transitions import next_state

CHANGED = NoticeKind("guardianship.changed")
TITLES = {
    "ask": Text("有人申请成为您的监护人或照护人", "Somebody asks to be your guardian or carer"),
    "confirm": Text("监护关系已确认", "A guardianship was confirmed"),
    "refuse": Text("监护关系申请未通过", "A guardianship was refused"),
    "end": Text("监护关系已结束", "A guardianship has ended"),
}
BODY = Text(
    "请在“监护关系”页面查看;不属实可以在那里结束。", "See the page of guardianships; what is not true you end there."
)


@dataclass(frozen=True, slots=True)
class Ward:
    """The person cared for, by name and either identity number or phone."""

    name: str
    identity_number: str = ""
    phone: str = ""


async def ask_guardianship(
    runtime: Runtime, guardian_id: UUID, ward: Ward, relation: Relation, *, at: datetime
) -> Guardianship:
    """Ask to be somebody's guardian or carer. Raises WardNotFound (422), GuardianshipOpen (409)."""
    await limit(runtime.cache, f"guardianship:{guardian_id}", times=10, per_seconds=86_400)
    ward_id = await _find(runtime, ward)
    if ward_id is None or ward_id == guardian_id:
        raise WardNotFound
    lives = (await resident_basics([ward_id]))[ward_id].division
    try:
        async with transaction():
            row = await Guardianship.create(
                id=new_id(), guardian_id=guardian_id, ward_id=ward_id, relation=relation, state="asked",
                division=lives, asked_at=at,
            )  # fmt: skip
            await _record("ask", row, f"resident:{guardian_id}", at, [ward_id])
    except IntegrityError as error:
        raise GuardianshipOpen from error
    return row


async def _find(runtime: Runtime, ward: Ward) -> UUID | None:
    if ward.identity_number:
        found = await find_resident_by_identity(runtime, ward.name, ward.identity_number)
        return found if found and found in await resident_basics([found]) else None
    return await find_resident_by_phone(runtime, ward.name, ward.phone) if ward.phone else None


async def decide_guardianship(
    guardianship_id: UUID, staff: Staff, *, confirmed: bool, reason: str, at: datetime
) -> Guardianship:
    """Confirm or refuse what was asked for in the area of staff. Raises NotFound (404), TransitionForbidden (409)."""
    row = await area_of(staff).bind(Guardianship.filter(id=guardianship_id)).first()
    if row is None:
        raise NotFound
    if staff.id in (row.guardian_id, row.ward_id):
        raise OwnGuardianship
    event = "confirm" if confirmed else "refuse"
    values: dict[str, object] = {"decided_at": at, "decided_by": staff.id, "reason": reason}
    return await _change(row, event, staff.label, at, values, [row.guardian_id, row.ward_id])


async def end_guardianship(guardianship_id: UUID, resident_id: UUID, *, at: datetime) -> Guardianship:
    """End it as guardian or ward. Raises NotFound (404, also for another's), ChildCannotEnd, TransitionForbidden."""
    row = await Guardianship.get_or_none(id=guardianship_id)
    if row is None or resident_id not in (row.guardian_id, row.ward_id):
        raise NotFound
    if resident_id == row.ward_id and row.state == "confirmed" and await _is_child(resident_id, at):
        raise ChildCannotEnd
    other = row.ward_id if resident_id == row.guardian_id else row.guardian_id
    return await _change(row, "end", f"resident:{resident_id}", at, {"ended_at": at}, [other])


async def _is_child(resident_id: UUID, at: datetime) -> bool:
    born, today = (await resident_basics([resident_id]))[resident_id].birth_date, local_date(at)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < CHILD_BELOW_YEARS


async def _change(
    row: Guardianship, event: str, actor: str, at: datetime, values: dict[str, object], told: list[UUID]
) -> Guardianship:
    state = next_state(TRANSITIONS, kind="guardianship", state=row.state, event=event)
    slot = "live" if state == "confirmed" else str(row.id)
    async with transaction():
        changed = await Guardianship.filter(id=row.id, state=row.state).update(state=state, slot=slot, **values)
        if not changed:
            raise TransitionForbidden(kind="guardianship", state=row.state, event=event)
        await _record(event, row, actor, at, told)
    return await Guardianship.get(id=row.id)


async def _record(event: str, row: Guardianship, actor: str, at: datetime, told: list[UUID]) -> None:
    await audit.record(
        f"guardianship.{event}", actor=actor, object_kind="guardianship", object_id=row.id,
        detail={"relation": row.relation}, at=at,
    )  # fmt: skip
    for resident_id in told:
        dedupe = f"guardianship:{row.id}:{event}"
        news = News(
            resident_id=resident_id, kind=CHANGED, dedupe=dedupe, title=TITLES[event], body=BODY,
            link="/app/guardianships",
        )  # fmt: skip
        await notify(news, at=at)
