"""Commitments over HTTP for the resident who makes them."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar import Request as HttpRequest
from litestar.datastructures import UploadFile
from litestar.response import Response

from xinyi_platform.errors import InvalidField
from xinyi_platform.idempotency import IdempotencyKey, answer_once
from xinyi_platform.idempotency.running import checked_key
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Principal, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_scenarios.commitments.keeping import withdraw
from xinyi_scenarios.commitments.models import SignedCommitment
from xinyi_scenarios.commitments.reading import (
    ShownCommitment,
    commitments_of_resident,
    my_commitment,
    show_all,
    show_one,
)
from xinyi_scenarios.commitments.signing import Signature, promise_to_sign, sign_commitment
from xinyi_scenarios.commitments.uploading import MOST_UPLOAD_BYTES, upload_paper

AnyRequest = HttpRequest[Any, Any, Any]


class PromiseAnswer(Answer, kw_only=True, frozen=True):
    """What is to be signed: the whole text, its SHA-256 in hex, and the due date that it names."""

    text: str
    digest: str
    language: str
    due_on: date


class SignRequest(Request, kw_only=True, frozen=True):
    """`digest` is that of the text which the person was shown; `agree` is her tick."""

    digest: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])]
    agree: Annotated[bool, msgspec.Meta(examples=[True])]


class PaperAnswer(Answer, kw_only=True, frozen=True):
    """One paper: open, handed_in, confirmed or refused with the reason; `channel` is upload or counter."""

    key: str
    name: str
    state: str
    channel: str
    has_picture: bool
    handed_in_at: datetime | None
    reason: str


class CommitmentAnswer(Answer, kw_only=True, frozen=True):
    """One promise: signed, fulfilled, broken, repaired or withdrawn. `code` is that of the entitlement.

    `days_left` counts local days to `due_on`, or to `repair_until` once it is broken; negative when over.
    """

    id: UUID
    entitlement_id: UUID
    code: str
    scenario: str
    version: int
    state: str
    text: str
    text_sha256: str
    signed_at: datetime
    due_on: date
    repair_until: date | None
    days_left: int | None
    granted_at: datetime | None
    extended_at: datetime | None
    extension_reason: str
    papers: list[PaperAnswer]


def answer_of(shown: ShownCommitment) -> CommitmentAnswer:
    """Return a promise as it is told to its maker and to the office."""
    row = shown.row
    papers = [
        PaperAnswer(
            key=paper.key,
            name=paper.name_zh,
            state=paper.state,
            channel=paper.channel,
            has_picture=paper.file_id is not None,
            handed_in_at=paper.handed_in_at,
            reason=paper.reason,
        )
        for paper in shown.papers
    ]
    return CommitmentAnswer(
        id=row.id,
        entitlement_id=row.entitlement_id,
        code=shown.code,
        scenario=row.scenario,
        version=row.version,
        state=shown.state,
        text=row.text,
        text_sha256=row.text_digest,
        signed_at=row.signed_at,
        due_on=row.due_on,
        repair_until=row.repair_until,
        days_left=shown.days_left,
        granted_at=row.granted_at,
        extended_at=row.extended_at,
        extension_reason=row.extension_reason,
        papers=papers,
    )


async def act_once(
    runtime: Runtime,
    principal: Principal,
    route: str,
    key: str | None,
    data: object,
    act: Callable[[], Awaitable[SignedCommitment]],
    *,
    status: int = 200,
) -> Response[Any]:
    """Act once for the caller's key; answer with the commitment as it was after the first time."""

    async def run() -> object:
        return answer_of(await show_one(runtime, await act()))

    return await answer_once(runtime, principal, route, key, data, run, status=status)


