"""The life of a service order, with PayScore's verbs: create, start, complete, modify downwards, sync, revoke.

Each act is one transaction: a conditional UPDATE on the state that was read, the audit row and the news to the
partner and the resident.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit, outbox
from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.orders.errors import (
    AlreadyPaid,
    AmountMayOnlyFall,
    DepositAboveCap,
    NotConfirmed,
    NothingToConfirm,
    NoWaiver,
    OrderChanged,
    OrderNumberTaken,
    PaidAtImpossible,
    TooManyOpenOrders,
)
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.orders.outcomes import note_outcome
from xinyi_scenarios.orders.states import OPEN, advance
from xinyi_scenarios.redemptions.redeeming import NotUsable

UNSTARTED_DAYS = 30
CLOCKS_DIFFER = timedelta(minutes=10)
TAKEN_BACK = ("withdrawn", "suspended")
UNCONFIRMED_MINUTES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What a partner asks for: `code` is the resident's entitlement code, the deposit is what it would have asked."""

    out_order_no: str
    code: str
    deposit_fen: int
    fee_items: list[dict[str, object]]
    expected_hours: int


async def create_order(partner_id: UUID, order: NewOrder, *, at: datetime) -> ServiceOrder:
    """Create an order on a resident's waiver. The same number with the same content returns the same order.

    Raises NotFound (404), NotUsable, NoWaiver, DepositAboveCap, TooManyOpenOrders, OrderNumberTaken.
    """
    async with transaction():
        held = await Entitlement.get_or_none(code=order.code)
        if held is None:
            raise NotFound
        earlier = await ServiceOrder.get_or_none(partner_id=partner_id, out_order_no=order.out_order_no)
        if earlier is not None:
            return _same(earlier, held, order)
        await _refuse(held, order, at)
        created = await _enter(partner_id, held, order, at)
        await _tell(created, "create", actor=f"partner:{partner_id}", at=at)
    return created


def _same(earlier: ServiceOrder, held: Entitlement, order: NewOrder) -> ServiceOrder:
    due_at = earlier.created_at + timedelta(hours=order.expected_hours)
    told = (earlier.entitlement_id, earlier.waived_deposit_fen, earlier.due_at, earlier.fee_items)
    if told != (held.id, order.deposit_fen, due_at, order.fee_items):
        raise OrderNumberTaken
    return earlier


async def _refuse(held: Entitlement, order: NewOrder, at: datetime) -> None:
    cap, most = held.benefit.get("deposit_cap_fen"), held.benefit.get("max_open_orders")
    if not isinstance(cap, int) or not isinstance(most, int):
        raise NoWaiver
    # Open orders count over all waivers of the scene: the lock of the oldest makes them stand in line, then her own's
    # says whether it can be used.
    theirs = Entitlement.filter(resident_id=held.resident_id, scenario=held.scenario).order_by("id")
    oldest = await theirs.first() or held
    await Entitlement.filter(id=oldest.id).update(scenario=held.scenario)
    if not await Entitlement.filter(id=held.id, state__in=[*USABLE]).update(scenario=held.scenario):
        raise NotUsable(state=held.state)
    if held.valid_until <= at:
        raise NotUsable(state="expired")
    if order.deposit_fen > cap:
        raise DepositAboveCap(cap_fen=cap)
    if await ServiceOrder.filter(resident_id=held.resident_id, scenario=held.scenario, state__in=OPEN).count() >= most:
        raise TooManyOpenOrders(most=most)


async def _enter(partner_id: UUID, held: Entitlement, order: NewOrder, at: datetime) -> ServiceOrder:
    try:
        async with transaction():
            return await ServiceOrder.create(
                id=new_id(),
                partner_id=partner_id,
                out_order_no=order.out_order_no,
                scenario=held.scenario,
                entitlement_id=held.id,
                resident_id=held.resident_id,
                state="created",
                waived_deposit_fen=order.deposit_fen,
                fee_items=order.fee_items,
                due_at=at + timedelta(hours=order.expected_hours),
                needs_confirmation=bool(held.benefit.get("needs_confirmation")),
                created_at=at,
            )
    except IntegrityError as error:
        raise OrderNumberTaken from error


