"""Complaints over HTTP, for a resident's own app."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from xinyi_merchants.complaints.acting import Actor, act
from xinyi_merchants.complaints.filing import MOST_PICTURE_BYTES, Filing, Receipt, body_of, file_complaint
from xinyi_merchants.complaints.marking import appeal_mark
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.reading import (
    adopt_complaints,
    complaints_of_resident,
    picture_of,
    pictures_of,
    resident_complaint,
    shop_names,
    steps_of,
)
from xinyi_merchants.complaints.states import acts_of
from xinyi_merchants.registry.finding import find_merchant_by_code
from xinyi_platform.idempotency import IdempotencyKey, answer_once, run_once
from xinyi_platform.identity import resident_profile
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request


class NewComplaint(Request, kw_only=True, frozen=True):
    """What happened, and what the resident wishes for. `kind` is complaint or report."""

    kind: Literal["complaint", "report"] = "complaint"
    category: Annotated[str, msgspec.Meta(examples=["service"])]
    text: Annotated[str, msgspec.Meta(min_length=5, max_length=2_000)]
    wish: Annotated[str, msgspec.Meta(max_length=500)] = ""
    anonymous: bool = False


class NewComplaintWithPictures(NewComplaint, kw_only=True, frozen=True):
    """The same as a form with 1 to 4 pictures (JPEG, PNG or WebP)."""

    pictures: list[UploadFile]


class ConsumerAct(Request, kw_only=True, frozen=True):
    """One step of the sender: reply, confirm, reopen or withdraw. `satisfied` goes with confirm."""

    act: Annotated[str, msgspec.Meta(max_length=16, examples=["confirm"])]
    text: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    satisfied: bool | None = None


class AppealRequest(Request, kw_only=True, frozen=True):
    """Why a finding of malice is wrong."""

    text: Annotated[str, msgspec.Meta(min_length=5, max_length=1_000)]


class StepAnswer(Answer, kw_only=True, frozen=True):
    event: str
    state: str
    actor: str
    text: str
    at: datetime


class ComplaintAnswer(Answer, kw_only=True, frozen=True):
    """One complaint; `steps` and `pictures` are empty in lists. `reply_by` is set while the shop asks for more.

    `acts` is what its sender may do now: reply, confirm, reopen, withdraw.
    """

    id: UUID
    number: str
    kind: str
    merchant: str
    category: str
    text: str
    wish: str
    state: str
    accept_by: date
    answer_by: date
    close_by: date
    reply_by: date | None
    created_at: datetime
    satisfied: bool | None
    official_number: str
    acts: list[str]
    steps: list[StepAnswer] = []
    pictures: list[str] = []


class MerchantComplaintApi(Controller):
    path = "/api/v1/merchants/{code:str}/complaints"
    guards = [Allow(Resident)]
    tags = ["complaints"]

    @post("/", summary="File a complaint about a merchant")
    async def file(
        self, runtime: Runtime, principal: Resident, code: str, data: NewComplaint, key: IdempotencyKey = None
    ) -> Response[Any]:
        """File once for each Idempotency-Key; a repetition answers with the first receipt."""
        return await _file_once(runtime, principal, code, data, [], key)

    @post("/with-pictures", summary="File a complaint with pictures", request_max_body_size=MOST_PICTURE_BYTES)
    async def file_with_pictures(
        self,
        runtime: Runtime,
        principal: Resident,
        code: str,
        data: Annotated[NewComplaintWithPictures, Body(media_type=RequestEncodingType.MULTI_PART)],
        key: IdempotencyKey = None,
    ) -> Response[Any]:
        """The same with pictures; one that cannot be read refuses the whole."""
        pictures = [await upload.read() for upload in data.pictures]
        return await _file_once(runtime, principal, code, data, pictures, key)


async def _file_once(
    runtime: Runtime, principal: Resident, code: str, data: NewComplaint, pictures: list[bytes], key: str | None
) -> Response[Any]:
    await limit(runtime.cache, f"complaint:{principal.id}", times=20, per_seconds=3_600)
    shop = await find_merchant_by_code(code)
    profile = await resident_profile(runtime, principal.id)
    filing = Filing(
        kind=data.kind,
        category=data.category,
        text=data.text,
        wish=data.wish,
        phone=profile.phone,
        anonymous=data.anonymous,
        resident_id=principal.id,
    )
    now = runtime.clock.now()

    async def file() -> tuple[int, object]:
        return 201, msgspec.to_builtins(await file_complaint(runtime, shop, filing, pictures, now=now))

    scope, body = f"complaint:{principal.id}:{shop.id}", body_of(filing, pictures)
    status, answer = await run_once(scope=scope, key=key, body=body, now=now, act=file)
    return Response(msgspec.convert(answer, Receipt), status_code=status)


class ComplaintApi(Controller):
    path = "/api/v1"
    guards = [Allow(Resident)]
    tags = ["complaints"]

    @get("/me/complaints", summary="My complaints")
    async def mine(self, runtime: Runtime, principal: Resident) -> list[ComplaintAnswer]:
        """The resident's complaints, the newest first, with those filed from a shop's page under her phone."""
        await adopt_complaints(runtime, principal.id, (await resident_profile(runtime, principal.id)).phone)
        rows = await complaints_of_resident(principal.id)
        names = await shop_names(rows)
        return [_answer(row, names[row.merchant_id], [], []) for row in rows]

    @get("/complaints/{complaint_id:uuid}", summary="One of my complaints with its steps")
    async def one(self, principal: Resident, complaint_id: UUID) -> ComplaintAnswer:
        """404 also for another person's complaint."""
        return await _whole(await resident_complaint(complaint_id, principal.id))

    @post("/complaints/{complaint_id:uuid}/acts", status_code=200, summary="Take a step with my complaint")
    async def step(
        self, runtime: Runtime, principal: Resident, complaint_id: UUID, data: ConsumerAct, key: IdempotencyKey = None
    ) -> Response[Any]:
        """Once for each Idempotency-Key; 409 where the state does not allow it."""
        now = runtime.clock.now()

        async def take() -> ComplaintAnswer:
            row, actor = await resident_complaint(complaint_id, principal.id), Actor("resident", principal.id)
            await act(runtime, row, data.act, actor, text=data.text, satisfied=data.satisfied, now=now)
            return await _whole(await resident_complaint(complaint_id, principal.id))

        return await answer_once(runtime, principal, f"complaint act {complaint_id}", key, data, take)

    @post("/complaints/{complaint_id:uuid}/appeal", status_code=200, summary="Appeal against a finding of malice")
    async def appeal(
        self, runtime: Runtime, principal: Resident, complaint_id: UUID, data: AppealRequest, key: IdempotencyKey = None
    ) -> Response[Any]:
        """Once; 409 after its days."""

        async def take() -> ComplaintAnswer:
            await appeal_mark(runtime, complaint_id, principal.id, text=data.text, now=runtime.clock.now())
            return await _whole(await resident_complaint(complaint_id, principal.id))

        return await answer_once(runtime, principal, f"complaint appeal {complaint_id}", key, data, take)

    @get("/complaints/{complaint_id:uuid}/pictures/{picture_id:uuid}", summary="A picture of my complaint")
    async def picture(
        self, runtime: Runtime, principal: Resident, complaint_id: UUID, picture_id: UUID
    ) -> Response[bytes]:
        """404 also for another person's complaint."""
        content = await picture_of(runtime, await resident_complaint(complaint_id, principal.id), picture_id)
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


def _answer(row: Complaint, merchant: str, steps: list[StepAnswer], pictures: list[str]) -> ComplaintAnswer:
    return ComplaintAnswer(
        id=row.id,
        number=row.number,
        kind=row.kind,
        merchant=merchant,
        category=row.category,
        text=row.text,
        wish=row.wish,
        state=row.state,
        accept_by=row.accept_by,
        answer_by=row.answer_by,
        close_by=row.close_by,
        reply_by=row.reply_by,
        created_at=row.created_at,
        satisfied=row.satisfied,
        official_number=row.official_number,
        acts=acts_of("resident", row.state, reopened=row.reopened),
        steps=steps,
        pictures=pictures,
    )


async def _whole(row: Complaint) -> ComplaintAnswer:
    steps = [
        StepAnswer(event=s.event, state=s.state, actor=s.actor_kind, text=s.text, at=s.at)
        for s in await steps_of(row.id)
    ]
    pictures = [f"/api/v1/complaints/{row.id}/pictures/{picture.id}" for picture in await pictures_of(row.id)]
    return _answer(row, (await shop_names([row]))[row.merchant_id], steps, pictures)
