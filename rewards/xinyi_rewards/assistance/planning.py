"""What staff do with a training session: plan it, cancel it, put down who attended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.divisions import divisions
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of
from xinyi_rewards.assistance.errors import TrainingNotOpen
from xinyi_rewards.assistance.models import TrainingBooking, TrainingSession
from xinyi_rewards.assistance.policy import help_policy
from xinyi_rewards.assistance.states import advance_training
from xinyi_rewards.assistance.telling import tell_cancelled
from xinyi_rewards.repairs.handling import required


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """What is planned; times are aware. Who lives or trades in `division` can book; online, `place` is an address."""

    division: str
    title: str
    place: str
    is_online: bool
    starts_at: datetime
    ends_at: datetime
    capacity: int


async def plan_training(staff: Staff, plan: TrainingPlan, *, at: datetime) -> TrainingSession:
    """Plan a session for a division of one's area. Raises InvalidField (400)."""
    _check(staff, plan, at)
    async with transaction():
        made = await TrainingSession.create(
            id=new_id(),
            division=plan.division,
            title=plan.title.strip(),
            place=plan.place.strip(),
            is_online=plan.is_online,
            state="planned",
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            capacity=plan.capacity,
            made_by=staff.id,
            created_at=at,
        )
        await record_training("plan", made.id, staff.label, at)
    return made


def _check(staff: Staff, plan: TrainingPlan, at: datetime) -> None:
    policy = help_policy()
    if plan.division not in divisions() or not area_of(staff).covers(plan.division):
        raise InvalidField(field="division", zh="请选择本辖区。", en="Choose a division of your area.")
    if not 2 <= len(plan.title.strip()) <= 80:
        raise InvalidField(field="title", zh="名称应为2–80个字符。", en="The title has 2 to 80 characters.")
    if not 2 <= len(plan.place.strip()) <= 200 or plan.is_online != plan.place.strip().startswith("https://"):
        raise InvalidField(
            field="place",
            zh="请填写地点;线上培训请填写https://开头的地址。",
            en="Give the place; for an online training an address that begins with https://.",
        )
    if not at < plan.starts_at < plan.ends_at <= plan.starts_at + timedelta(hours=policy.longest_hours):
        raise InvalidField(
            field="starts_at",
            zh=f"请填写将来的开始时间和{policy.longest_hours}小时内的结束时间。",
            en=f"It begins later and ends within {policy.longest_hours} hours.",
        )
    require_near(plan.starts_at, "starts_at", at=at)
    if not 1 <= plan.capacity <= policy.most_places:
        raise InvalidField(
            field="capacity", zh=f"名额应为1–{policy.most_places}。", en=f"1 to {policy.most_places} places."
        )


def require_near(when: datetime, field: str, *, at: datetime) -> None:
    """Raise InvalidField (400) for what is further ahead than the policy lets staff plan."""
    days = help_policy().most_days_ahead
    if when > at + timedelta(days=days):
        raise InvalidField(field=field, zh=f"请填写{days}天内的时间。", en=f"It is at most {days} days ahead.")


async def find_training(training_id: UUID, staff: Staff) -> TrainingSession:
    """Return a session of one's area. Raises NotFound (404)."""
    found = await area_of(staff).bind(TrainingSession.filter(id=training_id)).first()
    if found is None:
        raise NotFound
    return found


async def cancel_training(training_id: UUID, staff: Staff, *, reason: str, at: datetime) -> None:
    """Cancel what has not begun, with the reason; everybody who holds a place is told.

    Raises NotFound (404), InvalidField (400), TransitionForbidden and TrainingNotOpen (409).
    """
    training, why = await find_training(training_id, staff), required(reason, "reason", 200)
    state = advance_training(training.state, "cancel")
    if at >= training.starts_at:
        raise TrainingNotOpen
    async with transaction():
        if not await TrainingSession.filter(id=training_id, state="planned").update(state=state, reason=why):
            raise TrainingNotOpen
        await record_training("cancel", training_id, staff.label, at)
        for booking in await TrainingBooking.filter(training_id=training_id):
            await tell_cancelled(booking, training, why, at=at)


async def put_down_attended(training_id: UUID, staff: Staff, came: Collection[UUID], *, at: datetime) -> int:
    """Put down which bookings' holders attended, all of them, after the beginning; again until it is right.

    Returns how many attended. Raises NotFound (404), TrainingNotOpen (409).
    """
    training = await find_training(training_id, staff)
    if training.state != "planned" or at < training.starts_at:
        raise TrainingNotOpen
    bookings = TrainingBooking.filter(training_id=training_id)
    async with transaction():
        await bookings.filter(attended_at__isnull=False).exclude(id__in=list(came)).update(attended_at=None)
        await bookings.filter(attended_at=None, id__in=list(came)).update(attended_at=at)
        number = await bookings.filter(attended_at__isnull=False).count()
        await record_training("attendance", training_id, staff.label, at, came=number)
    return number


async def record_training(act: str, training_id: UUID, actor: str, at: datetime, **detail: object) -> None:
    """Put an act on a session on the trail; joins the caller's transaction."""
    await audit.record(
        f"training_session.{act}", actor=actor, object_kind="training_session", object_id=training_id, detail=detail,
        at=at,
    )  # fmt: skip