async def start_order(order_id: UUID, *, partner_id: UUID, at: datetime) -> ServiceOrder:
    """Hand the thing over: created → doing.

    Raises NotConfirmed (409) while the resident has not said yes, and NotUsable (409) where the waiver was taken back
    or suspended since; that it ran out does not matter to an order made in time.
    """

    def refuse(order: ServiceOrder) -> None:
        if order.state == "created" and order.needs_confirmation and order.confirmed_at is None:
            raise NotConfirmed

    async with transaction():
        order = await find_order(order_id, partner_id=partner_id)
        # The update takes the waiver's lock, so that none is taken back in between.
        await Entitlement.filter(id=order.entitlement_id).update(scenario=order.scenario)
        held = await Entitlement.get(id=order.entitlement_id)
        if order.state == "created" and held.state in TAKEN_BACK:
            raise NotUsable(state=held.state)
        return await _step(order_id, partner_id, "start", at, refuse=refuse, started_at=at)


async def answer_order(resident_id: UUID, order_id: UUID, *, agrees: bool, at: datetime) -> ServiceOrder:
    """Confirm or decline one's own order that waits for it.

    Raises NotFound (404), NothingToConfirm, TransitionForbidden and OrderChanged (409).
    """
    event = "confirm" if agrees else "decline"
    async with transaction():
        order = await ServiceOrder.get_or_none(id=order_id, resident_id=resident_id)
        if order is None:
            raise NotFound
        target = advance(order.state, event)
        if not order.needs_confirmation or order.confirmed_at is not None:
            raise NothingToConfirm
        values: dict[str, object] = {"confirmed_at": at} if agrees else {"reason": "declined by the resident"}
        waiting = ServiceOrder.filter(id=order.id, state=order.state, confirmed_at=None)
        if not await waiting.update(state=target, **values):
            raise OrderChanged
        await _tell(order, event, actor=f"resident:{resident_id}", at=at)
    return await ServiceOrder.get(id=order_id)


async def find_by_number(out_order_no: str, *, partner_id: UUID) -> ServiceOrder:
    """Return the partner's order by its own number. Raises NotFound (404)."""
    order = await ServiceOrder.get_or_none(out_order_no=out_order_no, partner_id=partner_id)
    if order is None:
        raise NotFound
    return order


async def complete_order(order_id: UUID, *, partner_id: UUID, amount_fen: int, at: datetime) -> ServiceOrder:
    """Take the thing back and name what is due: doing → done. Nothing due is paid at once."""
    paid: dict[str, Any] = {"paid_at": at} if amount_fen == 0 else {}
    return await _step(
        order_id,
        partner_id,
        "complete",
        at,
        completed_at=at,
        completed_fen=amount_fen,
        amount_fen=amount_fen,
        **paid,
    )


async def lower_amount(order_id: UUID, *, partner_id: UUID, amount_fen: int, reason: str, at: datetime) -> ServiceOrder:
    """Lower what is due on a completed, unpaid order; nothing due is paid at once.

    Raises AmountMayOnlyFall (422) and AlreadyPaid (409).
    """

    def refuse(order: ServiceOrder) -> None:
        if order.paid_at is not None:
            raise AlreadyPaid
        if order.amount_fen is not None and amount_fen > order.amount_fen:
            raise AmountMayOnlyFall(amount_fen=order.amount_fen)

    paid: dict[str, Any] = {"paid_at": at} if amount_fen == 0 else {}
    return await _step(order_id, partner_id, "modify", at, refuse=refuse, amount_fen=amount_fen, reason=reason, **paid)


