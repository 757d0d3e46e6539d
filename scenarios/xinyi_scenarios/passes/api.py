"""Passes over HTTP: a resident takes a number and gives it back; the offices' systems serve it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import QueryParameter
from litestar.response import Response

from xinyi_platform.clock import local_date
from xinyi_platform.errors import NotFound
from xinyi_platform.idempotency import IdempotencyKey, answer_once
from xinyi_platform.principals import Allow, Partner, Principal, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_scenarios.entitlements.codes import read_code
from xinyi_scenarios.manifests.offices import scenes_of
from xinyi_scenarios.passes.booking import book_pass, cancel_pass, my_pass
from xinyi_scenarios.passes.models import CounterPass
from xinyi_scenarios.passes.serving import (
    call_next,
    check_in,
    miss,
    office_pass,
    passes_of_day,
    record_payment,
    serve,
)
from xinyi_scenarios.passes.telling import SCOPE

Key = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$", examples=["north"])]
Act = Callable[[datetime], Awaitable[CounterPass]]


class BookRequest(Request, kw_only=True, frozen=True):
    """`counter` is one of the scene's, `day` a day for which numbers are given out."""

    counter: Key
    day: date


class CallRequest(Request, kw_only=True, frozen=True):
    """At which counter of which scene the next number is called."""

    scenario: Key
    counter: Key


class CheckInRequest(Request, kw_only=True, frozen=True):
    """`code` is what the resident shows, scanned or typed; `counter` where it is shown, any of the scene's if empty."""

    code: Annotated[str, msgspec.Meta(max_length=1024)]
    counter: Annotated[str, msgspec.Meta(max_length=40)] = ""


class ServeRequest(Request, kw_only=True, frozen=True):
    """`unpaid_fen` is paid later by the resident; 0 for what is free or was paid at the counter."""

    unpaid_fen: Annotated[int, msgspec.Meta(ge=0, le=100_000_000)] = 0


class PassAnswer(Answer, kw_only=True, frozen=True):
    """One pass. `amount_fen` and `due_on` are set where something is paid later."""

    id: UUID
    entitlement_id: UUID
    scenario: str
    counter: str
    day: date
    number: int
    state: str
    amount_fen: int | None
    due_on: date | None
    booked_at: datetime
    checked_in_at: datetime | None
    served_at: datetime | None
    paid_at: datetime | None


def answer_of(row: CounterPass) -> PassAnswer:
    return PassAnswer(**{name: getattr(row, name) for name in PassAnswer.__struct_fields__})


async def _once(
    runtime: Runtime, principal: Principal, route: str, key: str | None, data: object, act: Act, *, status: int = 200
) -> Response[Any]:
    """Act once for the caller's key; answer with the pass as it was after the first time."""

    async def run() -> object:
        return answer_of(await act(runtime.clock.now()))

    return await answer_once(runtime, principal, route, key, data, run, status=status)


