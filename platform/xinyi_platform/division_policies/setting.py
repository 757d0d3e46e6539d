"""Set a value for a division: proposed by its credit office, approved by another person, never wider than above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.division_policies.errors import OwnPolicy, PolicyDecided, PolicyWaiting, PolicyWidens
from xinyi_platform.division_policies.models import DivisionPolicy
from xinyi_platform.division_policies.reading import above
from xinyi_platform.division_policies.states import DECIDERS, TRANSITIONS
from xinyi_platform.divisions import division_name, parent_of
from xinyi_platform.errors import Forbidden, InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of
from xinyi_platform.tenancy.narrowing import Parameter, Topic, Value, checked_value, is_wider, shown_value, topics
from xinyi_platform.transitions import next_state

LATEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A value for a division; None gives its own value up, and what is above holds again."""

    division: str
    topic: str
    key: str
    parameter: str
    value: int | str | list[str] | None
    in_force_from: date
    reason: str


async def propose_policy(staff: Staff, proposal: Proposal, *, at: datetime) -> DivisionPolicy:
    """Propose a value for a division of one's area; another person decides.

    Raises NotFound (404) for a division elsewhere, InvalidField (400), PolicyWidens (422) with what holds above, and
    PolicyWaiting (409).
    """
    area_of(staff).require(proposal.division)
    topic, parameter = _named(proposal)
    value = None if proposal.value is None else checked_value(parameter, proposal.value)
    today = local_date(at)
    if not today <= proposal.in_force_from <= today + LATEST:
        raise InvalidField(
            field="in_force_from", zh="生效日期应在今天起一年内。", en="It begins within a year, not before today."
        )
    await _check(topic, parameter, proposal.key, proposal.division, value, on=proposal.in_force_from)
    row: dict[str, Any] = {
        "division": proposal.division, "topic": topic.name, "key": proposal.key,
        "parameter": parameter.name, "value": value, "in_force_from": proposal.in_force_from,
        "reason": _reason(proposal.reason), "state": "proposed", "slot": "open", "maker_id": staff.id,
        "maker_person": staff.person, "made_at": at, "decision_reason": "",
    }  # fmt: skip
    try:
        async with transaction():
            made = await DivisionPolicy.create(id=new_id(), **row)
            await _record("propose", made, staff, at)
    except IntegrityError as error:
        raise PolicyWaiting from error
    return made


async def decide_policy(policy_id: UUID, staff: Staff, act: str, *, reason: str, at: datetime) -> DivisionPolicy:
    """Approve or refuse what another person proposed (`approve`, `refuse`), or take one's own back (`withdraw`).

    What is approved late begins that day. Raises NotFound (404, also outside the area), OwnPolicy and Forbidden (403),
    InvalidField (400), PolicyDecided (409), and PolicyWidens (422) where the area above has become stricter since.
    """
    row = await area_of(staff).bind(DivisionPolicy.filter(id=policy_id)).first()
    if row is None:
        raise NotFound
    if act not in TRANSITIONS["proposed"]:
        raise InvalidField(
            field="act", zh="请选择批准、不通过或撤回。", en="Choose to approve, to refuse or to withdraw."
        )
    values = _decision(row, staff, act, reason, at)
    state = next_state(TRANSITIONS, kind="division_policy", state=row.state, event=act)
    first = max(row.in_force_from, local_date(at)) if act == "approve" else row.in_force_from
    async with transaction():
        waiting = DivisionPolicy.filter(id=row.id, state="proposed")
        if not await waiting.update(state=state, slot=str(row.id), in_force_from=first, **values):
            raise PolicyDecided
        if act == "approve":
            topic, parameter = _named(row)
            await _check(topic, parameter, row.key, row.division, row.value, on=first)
        await _record(act, row, staff, at)
    return await DivisionPolicy.get(id=row.id)


def _decision(row: DivisionPolicy, staff: Staff, act: str, reason: str, at: datetime) -> dict[str, object]:
    is_own = row.maker_person == staff.person
    if act == "withdraw":
        if not is_own:
            raise Forbidden
        return {"decision_reason": ""}
    if is_own:
        raise OwnPolicy
    if not staff.roles & frozenset(DECIDERS):
        raise Forbidden
    told = _reason(reason) if act == "refuse" else reason.strip()[:200]
    return {
        "decider_id": staff.id, "decider_person": staff.person, "decided_at": at, "decision_reason": told,
    }  # fmt: skip


def _named(named: Proposal | DivisionPolicy) -> tuple[Topic, Parameter]:
    topic = topics().get(named.topic)
    if topic is None:
        raise InvalidField(field="topic", zh="请选择规定类别。", en="Choose what it is about.")
    if named.key not in topic.bases():
        raise InvalidField(field="key", zh="请选择对象。", en="Choose for what it is set.")
    return topic, topic.parameter(named.parameter)


async def _check(topic: Topic, parameter: Parameter, key: str, division: str, value: Value | None, *, on: date) -> None:
    if value is None:
        return
    inherited = await above(topic, key, parameter, division, on=on)
    if is_wider(parameter, value, inherited):
        parent = parent_of(division)
        where = division_name(parent) if parent else Text("全市基准", "The city's base")
        raise PolicyWidens(above=shown_value(inherited), zh=where.zh, en=where.en)


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not 2 <= len(reason) <= 200:
        raise InvalidField(field="reason", zh="请用2–200字说明理由。", en="Give the reason in 2 to 200 characters.")
    return reason


async def _record(act: str, row: DivisionPolicy, staff: Staff, at: datetime) -> None:
    detail: dict[str, object] = {"policy": f"{row.topic}.{row.key}.{row.parameter}", "value": shown_value(row.value)}
    await audit.record(
        f"division_policy.{act}",
        actor=staff.label,
        object_kind="division",
        object_id=row.division,
        detail=detail,
        at=at,
    )
