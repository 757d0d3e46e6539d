"""The claim: one transaction in which a unit of a quota becomes a resident's entitlement.

Order of the writes: idempotency, entitlement, ledger, audit, outbox, and last the quotas, the narrow ones first and
the one whose row everybody wants at the end. Members of a group stand alone: who has claimed before, repeats a key
or comes after the last unit gets that answer, in order of arrival, and the others go on. Only a granted claim keeps
its idempotency row; a refusal is a plain reading of the same facts and may be asked again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
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
from xinyi_scenarios.entitlements.reading import EntitlementAnswer, answer_from, answer_of
from xinyi_scenarios.ledger import Journal, book_many
from xinyi_scenarios.quotas import UNITS, Hold, QuotaView, rank_of, read_quotas, take_units

IDEMPOTENCY_DAYS = 2
ISSUED, RESERVED = "issued", "reserved"
_ATTEMPTS = 8

Answered = TypeVar("Answered")
Result = TypeVar("Result")


class Keyed(Protocol):
    """What asks for something once: who and where, the key, and a digest of what is asked."""

    @property
    def scope(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def fingerprint(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimOrder:
    """What is claimed, already decided. `state` is issued, or reserved until `reserved_until` when pending.

    `holds` is what it takes besides a unit of the main quota; `times` how often a resident may claim in the period.
    """

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
    holds: tuple[Hold, ...] = ()
    times: int = 1


@dataclass(frozen=True, slots=True)
class Claimed:
    """The answer to a claim: the entitlement, and whether it repeats an earlier answer to the same key."""

    held: EntitlementAnswer
    replayed: bool


class _Shortfall(Exception):
    """The quota moved between reading and taking; the group was rolled back and is tried again."""


async def settle_claims(orders: Sequence[ClaimOrder]) -> Sequence[Claimed | Exception]:
    """Settle a group of claims on one quota in one transaction; one answer each, in their order."""

    async def settle() -> Sequence[Claimed | Exception]:
        answers = await earlier_answers(orders)
        fresh = first_of_each_key(orders, answers)
        granted = await grant_claims([orders[place] for place in fresh])
        return complete(orders, {**answers, **dict(zip(fresh, granted, strict=True))})

    return await until_settled(settle) or [TooManyRequests(retry_after_seconds=1) for _ in orders]


async def until_settled(settle: Callable[[], Awaitable[Result]]) -> Result | None:
    """Run `settle` in a transaction, again where another process moved the quota meanwhile; None when it keeps on."""
    for _ in range(_ATTEMPTS):
        try:
            async with transaction():
                return await settle()
        except _Shortfall:
            continue
    return None


async def grant_claims(orders: Sequence[ClaimOrder]) -> list[Claimed | Exception]:
    """Give what is left of one scene's quotas to orders of different keys, in the transaction of `until_settled`."""
    if not orders:
        return []
    quotas = await read_quotas({orders[0].quota_id} | {hold.quota_id for order in orders for hold in order.holds})
    entered = await _enter(orders, quotas)
    winners = [(orders[place], held) for place, held in enumerate(entered) if isinstance(held, EntitlementAnswer)]
    if winners:
        await _grant(winners, quotas)
    return [Claimed(held, replayed=False) if isinstance(held, EntitlementAnswer) else held for held in entered]


async def earlier_answers(asks: Sequence[Keyed]) -> dict[int, Claimed | Exception]:
    """Answer the members whose key has been answered before: the same claim again, or 422 for another body."""
    rows = await IdempotencyRecord.filter(scope__in=[o.scope for o in asks], key__in=[o.key for o in asks]).only(
        "scope", "key", "fingerprint", "body"
    )
    stored = {(row.scope, row.key): row for row in rows}
    places = {place: stored[ask.scope, ask.key] for place, ask in enumerate(asks) if (ask.scope, ask.key) in stored}
    if not places:
        return {}
    ids = {row.body["entitlement"] for row in places.values()}
    held = {str(row.id): answer_of(row) for row in await Entitlement.filter(id__in=list(ids))}
    return {
        place: Claimed(held[str(row.body["entitlement"])], replayed=True)
        if row.fingerprint == asks[place].fingerprint
        else IdempotencyKeyReused()
        for place, row in places.items()
    }


def first_of_each_key(asks: Sequence[Keyed], answers: Mapping[int, object]) -> list[int]:
    """Return the places of those that have no answer yet and are the first with their key."""
    first: dict[tuple[str, str], int] = {}
    for place, ask in enumerate(asks):
        if place not in answers:
            first.setdefault((ask.scope, ask.key), place)
    return list(first.values())


