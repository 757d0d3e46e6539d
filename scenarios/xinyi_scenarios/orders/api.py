"""Deposit-free service orders for partner systems, with the verbs that residents know from PayScore."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.response import Response

from xinyi_platform.idempotency import IdempotencyKey, answer_once
from xinyi_platform.principals import Allow, Partner, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_scenarios.entitlements.codes import read_code
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.orders.serving import (
    NewOrder,
    answer_order,
    complete_order,
    create_order,
    find_by_number,
    find_order,
    lower_amount,
    revoke_order,
    start_order,
    sync_payment,
)

Fen = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class FeeItem(Request, kw_only=True, frozen=True):
    """One line of the price that the resident was told up front."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    amount_fen: Fen
    description: Annotated[str, msgspec.Meta(max_length=30)] = ""


class CreateOrderRequest(Request, kw_only=True, frozen=True):
    """`out_order_no` is the partner's own number, unique; `deposit_fen` is what it would have asked without this."""

    out_order_no: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_\-|*]{1,32}$", examples=["R20261123-0001"])]
    code: Annotated[str, msgspec.Meta(max_length=1024)]
    deposit_fen: Fen
    expected_hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 366)]
    fee_items: Annotated[list[FeeItem], msgspec.Meta(max_length=100)] = []


class CompleteOrderRequest(Request, kw_only=True, frozen=True):
    amount_fen: Fen


class LowerAmountRequest(Request, kw_only=True, frozen=True):
    amount_fen: Fen
    reason: Reason


class SyncPaymentRequest(Request, kw_only=True, frozen=True):
    """The order was paid at `paid_at`; `elsewhere` when it was not collected through the partner's usual channel."""

    paid_at: Annotated[datetime, msgspec.Meta(tz=True)]
    elsewhere: bool = True


class RevokeOrderRequest(Request, kw_only=True, frozen=True):
    reason: Reason


class OrderAnswer(Answer, kw_only=True, frozen=True):
    """One order. `amount_fen` is what is due once it is done; `collection` is none, user_paying or user_paid."""

    id: UUID
    out_order_no: str
    scenario: str
    state: str
    collection: str
    waived_deposit_fen: int
    amount_fen: int | None
    due_at: datetime
    needs_confirmation: bool
    confirmed_at: datetime | None
    overdue_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    paid_at: datetime | None
    reason: str


def answer_of(row: ServiceOrder) -> OrderAnswer:
    collection = "user_paid" if row.paid_at else "user_paying" if row.state == "done" else "none"
    return OrderAnswer(
        id=row.id,
        out_order_no=row.out_order_no,
        scenario=row.scenario,
        state=row.state,
        collection=collection,
        waived_deposit_fen=row.waived_deposit_fen,
        amount_fen=row.amount_fen,
        due_at=row.due_at,
        needs_confirmation=row.needs_confirmation,
        confirmed_at=row.confirmed_at,
        overdue_at=row.overdue_at,
        created_at=row.created_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        paid_at=row.paid_at,
        reason=row.reason,
    )