class PassController(Controller):
    path = "/api/v1"
    guards = [Allow(Resident)]
    tags = ["entitlements"]

    @post("/entitlements/{entitlement_id:uuid}/passes", operation_id="bookPass")
    async def book(
        self,
        runtime: Runtime,
        principal: Resident,
        entitlement_id: UUID,
        data: BookRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Take a number for a counter and a day."""

        async def act(now: datetime) -> CounterPass:
            return await book_pass(principal.id, entitlement_id, data.counter, data.day, at=now)

        return await _once(runtime, principal, f"book {entitlement_id}", idempotency_key, data, act, status=201)

    @get("/me/passes", operation_id="listMyPasses")
    async def list_mine(self, principal: Resident) -> list[PassAnswer]:
        """My numbers, newest first."""
        rows = await CounterPass.filter(resident_id=principal.id).order_by("-booked_at").limit(100)
        return [answer_of(row) for row in rows]

    @get("/me/passes/{pass_id:uuid}", operation_id="getMyPass")
    async def show(self, principal: Resident, pass_id: UUID) -> PassAnswer:
        """One of my numbers."""
        return answer_of(await my_pass(principal.id, pass_id))

    @post("/me/passes/{pass_id:uuid}/cancel", status_code=200, operation_id="cancelPass")
    async def cancel(
        self, runtime: Runtime, principal: Resident, pass_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Give a number back."""

        async def act(now: datetime) -> CounterPass:
            return await cancel_pass(principal.id, pass_id, at=now)

        return await _once(runtime, principal, f"pass cancel {pass_id}", idempotency_key, {}, act)


class PartnerPassController(Controller):
    path = "/partner/v1/passes"
    guards = [Allow(Partner, scope=SCOPE)]
    tags = ["partner"]

    @get("/", operation_id="listPasses")
    async def index(
        self,
        runtime: Runtime,
        principal: Partner,
        day: date | None = None,
        counter: Annotated[str, QueryParameter(max_length=40)] = "",
    ) -> list[PassAnswer]:
        """A day's numbers at the counters of my scenes, today's where no day is named."""
        wanted = day or local_date(runtime.clock.now())
        return [answer_of(row) for row in await passes_of_day(scenes_of(principal), wanted, counter=counter)]

    @get("/{pass_id:uuid}", operation_id="getPass")
    async def show(self, principal: Partner, pass_id: UUID) -> PassAnswer:
        """One pass of my scenes."""
        return answer_of(await office_pass(scenes_of(principal), pass_id))

    @post("/call", status_code=200, operation_id="callNextPass")
    async def call(
        self, runtime: Runtime, principal: Partner, data: CallRequest, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Call the lowest number that waits today; 404 where nobody waits."""

        async def act(now: datetime) -> CounterPass:
            if data.scenario not in scenes_of(principal):
                raise NotFound
            return await call_next(data.scenario, data.counter, actor=principal.label, at=now)

        return await _once(runtime, principal, "pass call", idempotency_key, data, act)

    @post("/check-in", status_code=200, operation_id="checkInPass")
    async def arrive(
        self, runtime: Runtime, principal: Partner, data: CheckInRequest, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Check today's number in by the code that the resident shows."""

        async def act(now: datetime) -> CounterPass:
            code = read_code(runtime.keys, data.code, now=now)
            return await check_in(scenes_of(principal), code, counter=data.counter, actor=principal.label, at=now)

        return await _once(runtime, principal, "pass check-in", idempotency_key, data, act)

    @post("/{pass_id:uuid}/serve", status_code=200, operation_id="servePass")
    async def finish(
        self,
        runtime: Runtime,
        principal: Partner,
        pass_id: UUID,
        data: ServeRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Finish a number, with what is paid later."""

        async def act(now: datetime) -> CounterPass:
            scenes = scenes_of(principal)
            return await serve(scenes, pass_id, unpaid_fen=data.unpaid_fen, actor=principal.label, at=now)

        return await _once(runtime, principal, f"pass serve {pass_id}", idempotency_key, data, act)

    @post("/{pass_id:uuid}/miss", status_code=200, operation_id="missPass")
    async def nobody_came(
        self, runtime: Runtime, principal: Partner, pass_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Nobody came for a number."""

        async def act(now: datetime) -> CounterPass:
            return await miss(scenes_of(principal), pass_id, actor=principal.label, at=now)

        return await _once(runtime, principal, f"pass miss {pass_id}", idempotency_key, {}, act)

    @post("/{pass_id:uuid}/pay", status_code=200, operation_id="recordPassPayment")
    async def paid(
        self, runtime: Runtime, principal: Partner, pass_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Record that what was owed is paid."""

        async def act(now: datetime) -> CounterPass:
            return await record_payment(scenes_of(principal), pass_id, actor=principal.label, at=now)

        return await _once(runtime, principal, f"pass pay {pass_id}", idempotency_key, {}, act)
