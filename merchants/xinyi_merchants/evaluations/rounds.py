"""Make a round and take its steps; every step is one conditional update with its line in the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from xinyi_merchants.evaluations.criteria import CRITERIA, LATEST
from xinyi_merchants.evaluations.errors import OwnRound, RoundChanged
from xinyi_merchants.evaluations.models import EvaluationRound
from xinyi_merchants.evaluations.states import CONFIRMED, advance
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a round is to be. The survey lies within the round's days."""

    title: str
    opens_on: date
    closes_on: date
    survey_from: date
    survey_until: date
    notice_days: int = 7
    validity_days: int = 365
    criteria: str = LATEST


def checked(plan: Plan) -> Plan:
    """Return the plan when every field is right. Raises InvalidField (400)."""
    if not 2 <= len(plan.title.strip()) <= 80:
        raise InvalidField(field="title", zh="名称为2–80字。", en="A title has 2 to 80 characters.")
    if not plan.opens_on <= plan.survey_from <= plan.survey_until <= plan.closes_on:
        raise InvalidField(
            field="survey_from", zh="问卷期须在评定期之内。", en="The survey must lie within the round's days."
        )
    if not 7 <= plan.notice_days <= 60:
        raise InvalidField(field="notice_days", zh="公示期为7–60日。", en="The notice takes 7 to 60 days.")
    if not 30 <= plan.validity_days <= 1_096:
        raise InvalidField(field="validity_days", zh="有效期为30–1096日。", en="The validity is 30 to 1,096 days.")
    if plan.criteria not in CRITERIA:
        raise InvalidField(field="criteria", zh="没有这个标准版本。", en="There is no such version of the criteria.")
    return plan


async def make_round(plan: Plan, maker: Staff, *, at: datetime) -> EvaluationRound:
    """Make a draft. Raises InvalidField (400)."""
    plan = checked(plan)
    async with transaction():
        made = await EvaluationRound.create(
            id=new_id(),
            title=plan.title.strip(),
            criteria=plan.criteria,
            state="draft",
            opens_on=plan.opens_on,
            closes_on=plan.closes_on,
            survey_from=plan.survey_from,
            survey_until=plan.survey_until,
            notice_days=plan.notice_days,
            validity_days=plan.validity_days,
            maker_id=maker.id,
            maker_person=maker.person,
            created_at=at,
            changed_at=at,
        )
        await record(made.id, "make", maker.label, at)
    return made


async def find_round(round_id: UUID) -> EvaluationRound:
    """Return a round. Raises NotFound (404)."""
    found = await EvaluationRound.get_or_none(id=round_id)
    if found is None:
        raise NotFound
    return found


async def step_round(row: EvaluationRound, event: str, *, actor: str, at: datetime, **changes: object) -> None:
    """Take an edge of the table in the caller's transaction. Raises TransitionForbidden and RoundChanged (409)."""
    target = advance(row.state, event)
    if not await EvaluationRound.filter(id=row.id, state=row.state).update(state=target, changed_at=at, **changes):
        raise RoundChanged
    await record(row.id, event, actor, at)


async def take_step(round_id: UUID, event: str, staff: Staff, *, at: datetime) -> None:
    """Open, cancel, or confirm the result and give notice of it; awarding and computing have rooms of their own.

    Raises NotFound (404), OwnRound (403), TransitionForbidden and RoundChanged (409).
    """
    row = await find_round(round_id)
    advance(row.state, event)
    refuse_maker(row, event, staff)
    changes: dict[str, object] = {}
    if event == "notice":
        until = local_date(at) + timedelta(days=row.notice_days)
        changes = {"notice_until": until, "noticed_person": staff.person}
    async with transaction():
        await step_round(row, event, actor=staff.label, at=at, **changes)


def refuse_maker(row: EvaluationRound, event: str, staff: Staff) -> None:
    """Raise OwnRound (403) where the maker would confirm her own round, by whichever account."""
    if event in CONFIRMED and staff.person == row.maker_person:
        raise OwnRound


async def record(round_id: UUID, act: str, actor: str, at: datetime, **detail: object) -> None:
    """Write a line of the trail in the caller's transaction."""
    await audit.record(
        f"evaluation.{act}", actor=actor, object_kind="evaluation_round", object_id=round_id, detail=detail, at=at
    )
