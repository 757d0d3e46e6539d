"""The claim: one transaction in which a unit of a quota becomes a resident's entitlement.

Order of the writes: idempotency, entitlement, ledger, audit, outbox, and last the quota, whose row everybody
wants. Members of a group stand alone: who has claimed before, repeats a key or comes after the last unit gets
that answer, in order of arrival, and the others go on. Only a granted claim keeps its idempotency row; a
refusal is a plain reading of the same facts and may be asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_platform.audit import AuditEntry, audit_row
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import TooManyRequests
from xinyi_platform.idempotency import IdempotencyKeyReused, IdempotencyRecord
from xinyi_platform.ids import new_id, new_public_code
from xinyi_platform.outbox import OutboxEvent, outbox_row
from xinyi_scenarios.claims.errors import AlreadyClaimed, ClaimsClosed, SoldOut
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.ledger import Journal, book_many
from xinyi_scenarios.quotas import take_units
from xinyi_scenarios.quotas.models import Quota

IDEMPOTENCY_DAYS = 2
ISSUED, RESERVED = "issued", "reserved"
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOrder:
    """What is claimed, already decided. `state` is issued, or reserved until `reserved_until` when pending."""

    scenario: str
    version: int
    resident_id: UUID
    period: str
    quota_id: UUID
    benefit: dict[str, object]
    valid_until: datetime
    scope: str
    key: str
    fingerprint: str
    at: datetime
    decision_id: UUID | None = None
    state: str = ISSUED
    reserved_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """The answer to a claim: the entitlement, and whether it repeats an earlier answer to the same key."""

    entitlement_id: UUID
    replayed: bool


class _Shortfall(Exception):
    """The quota moved between reading and taking; the group was rolled back and is tried again."""


async def settle_claims(orders: Sequence[ClaimOrder]) -> Sequence[Claimed | Exception]:
    """Settle a group of claims on one quota in one transaction; one answer each, in their order."""
    for _ in range(_ATTEMPTS):
        try:
            async with transaction():
                return await _settle(orders)
        except _Shortfall:
            continue
    return [TooManyRequests(retry_after_seconds=1) for _ in orders]


async def _settle(orders: Sequence[ClaimOrder]) -> Sequence[Claimed | Exception]:
    quota = await Quota.get(id=orders[0].quota_id)
    answers = await _earlier_answers(orders)
    fresh = _first_of_each_key(orders, answers)
    if not quota.is_open:
        return _complete(orders, answers | {i: ClaimsClosed(scenario=orders[i].scenario) for i in fresh})
    winners = await _enter(orders, fresh, quota.total - quota.used, answers)
    if winners:
        await _grant(orders, winners, quota.id)
    answers |= {place: Claimed(entitlement_id, replayed=False) for place, entitlement_id in winners.items()}
    return _complete(orders, answers)


async def _earlier_answers(orders: Sequence[ClaimOrder]) -> dict[int, Claimed | Exception]:
    """Answer the members whose key has been answered before: the same claim again, or 422 for another body."""
    rows = await IdempotencyRecord.filter(scope__in=[o.scope for o in orders], key__in=[o.key for o in orders]).only(
        "scope", "key", "fingerprint", "body"
    )
    stored = {(row.scope, row.key): row for row in rows}
    answers: dict[int, Claimed | Exception] = {}
    for place, order in enumerate(orders):
        row = stored.get((order.scope, order.key))
        if row is None:
            continue
        same = row.fingerprint == order.fingerprint
        answers[place] = Claimed(UUID(str(row.body["entitlement"])), replayed=True) if same else IdempotencyKeyReused()
    return answers


def _first_of_each_key(orders: Sequence[ClaimOrder], answers: dict[int, Claimed | Exception]) -> list[int]:
    first: dict[tuple[str, str], int] = {}
    for place, order in enumerate(orders):
        if place not in answers:
            first.setdefault((order.scope, order.key), place)
    return list(first.values())


async def _enter(
    orders: Sequence[ClaimOrder], fresh: Sequence[int], left: int, answers: dict[int, Claimed | Exception]
) -> dict[int, UUID]:
    """Insert the entitlements of those who may win; refuse the others into `answers`. Returns place → id."""
    holders = await _who_hold(orders, fresh)
    able: list[int] = []
    for place in fresh:
        order = orders[place]
        if (order.resident_id, order.period) in holders:
            answers[place] = AlreadyClaimed(scenario=order.scenario, period=order.period)
        elif len(able) >= left:
            answers[place] = SoldOut(scenario=order.scenario, period=order.period)
        else:
            holders.add((order.resident_id, order.period))
            able.append(place)
    ids = [new_id() for _ in able]
    rows = [_entitlement_row(entitlement_id, orders[place]) for entitlement_id, place in zip(ids, able, strict=True)]
    inserted = await bulk_insert(Entitlement, rows, skip_conflicts=True)
    if len(inserted) < len(rows):
        raise _Shortfall
    return dict(zip(able, ids, strict=True))


async def _who_hold(orders: Sequence[ClaimOrder], fresh: Sequence[int]) -> set[tuple[UUID, str]]:
    if not fresh:
        return set()
    residents = [orders[place].resident_id for place in fresh]
    slots = list({orders[place].period for place in fresh})
    scenario = orders[fresh[0]].scenario
    rows = await Entitlement.filter(scenario=scenario, resident_id__in=residents, slot__in=slots).values_list(
        "resident_id", "slot"
    )
    return {(resident_id, slot) for resident_id, slot in rows}


def _entitlement_row(entitlement_id: UUID, order: ClaimOrder) -> dict[str, object]:
    return {
        "id": entitlement_id,
        "code": new_public_code(),
        "scenario": order.scenario,
        "version": order.version,
        "resident_id": order.resident_id,
        "period": order.period,
        "slot": order.period,
        "quota_id": order.quota_id,
        "decision_id": order.decision_id,
        "state": order.state,
        "benefit": order.benefit,
        "created_at": order.at,
        "issued_at": order.at if order.state == ISSUED else None,
        "reserved_until": order.reserved_until,
        "valid_until": order.valid_until,
        "reason": "",
    }


async def _grant(orders: Sequence[ClaimOrder], winners: dict[int, UUID], quota_id: UUID) -> None:
    granted = [(orders[place], entitlement_id) for place, entitlement_id in winners.items()]
    records = [_idempotency_row(order, entitlement_id) for order, entitlement_id in granted]
    if len(await bulk_insert(IdempotencyRecord, records, skip_conflicts=True)) < len(records):
        raise _Shortfall
    await book_many([Journal("claim", quota_id, i) for _, i in granted], at=granted[0][0].at)
    await bulk_insert(AuditEntry, [_audit_row(order, i) for order, i in granted])
    await bulk_insert(OutboxEvent, [_outbox_row(order, i) for order, i in granted])
    if not await take_units(quota_id, len(granted)):
        raise _Shortfall


def _idempotency_row(order: ClaimOrder, entitlement_id: UUID) -> dict[str, object]:
    return {
        "id": new_id(),
        "scope": order.scope,
        "key": order.key,
        "fingerprint": order.fingerprint,
        "state": "done",
        "status": 201 if order.state == ISSUED else 202,
        "body": {"entitlement": str(entitlement_id)},
        "created_at": order.at,
        "expires_at": order.at + timedelta(days=IDEMPOTENCY_DAYS),
    }


def _audit_row(order: ClaimOrder, entitlement_id: UUID) -> dict[str, object]:
    return audit_row(
        f"entitlement.{order.state}",
        actor=f"resident:{order.resident_id}",
        object_kind="entitlement",
        object_id=entitlement_id,
        detail={"scenario": order.scenario, "period": order.period},
        at=order.at,
    )


def _outbox_row(order: ClaimOrder, entitlement_id: UUID) -> dict[str, object]:
    return outbox_row(
        f"entitlement.{order.state}",
        {"entitlement": str(entitlement_id), "scenario": order.scenario},
        audience=f"resident:{order.resident_id}",
        at=order.at,
    )


def _complete(orders: Sequence[ClaimOrder], answers: dict[int, Claimed | Exception]) -> list[Claimed | Exception]:
    """Give members that repeat a key within the group the first one's answer."""
    by_key = {
        (orders[i].scope, orders[i].key): (orders[i].fingerprint, answers[i]) for i in sorted(answers, reverse=True)
    }
    complete: list[Claimed | Exception] = []
    for place, order in enumerate(orders):
        if place in answers:
            complete.append(answers[place])
            continue
        fingerprint, answer = by_key[order.scope, order.key]
        if fingerprint != order.fingerprint:
            complete.append(IdempotencyKeyReused())
        else:
            complete.append(Claimed(answer.entitlement_id, replayed=True) if isinstance(answer, Claimed) else answer)
    return complete