async def _enter(orders: Sequence[ClaimOrder], quotas: Mapping[UUID, QuotaView]) -> list[EntitlementAnswer | Exception]:
    """Insert the entitlements of those who may win; tell the others why not."""
    slots = await _taken_slots(orders)
    left = {quota.id: quota.left for quota in quotas.values()}
    entered: list[EntitlementAnswer | Exception] = []
    rows: list[dict[str, object]] = []
    for order in orders:
        slot = _free_slot(order, slots)
        short = _short_of(order, quotas, left)
        if slot is None:
            entered.append(AlreadyClaimed.of(order.scenario, order.period, order.times))
        elif short is not None:
            entered.append(short)
        else:
            slots.add((order.resident_id, slot))
            for hold in _all_holds(order):
                left[hold.quota_id] -= hold.amount
            rows.append(_entitlement_row(new_id(), order, slot))
            entered.append(answer_from(rows[-1]))
    inserted = await bulk_insert(Entitlement, rows, skip_conflicts=True)
    if len(inserted) < len(rows):
        raise _Shortfall
    return entered


def _all_holds(order: ClaimOrder) -> tuple[Hold, ...]:
    return (*order.holds, Hold(order.quota_id, UNITS, 1))


def _short_of(order: ClaimOrder, quotas: Mapping[UUID, QuotaView], left: Mapping[UUID, int]) -> Exception | None:
    """Return why an order cannot be served: the scene is closed, or which of its rows has too little left."""
    needed = [(quotas[hold.quota_id], hold.amount) for hold in _all_holds(order)]
    if not all(quota.is_open for quota, _ in needed):
        return ClaimsClosed(scenario=order.scenario)
    return next((SoldOut.of(quota) for quota, amount in reversed(needed) if left[quota.id] < amount), None)


async def _taken_slots(orders: Sequence[ClaimOrder]) -> set[tuple[UUID, str]]:
    residents = [order.resident_id for order in orders]
    periods = list({order.period for order in orders})
    rows = await Entitlement.filter(
        scenario=orders[0].scenario, resident_id__in=residents, period__in=periods
    ).values_list("resident_id", "slot")
    return {(resident_id, slot) for resident_id, slot in rows}


def _free_slot(order: ClaimOrder, taken: set[tuple[UUID, str]]) -> str | None:
    """Return the first of the resident's places in the period that nothing of hers stands in."""
    places = (order.period if n == 1 else f"{order.period}#{n}" for n in range(1, order.times + 1))
    return next((place for place in places if (order.resident_id, place) not in taken), None)


def _entitlement_row(entitlement_id: UUID, order: ClaimOrder, slot: str) -> dict[str, object]:
    return {
        "id": entitlement_id,
        "code": new_public_code(),
        "scenario": order.scenario,
        "version": order.version,
        "resident_id": order.resident_id,
        "period": order.period,
        "slot": slot,
        "quota_id": order.quota_id,
        "holds": [hold.stored() for hold in order.holds],
        "decision_id": order.decision_id,
        "state": order.state,
        "benefit": order.benefit,
        "created_at": order.at,
        "issued_at": order.at if order.state == ISSUED else None,
        "reserved_until": order.reserved_until,
        "valid_until": order.valid_until,
        "reason": "",
    }


async def _grant(winners: Sequence[tuple[ClaimOrder, EntitlementAnswer]], quotas: Mapping[UUID, QuotaView]) -> None:
    granted = [(order, held.id) for order, held in winners]
    records = [_idempotency_row(order, entitlement_id) for order, entitlement_id in granted]
    if len(await bulk_insert(IdempotencyRecord, records, skip_conflicts=True)) < len(records):
        raise _Shortfall
    moves = [(hold, entitlement_id) for order, entitlement_id in granted for hold in _all_holds(order)]
    journals = [Journal("claim", hold.quota_id, entitlement_id, hold.amount) for hold, entitlement_id in moves]
    await book_many(journals, at=granted[0][0].at)
    await bulk_insert(AuditEntry, [_audit_row(order, i) for order, i in granted])
    await bulk_insert(OutboxEvent, [_outbox_row(order, i) for order, i in granted])
    amounts: dict[UUID, int] = {}
    for hold, _ in moves:
        amounts[hold.quota_id] = amounts.get(hold.quota_id, 0) + hold.amount
    main = granted[0][0].quota_id
    for quota_id in sorted(amounts, key=lambda quota: (quota == main, rank_of(quotas[quota].key))):
        if not await take_units(quota_id, amounts[quota_id]):
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


def complete(asks: Sequence[Keyed], answers: Mapping[int, Answered | Exception]) -> list[Answered | Exception]:
    """Give members that repeat a key within the group the first one's answer."""
    by_key = {(asks[i].scope, asks[i].key): (asks[i].fingerprint, answers[i]) for i in sorted(answers, reverse=True)}
    completed: list[Answered | Exception] = []
    for place, ask in enumerate(asks):
        if place in answers:
            completed.append(answers[place])
            continue
        fingerprint, answer = by_key[ask.scope, ask.key]
        if fingerprint != ask.fingerprint:
            completed.append(IdempotencyKeyReused())
        else:
            completed.append(replace(answer, replayed=True) if isinstance(answer, Claimed) else answer)
    return completed
