"""Complaints over HTTP, for a resident's own app."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import HeaderParameter

from xinyi_merchants.complaints.filing import Filing, Receipt, file_complaint
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.reading import complaints_of_resident, resident_complaint, shop_names, steps_of
from xinyi_merchants.registry.finding import find_merchant_by_code
from xinyi_platform.idempotency import run_once
from xinyi_platform.identity import resident_profile
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request


class NewComplaint(Request, kw_only=True, frozen=True):
    """What happened, and what the resident wishes for."""

    category: str
    text: Annotated[str, msgspec.Meta(min_length=5, max_length=2_000)]
    wish: Annotated[str, msgspec.Meta(max_length=500)] = ""
    anonymous: bool = False


class StepAnswer(Answer, kw_only=True, frozen=True):
    event: str
    state: str
    actor: str
    text: str
    at: datetime


class ComplaintAnswer(Answer, kw_only=True, frozen=True):
    """One complaint; `steps` is empty in lists."""

    id: UUID
    number: str
    merchant: str
    category: str
    text: str
    wish: str
    state: str
    accept_by: date
    answer_by: date
    close_by: date
    created_at: datetime
    steps: list[StepAnswer] = []


class MerchantComplaintApi(Controller):
    path = "/api/v1/merchants/{code:str}/complaints"
    guards = [Allow(Resident)]
    tags = ["complaints"]

    @post("/", summary="File a complaint about a merchant")
    async def file(
        self,
        runtime: Runtime,
        principal: Resident,
        code: str,
        data: NewComplaint,
        key: Annotated[str | None, HeaderParameter(name="Idempotency-Key")] = None,
    ) -> Response[Any]:
        """File once for each Idempotency-Key; a repetition answers with the first receipt."""
        await limit(runtime.cache, f"complaint:{principal.id}", times=20, per_seconds=3_600)
        shop = await find_merchant_by_code(code)
        profile = await resident_profile(runtime, principal.id)
        filing = Filing(
            category=data.category,
            text=data.text,
            wish=data.wish,
            phone=profile.phone,
            anonymous=data.anonymous,
            resident_id=principal.id,
        )
        now = runtime.clock.now()

        async def file() -> tuple[int, object]:
            return 201, msgspec.to_builtins(await file_complaint(runtime, shop, filing, now=now))

        scope, body = f"complaint:{principal.id}:{shop.id}", msgspec.json.encode(data)
        status, answer = await run_once(scope=scope, key=key, body=body, now=now, act=file)
        return Response(msgspec.convert(answer, Receipt), status_code=status)


class ComplaintApi(Controller):
    path = "/api/v1"
    guards = [Allow(Resident)]
    tags = ["complaints"]

    @get("/me/complaints", summary="My complaints")
    async def mine(self, principal: Resident) -> list[ComplaintAnswer]:
        """The resident's complaints, the newest first."""
        rows = await complaints_of_resident(principal.id)
        names = await shop_names(rows)
        return [_answer(row, names[row.merchant_id], []) for row in rows]

    @get("/complaints/{complaint_id:uuid}", summary="One of my complaints with its steps")
    async def one(self, principal: Resident, complaint_id: UUID) -> ComplaintAnswer:
        """404 also for another person's complaint."""
        row = await resident_complaint(complaint_id, principal.id)
        steps = [
            StepAnswer(event=s.event, state=s.state, actor=s.actor_kind, text=s.text, at=s.at)
            for s in await steps_of(row.id)
        ]
        return _answer(row, (await shop_names([row]))[row.merchant_id], steps)


def _answer(row: Complaint, merchant: str, steps: list[StepAnswer]) -> ComplaintAnswer:
    return ComplaintAnswer(
        id=row.id,
        number=row.number,
        merchant=merchant,
        category=row.category,
        text=row.text,
        wish=row.wish,
        state=row.state,
        accept_by=row.accept_by,
        answer_by=row.answer_by,
        close_by=row.close_by,
        created_at=row.created_at,
        steps=steps,
    )
