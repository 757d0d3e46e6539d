"""Commitments for the systems of the receiving offices: a partner sees the scenes that its scopes name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import QueryParameter
from litestar.response import Response

from xinyi_platform.idempotency import IdempotencyKey
from xinyi_platform.principals import Allow, Partner
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Request
from xinyi_scenarios.commitments.api import CommitmentAnswer, act_once, answer_of
from xinyi_scenarios.commitments.keeping import (
    confirm_paper,
    extend,
    fulfil,
    grant_on_promise,
    hand_in,
    refuse_paper,
)
from xinyi_scenarios.commitments.models import SignedCommitment
from xinyi_scenarios.commitments.reading import (
    commitments_of_scenes,
    office_commitment,
    picture_of,
    show_all,
    show_one,
)
from xinyi_scenarios.commitments.telling import SCOPE
from xinyi_scenarios.entitlements.codes import read_code
from xinyi_scenarios.manifests.offices import scenes_of

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
State = Literal["", "signed", "fulfilled", "broken", "repaired", "withdrawn"]
Act = Callable[[SignedCommitment], Awaitable[SignedCommitment]]


class RefusePaperRequest(Request, kw_only=True, frozen=True):
    """`reason` is shown to the resident."""

    reason: Reason


class ExtendRequest(Request, kw_only=True, frozen=True):
    """`days` are added to the due date, once."""

    days: Annotated[int, msgspec.Meta(ge=1, le=366)]
    reason: Reason


class PartnerCommitmentController(Controller):
    path = "/partner/v1/commitments"
    guards = [Allow(Partner, scope=SCOPE)]
    tags = ["partner"]

    @get("/", operation_id="listCommitments")
    async def index(
        self,
        runtime: Runtime,
        principal: Partner,
        chosen: Annotated[State, QueryParameter(name="state")] = "",
        code: Annotated[str, QueryParameter(max_length=1024)] = "",
    ) -> list[CommitmentAnswer]:
        """The open promises of my scenes, due soon first; those in a `state`; or the one of a resident's `code`."""
        typed = read_code(runtime.keys, code, now=runtime.clock.now()) if code else ""
        rows = await commitments_of_scenes(scenes_of(principal), state=chosen, code=typed)
        return [answer_of(shown) for shown in await show_all(runtime, rows)]

    @get("/{commitment_id:uuid}", operation_id="getCommitment")
    async def show(self, runtime: Runtime, principal: Partner, commitment_id: UUID) -> CommitmentAnswer:
        """One promise of my scenes."""
        return answer_of(await show_one(runtime, await office_commitment(scenes_of(principal), commitment_id)))

    @get("/{commitment_id:uuid}/papers/{key:str}/picture", operation_id="getPaperPicture")
    async def picture(self, runtime: Runtime, principal: Partner, commitment_id: UUID, key: str) -> Response[bytes]:
        """The picture of a paper that was uploaded."""
        row = await office_commitment(scenes_of(principal), commitment_id)
        content = await picture_of(runtime, row, key)
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})

    @post("/{commitment_id:uuid}/papers/{key:str}/receive", status_code=200, operation_id="receivePaper")
    async def receive(
        self,
        runtime: Runtime,
        principal: Partner,
        commitment_id: UUID,
        key: str,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """A paper was handed in at the counter."""

        async def act(row: SignedCommitment) -> SignedCommitment:
            return await hand_in(row.id, key, actor=principal.label, channel="counter", at=runtime.clock.now())

        return await _once(runtime, principal, f"receive {key}", commitment_id, idempotency_key, None, act)

    @post("/{commitment_id:uuid}/papers/{key:str}/confirm", status_code=200, operation_id="confirmPaper")
    async def confirm(
        self,
        runtime: Runtime,
        principal: Partner,
        commitment_id: UUID,
        key: str,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """A paper is what was promised; the last one settles the promise."""

        async def act(row: SignedCommitment) -> SignedCommitment:
            return await confirm_paper(row.id, key, actor=principal.label, at=runtime.clock.now())

        return await _once(runtime, principal, f"confirm {key}", commitment_id, idempotency_key, None, act)

    @post("/{commitment_id:uuid}/papers/{key:str}/refuse", status_code=200, operation_id="refusePaper")
    async def refuse(
        self,
        runtime: Runtime,
        principal: Partner,
        commitment_id: UUID,
        key: str,
        data: RefusePaperRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """A paper is sent back with the reason; at least five days are left to hand it in again."""

        async def act(row: SignedCommitment) -> SignedCommitment:
            now = runtime.clock.now()
            return await refuse_paper(row.id, key, reason=data.reason, actor=principal.label, at=now)

        return await _once(runtime, principal, f"refuse {key}", commitment_id, idempotency_key, data, act)

    @post("/{commitment_id:uuid}/grant", status_code=200, operation_id="grantOnCommitment")
    async def grant(
        self, runtime: Runtime, principal: Partner, commitment_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """What was applied for is granted on the promise, which cannot be withdrawn from now on."""

        async def act(row: SignedCommitment) -> SignedCommitment:
            return await grant_on_promise(row.id, actor=principal.label, at=runtime.clock.now())

        return await _once(runtime, principal, "grant", commitment_id, idempotency_key, None, act)

    @post("/{commitment_id:uuid}/extend", status_code=200, operation_id="extendCommitment")
    async def extend(
        self,
        runtime: Runtime,
        principal: Partner,
        commitment_id: UUID,
        data: ExtendRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Move the due date, once, with a reason."""

        async def act(row: SignedCommitment) -> SignedCommitment:
            now = runtime.clock.now()
            return await extend(row.id, days=data.days, reason=data.reason, actor=principal.label, at=now)

        return await _once(runtime, principal, "extend", commitment_id, idempotency_key, data, act)

    @post("/{commitment_id:uuid}/fulfil", status_code=200, operation_id="fulfilCommitment")
    async def fulfil(
        self, runtime: Runtime, principal: Partner, commitment_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Confirm everything that was handed in; the promise is kept, or made good."""

        async def act(row: SignedCommitment) -> SignedCommitment:
            return await fulfil(row.id, actor=principal.label, at=runtime.clock.now())

        return await _once(runtime, principal, "fulfil", commitment_id, idempotency_key, None, act)


async def _once(
    runtime: Runtime,
    principal: Partner,
    verb: str,
    commitment_id: UUID,
    key: str | None,
    data: object,
    act: Act,
) -> Response[Any]:
    async def run() -> SignedCommitment:
        return await act(await office_commitment(scenes_of(principal), commitment_id))

    route = f"commitment {verb} {commitment_id}"
    return await act_once(runtime, principal, route, key, data, run)
