"""Plan a gathering, hold places, and count who came: the database holds the number of places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.divisions import divisions
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.gatherings.codes import is_good
from xinyi_rewards.gatherings.errors import CodeStale, GatheringFull, GatheringOver
from xinyi_rewards.gatherings.models import Gathering, GatheringGuest
from xinyi_rewards.gatherings.states import advance

DOORS = timedelta(minutes=30)
"""How long before its beginning and after its end somebody can be taken down as present."""
AHEAD = timedelta(days=366)
MOST_PLACES = 5_000
CANCELLED = NoticeKind("gathering.cancelled", about_loss=True)


@dataclass(frozen=True, slots=True)
class Attended:
    """Somebody came to a gathering; told in the same transaction, once a resident and gathering."""

    gathering_id: UUID
    resident_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is planned; times are aware, `division` is a community's code."""

    division: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int


async def plan_gathering(staff: Staff, plan: Plan, *, at: datetime) -> Gathering:
    """Plan a gathering in a community of one's area. Raises InvalidField (400)."""
    if not area_of(staff).covers(plan.division) or len(plan.division) != 12 or plan.division not in divisions():
        raise InvalidField(field="division", zh="请选择本辖区的社区。", en="Choose a community of your area.")
    for field, text in (("title", plan.title), ("place", plan.place)):
        if not 2 <= len(text.strip()) <= 80:
            raise InvalidField(field=field, zh="应为2–80个字符。", en="It has 2 to 80 characters.")
    # The year is asked first: an hour after the last day there is cannot be counted.
    if not (
        at < plan.starts_at <= at + AHEAD and plan.starts_at < plan.ends_at <= plan.starts_at + timedelta(hours=24)
    ):
        raise InvalidField(
            field="starts_at",
            zh="请填写一年内的开始时间和其后24小时内的结束时间。",
            en="It begins later, within a year, and ends within a day.",
        )
    if not 1 <= plan.capacity <= MOST_PLACES:
        raise InvalidField(field="capacity", zh=f"名额应为1–{MOST_PLACES}。", en=f"1 to {MOST_PLACES} places.")
    async with transaction():
        made = await Gathering.create(
            id=new_id(),
            division=plan.division,
            title=plan.title.strip(),
            place=plan.place.strip(),
            state="planned",
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            capacity=plan.capacity,
            made_by=staff.id,
            created_at=at,
        )
        await _record("plan", made.id, staff.label, at)
    return made


async def find_gathering(gathering_id: UUID, staff: Staff) -> Gathering:
    """Return a gathering of the area. Raises NotFound (404)."""
    found = await area_of(staff).bind(Gathering.filter(id=gathering_id)).first()
    if found is None:
        raise NotFound
    return found


async def sign_up(gathering_id: UUID, resident_id: UUID, *, at: datetime) -> None:
    """Hold a place; a second time changes nothing. Raises NotFound (404), GatheringOver and GatheringFull (409)."""
    gathering = await gathering_for_all(gathering_id)
    if gathering.state != "planned" or at >= gathering.ends_at:
        raise GatheringOver
    async with transaction():
        if await _enter(gathering_id, resident_id, at):
            await _record("sign_up", gathering_id, f"resident:{resident_id}", at)


async def give_place_back(gathering_id: UUID, resident_id: UUID, *, at: datetime) -> None:
    """Give one's place back, once, before one has come. Raises NotFound (404)."""
    async with transaction():
        mine = GatheringGuest.filter(gathering_id=gathering_id, resident_id=resident_id, attended_at=None)
        if not await mine.delete():
            raise NotFound
        await everywhere(Gathering).filter(id=gathering_id).update(taken=F("taken") - 1)
        await _record("give_back", gathering_id, f"resident:{resident_id}", at)


def are_doors_open(gathering: Gathering, *, at: datetime) -> bool:
    """Tell whether somebody can be taken down as present."""
    return gathering.starts_at - DOORS <= at <= gathering.ends_at + DOORS


def has_begun(gathering: Gathering, *, at: datetime) -> bool:
    """Tell whether it has begun: numbers can be put down from then on, and it can be cancelled until then."""
    return at >= gathering.starts_at


async def attend(runtime: Runtime, gathering_id: UUID, resident_id: UUID, code: str, *, at: datetime) -> bool:
    """Be taken down as present by the code of the moment; True the first time. Who did not sign up takes a free place.

    From the beginning on, where none is free, she takes that of somebody who has not come: the last who signed up. As
    many hold places as before, so that there are never more than the room has.
    Raises NotFound (404), GatheringOver and GatheringFull (409), CodeStale (422).
    """
    gathering = await gathering_for_all(gathering_id)
    if gathering.state == "cancelled" or not are_doors_open(gathering, at=at):
        raise GatheringOver
    if not is_good(runtime.keys, gathering_id, code, at):
        raise CodeStale
    async with transaction():
        await _enter(gathering_id, resident_id, at, instead=at >= gathering.starts_at)
        guest = GatheringGuest.filter(gathering_id=gathering_id, resident_id=resident_id, attended_at=None)
        while not await guest.update(attended_at=at):
            if await _has_come(gathering_id, resident_id):
                return False
            await _enter(gathering_id, resident_id, at, instead=at >= gathering.starts_at)  # it went to somebody else
        await _record("attend", gathering_id, f"resident:{resident_id}", at)
        await runtime.events.publish(Attended(gathering_id, resident_id, at))
    return True