def receipt_file(row: SignedCommitment) -> Response[bytes]:
    """Return the receipt as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="commitment-{row.id}.jws"', "Cache-Control": "no-store"}
    return Response(row.receipt.encode(), media_type="application/jose", headers=headers)


async def upload_of(request: AnyRequest) -> bytes:
    """Return the picture that a form carries. Raises InvalidField (400) where there is none."""
    upload = (await request.form()).get("picture")
    data = await upload.read() if isinstance(upload, UploadFile) and upload.filename else b""
    if not data:
        raise InvalidField(field="picture", zh="请选择一张图片。", en="Choose a picture.")
    return data


class CommitmentController(Controller):
    path = "/api/v1"
    guards = [Allow(Resident)]
    tags = ["entitlements"]

    @get("/entitlements/{entitlement_id:uuid}/commitment-text", operation_id="getCommitmentText")
    async def text(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, entitlement_id: UUID
    ) -> PromiseAnswer:
        """What is to be signed, as of today, in the reader's language."""
        now = runtime.clock.now()
        promise = await promise_to_sign(runtime, principal.id, entitlement_id, language_of(request), at=now)
        return PromiseAnswer(text=promise.text, digest=promise.digest, language=promise.language, due_on=promise.due_on)

    @post("/entitlements/{entitlement_id:uuid}/commitment", operation_id="signCommitment")
    async def sign(
        self,
        runtime: Runtime,
        principal: Resident,
        entitlement_id: UUID,
        data: SignRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Sign the promise that one has read."""

        async def act() -> SignedCommitment:
            signature = Signature(digest=data.digest, agree=data.agree)
            return await sign_commitment(runtime, principal.id, entitlement_id, signature, at=runtime.clock.now())

        route = f"commitment sign {entitlement_id}"
        return await act_once(runtime, principal, route, idempotency_key, data, act, status=201)

    @get("/me/commitments", operation_id="listMyCommitments")
    async def list_mine(self, runtime: Runtime, principal: Resident) -> list[CommitmentAnswer]:
        """My promises, newest first."""
        return [answer_of(shown) for shown in await show_all(runtime, await commitments_of_resident(principal.id))]

    @get("/me/commitments/{commitment_id:uuid}", operation_id="getMyCommitment")
    async def show(self, runtime: Runtime, principal: Resident, commitment_id: UUID) -> CommitmentAnswer:
        """One of my promises with its papers."""
        return answer_of(await show_one(runtime, await my_commitment(principal.id, commitment_id)))

    @get("/me/commitments/{commitment_id:uuid}/receipt", operation_id="getCommitmentReceipt")
    async def receipt(self, principal: Resident, commitment_id: UUID) -> Response[bytes]:
        """The platform's signature over what I signed, a JWS that the published keys check."""
        return receipt_file(await my_commitment(principal.id, commitment_id))

    @post(
        "/me/commitments/{commitment_id:uuid}/papers/{key:str}",
        status_code=200,
        request_max_body_size=MOST_UPLOAD_BYTES,
        operation_id="handInPaper",
    )
    async def hand_in(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        commitment_id: UUID,
        key: str,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Hand a paper in as a picture: a multipart form with the file field `picture`."""
        checked_key(idempotency_key)
        await my_commitment(principal.id, commitment_id)
        data = await upload_of(request)

        async def act() -> SignedCommitment:
            now = runtime.clock.now()
            return await upload_paper(runtime, principal.id, commitment_id, key, data, actor=principal.label, at=now)

        body = hashlib.sha256(data).digest()
        return await act_once(runtime, principal, f"paper {commitment_id} {key}", idempotency_key, body, act)

    @post("/me/commitments/{commitment_id:uuid}/withdraw", status_code=200, operation_id="withdrawCommitment")
    async def take_back(
        self, runtime: Runtime, principal: Resident, commitment_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Take a promise back while nothing was granted on it."""

        async def act() -> SignedCommitment:
            row = await my_commitment(principal.id, commitment_id)
            return await withdraw(row.id, actor=principal.label, at=runtime.clock.now())

        return await act_once(runtime, principal, f"commitment withdraw {commitment_id}", idempotency_key, b"", act)