async def sync_payment(
    order_id: UUID, *, partner_id: UUID, paid_at: datetime, elsewhere: bool, at: datetime
) -> ServiceOrder:
    """Record that the order was paid, here or elsewhere. The same news again changes nothing.

    Raises PaidAtImpossible (422), beyond what clocks may differ.
    """

    def refuse(order: ServiceOrder) -> None:
        if order.state == "done" and order.paid_at is not None:
            raise AlreadyPaid
        if not order.created_at - CLOCKS_DIFFER <= paid_at <= at + CLOCKS_DIFFER:
            raise PaidAtImpossible

    try:
        return await _step(order_id, partner_id, "pay", at, refuse=refuse, paid_at=paid_at, paid_elsewhere=elsewhere)
    except (AlreadyPaid, OrderChanged):
        order = await find_order(order_id, partner_id=partner_id)
        if order.paid_at is None:
            raise
        return order


async def revoke_order(order_id: UUID, *, partner_id: UUID, reason: str, at: datetime) -> ServiceOrder:
    """Call an order off before it is completed."""
    return await _step(order_id, partner_id, "revoke", at, reason=reason)


async def find_order(order_id: UUID, *, partner_id: UUID) -> ServiceOrder:
    """Return one of the partner's own orders. Raises NotFound (404)."""
    order = await ServiceOrder.get_or_none(id=order_id, partner_id=partner_id)
    if order is None:
        raise NotFound
    return order


async def mark_overdue(now: datetime, *, limit: int = 500) -> int:
    """Mark orders that are still out past their time, once each, and tell those concerned. Returns how many."""
    marked = 0
    late = await ServiceOrder.filter(state="doing", due_at__lte=now, overdue_at=None).limit(limit)
    for order in late:
        async with transaction():
            if await ServiceOrder.filter(id=order.id, state="doing", overdue_at=None).update(overdue_at=now):
                await _tell(order, "overdue", actor="job:overdue", at=now)
                marked += 1
    return marked


async def expire_unstarted(now: datetime, *, limit: int = 500) -> int:
    """End orders that nobody started for 30 days, or nobody confirmed for 30 minutes. Returns how many."""
    ended = 0
    waiting = ServiceOrder.filter(state="created")
    stale = await waiting.filter(created_at__lte=now - timedelta(days=UNSTARTED_DAYS)).limit(limit)
    asked = waiting.filter(needs_confirmation=True, confirmed_at=None)
    silent = await asked.filter(created_at__lte=now - timedelta(minutes=UNCONFIRMED_MINUTES)).limit(limit)
    for order in {order.id: order for order in [*stale, *silent]}.values():
        async with transaction():
            same = ServiceOrder.filter(id=order.id, state="created", confirmed_at=order.confirmed_at)
            if await same.update(state="expired"):
                await _tell(order, "expire", actor="job:expire", at=now)
                ended += 1
    return ended


def _allow(_: ServiceOrder) -> None:
    """Refuse nothing beyond the state table."""


async def _step(
    order_id: UUID,
    partner_id: UUID,
    event: str,
    at: datetime,
    *,
    refuse: Callable[[ServiceOrder], None] = _allow,
    **values: object,
) -> ServiceOrder:
    """Take one edge, or raise. `refuse` looks at the order as the UPDATE that follows will find it."""
    async with transaction():
        order = await find_order(order_id, partner_id=partner_id)
        refuse(order)
        target = advance(order.state, event)
        changed = await ServiceOrder.filter(
            id=order.id, state=order.state, amount_fen=order.amount_fen, paid_at=order.paid_at
        ).update(state=target, **values)
        if not changed:
            raise OrderChanged
        await _tell(order, event, actor=f"partner:{partner_id}", at=at)
        if event == "complete":
            await note_outcome(order, at=at)
    return await ServiceOrder.get(id=order_id)


async def _tell(order: ServiceOrder, event: str, *, actor: str, at: datetime) -> None:
    await audit.record(
        f"service_order.{event}",
        actor=actor,
        object_kind="service_order",
        object_id=order.id,
        detail={"scenario": order.scenario},
        at=at,
    )
    news = {"order": str(order.id), "out_order_no": order.out_order_no, "event": event}
    for audience in (f"partner:{order.partner_id}", f"resident:{order.resident_id}"):
        await outbox.emit(f"service_order.{event}", news, audience=audience, at=at)