class PartnerOrderController(Controller):
    path = "/partner/v1/orders"
    guards = [Allow(Partner, scope="orders")]
    tags = ["partner"]

    @post("/", operation_id="createOrder")
    async def create(
        self,
        runtime: Runtime,
        principal: Partner,
        data: CreateOrderRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Create a deposit-free order on the waiver behind a resident's code."""

        async def run() -> ServiceOrder:
            now = runtime.clock.now()
            new = NewOrder(
                out_order_no=data.out_order_no,
                code=read_code(runtime.keys, data.code, now=now),
                deposit_fen=data.deposit_fen,
                fee_items=[msgspec.to_builtins(item) for item in data.fee_items],
                expected_hours=data.expected_hours,
            )
            return await create_order(principal.id, new, at=now)

        return await _once(runtime, principal, "order create", idempotency_key, data, run, status=201)

    @get("/{order_id:uuid}", operation_id="getOrder")
    async def show(self, principal: Partner, order_id: UUID) -> OrderAnswer:
        """One of the partner's own orders."""
        return answer_of(await find_order(order_id, partner_id=principal.id))

    @get("/by-number/{out_order_no:str}", operation_id="findOrderByNumber")
    async def by_number(self, principal: Partner, out_order_no: str) -> OrderAnswer:
        """One of the partner's own orders by its own number."""
        return answer_of(await find_by_number(out_order_no, partner_id=principal.id))

    @post("/{order_id:uuid}/start", operation_id="startOrder")
    async def start(
        self, runtime: Runtime, principal: Partner, order_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """The thing was handed over: created → doing."""

        async def run() -> ServiceOrder:
            return await start_order(order_id, partner_id=principal.id, at=runtime.clock.now())

        return await _once(runtime, principal, f"order start {order_id}", idempotency_key, {}, run)

    @post("/{order_id:uuid}/complete", operation_id="completeOrder")
    async def complete(
        self,
        runtime: Runtime,
        principal: Partner,
        order_id: UUID,
        data: CompleteOrderRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """The thing came back: doing → done, with what is due."""

        async def run() -> ServiceOrder:
            at = runtime.clock.now()
            return await complete_order(order_id, partner_id=principal.id, amount_fen=data.amount_fen, at=at)

        return await _once(runtime, principal, f"order complete {order_id}", idempotency_key, data, run)

    @post("/{order_id:uuid}/modify", operation_id="lowerOrderAmount")
    async def modify(
        self,
        runtime: Runtime,
        principal: Partner,
        order_id: UUID,
        data: LowerAmountRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Lower what is due on a completed, unpaid order."""

        async def run() -> ServiceOrder:
            return await lower_amount(
                order_id,
                partner_id=principal.id,
                amount_fen=data.amount_fen,
                reason=data.reason,
                at=runtime.clock.now(),
            )

        return await _once(runtime, principal, f"order modify {order_id}", idempotency_key, data, run)

    @post("/{order_id:uuid}/sync", operation_id="syncOrderPayment")
    async def sync(
        self,
        runtime: Runtime,
        principal: Partner,
        order_id: UUID,
        data: SyncPaymentRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Record that the order was paid."""

        async def run() -> ServiceOrder:
            return await sync_payment(
                order_id,
                partner_id=principal.id,
                paid_at=data.paid_at,
                elsewhere=data.elsewhere,
                at=runtime.clock.now(),
            )

        return await _once(runtime, principal, f"order sync {order_id}", idempotency_key, data, run)

    @post("/{order_id:uuid}/revoke", operation_id="revokeOrder")
    async def revoke(
        self,
        runtime: Runtime,
        principal: Partner,
        order_id: UUID,
        data: RevokeOrderRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Call the order off before it is completed."""

        async def run() -> ServiceOrder:
            at = runtime.clock.now()
            return await revoke_order(order_id, partner_id=principal.id, reason=data.reason, at=at)

        return await _once(runtime, principal, f"order revoke {order_id}", idempotency_key, data, run)


async def _once(
    runtime: Runtime,
    principal: Partner,
    route: str,
    key: str | None,
    data: object,
    run: Callable[[], Awaitable[ServiceOrder]],
    *,
    status: int = 200,
) -> Response[Any]:
    async def act() -> OrderAnswer:
        return answer_of(await run())

    return await answer_once(runtime, principal, route, key, data, act, status=status)


class ResidentOrderController(Controller):
    path = "/api/v1/me/orders"
    guards = [Allow(Resident)]
    tags = ["entitlements"]

    @get("/", operation_id="listMyOrders")
    async def list_mine(self, principal: Resident) -> list[OrderAnswer]:
        """My deposit-free orders, newest first."""
        rows = await ServiceOrder.filter(resident_id=principal.id).order_by("-created_at").limit(100)
        return [answer_of(row) for row in rows]

    @post("/{order_id:uuid}/confirm", status_code=200, operation_id="confirmOrder")
    async def confirm(
        self, runtime: Runtime, principal: Resident, order_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Say yes to an order that waits for it."""
        return await self._answer(runtime, principal, order_id, idempotency_key, agrees=True)

    @post("/{order_id:uuid}/decline", status_code=200, operation_id="declineOrder")
    async def decline(
        self, runtime: Runtime, principal: Resident, order_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Say no to an order that waits for my yes."""
        return await self._answer(runtime, principal, order_id, idempotency_key, agrees=False)

    async def _answer(
        self, runtime: Runtime, principal: Resident, order_id: UUID, key: str | None, *, agrees: bool
    ) -> Response[Any]:
        async def act() -> OrderAnswer:
            return answer_of(await answer_order(principal.id, order_id, agrees=agrees, at=runtime.clock.now()))

        return await answer_once(runtime, principal, f"order answer {order_id} {agrees}", key, b"", act)