async def _has_come(gathering_id: UUID, resident_id: UUID) -> bool:
    mine = GatheringGuest.filter(gathering_id=gathering_id, resident_id=resident_id)
    return await mine.filter(attended_at__isnull=False).exists()


async def _enter(gathering_id: UUID, resident_id: UUID, at: datetime, *, instead: bool = False) -> bool:
    """Take a place, last of all the count: its row is the hot one. False where she holds one already.

    `instead`: where all are taken, of somebody who has not come.
    """
    row: dict[str, object] = {
        "id": new_id(), "gathering_id": gathering_id, "resident_id": resident_id, "signed_up_at": at
    }  # fmt: skip
    if not await bulk_insert(GatheringGuest, [row], skip_conflicts=True):
        return False
    free = everywhere(Gathering).filter(id=gathering_id, taken__lt=F("capacity")).exclude(state="cancelled")
    if await free.update(taken=F("taken") + 1):
        return True
    if not (instead and await _release_one(gathering_id, resident_id, at)):
        raise GatheringFull
    return True


async def _release_one(gathering_id: UUID, comer: UUID, at: datetime) -> bool:
    """Give up the place of one who has not come; False where all have. Two comers at once never release the same."""
    waiting = everywhere(GatheringGuest).filter(gathering_id=gathering_id, attended_at=None)
    while (last := await waiting.exclude(resident_id=comer).order_by("-signed_up_at", "-id").first()) is not None:
        if await everywhere(GatheringGuest).filter(id=last.id, attended_at=None).delete():
            await _record("release", gathering_id, f"resident:{last.resident_id}", at)
            return True
    return False


async def settle_gathering(gathering_id: UUID, staff: Staff, *, heads: int, materials: int, at: datetime) -> None:
    """Put down who came without a phone and what was handed out, after its beginning; again until it is right.

    Raises NotFound (404), InvalidField (400), GatheringOver (409).
    """
    gathering = await find_gathering(gathering_id, staff)
    if not (0 <= heads <= MOST_PLACES and 0 <= materials <= 100_000):
        raise InvalidField(field="heads", zh="人数或份数有误。", en="These numbers are wrong.")
    if gathering.state == "cancelled" or not has_begun(gathering, at=at):
        raise GatheringOver
    async with transaction():
        state = "done" if at >= gathering.ends_at else gathering.state
        same = Gathering.filter(id=gathering_id, state=gathering.state)
        if not await same.update(heads=heads, materials=materials, state=state, settled_at=at):
            raise GatheringOver
        await _record("settle", gathering_id, staff.label, at, heads=heads, materials=materials)


async def cancel_gathering(gathering_id: UUID, staff: Staff, *, reason: str, at: datetime) -> None:
    """Cancel what has not begun, with the reason; everybody who signed up is told.

    Raises NotFound (404), InvalidField (400), TransitionForbidden and GatheringOver (409).
    """
    gathering = await find_gathering(gathering_id, staff)
    if not 2 <= len(reason.strip()) <= 200:
        raise InvalidField(field="reason", zh="请填写取消原因。", en="Give the reason.")
    state = advance(gathering.state, "cancel")
    if has_begun(gathering, at=at):
        raise GatheringOver
    async with transaction():
        planned = Gathering.filter(id=gathering_id, state="planned")
        if not await planned.update(state=state, reason=reason.strip()):
            raise GatheringOver
        await _record("cancel", gathering_id, staff.label, at)
        for guest in await GatheringGuest.filter(gathering_id=gathering_id):
            await notify(_cancelled(gathering, guest.resident_id, reason.strip()), at=at)


def _cancelled(gathering: Gathering, resident_id: UUID, reason: str) -> News:
    return News(
        resident_id=resident_id,
        kind=CANCELLED,
        dedupe=f"gathering:{gathering.id}:cancelled:{resident_id}",
        title=Text(f"活动取消:{gathering.title}", f"Cancelled: {gathering.title}"),
        body=Text(f"原因:{reason}", f"The reason: {reason}"),
        link="/app/gatherings",
    )


async def finish_due(now: datetime, *, limit: int = 500) -> int:
    """Close the gatherings whose time is over. Returns how many."""
    over = everywhere(Gathering).filter(state="planned", ends_at__lte=now - DOORS).limit(limit)
    ids: list[UUID] = await over.values_list("id", flat=True)  # type: ignore[assignment]
    return await everywhere(Gathering).filter(id__in=ids, state="planned").update(state="done")


async def gathering_for_all(gathering_id: UUID) -> Gathering:
    """Return a gathering of whichever community. Raises NotFound (404)."""
    gathering = await everywhere(Gathering).get_or_none(id=gathering_id)
    if gathering is None:
        raise NotFound
    return gathering


async def _record(act: str, gathering_id: UUID, actor: str, at: datetime, **detail: object) -> None:
    await audit.record(
        f"gathering.{act}", actor=actor, object_kind="gathering", object_id=gathering_id, detail=detail, at=at
    )
