"""Commitments on a phone: read and sign, hand papers in, see what is left and what happens otherwise."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_platform.errors import DomainError
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.commitments.api import receipt_file, upload_of
from xinyi_scenarios.commitments.keeping import withdraw
from xinyi_scenarios.commitments.models import SignedCommitment
from xinyi_scenarios.commitments.reading import (
    commitment_on,
    commitments_of_resident,
    my_commitment,
    picture_of,
    show_all,
    show_one,
    timeline_of,
)
from xinyi_scenarios.commitments.signing import FLOW, Signature, promise_to_sign, sign_commitment
from xinyi_scenarios.commitments.states import OPEN
from xinyi_scenarios.commitments.uploading import MOST_UPLOAD_BYTES, upload_paper

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
SHOWN_AGAIN = (400, 409, 413, 422)


class SignForm(Form, kw_only=True, frozen=True):
    digest: str = ""
    agree: str = ""


class CommitmentPages(Controller):
    path = "/app/commitments"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """My promises, with what is left."""
        rows = await show_all(runtime, await commitments_of_resident(principal.id))
        return page("commitments/app_list.html", request, rows=rows)

    @get("/sign/{entitlement_id:uuid}")
    async def text(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, entitlement_id: UUID
    ) -> Template | Redirect:
        """The whole text and the tick; nothing is ticked beforehand."""
        signed = await commitment_on(entitlement_id)
        if signed is not None and signed.resident_id == principal.id:
            return Redirect(f"/app/commitments/{signed.id}", status_code=303)
        return await _sign_page(runtime, request, principal, entitlement_id)

    @post("/sign/{entitlement_id:uuid}")
    async def sign(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        entitlement_id: UUID,
        data: Annotated[SignForm, URL_FORM],
    ) -> Redirect | Template:
        """Sign what was read."""
        signature = Signature(digest=data.digest, agree=data.agree == "true")
        try:
            row = await sign_commitment(runtime, principal.id, entitlement_id, signature, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in SHOWN_AGAIN:
                raise
            return await _sign_page(runtime, request, principal, entitlement_id, error=error)
        return Redirect(f"/app/commitments/{row.id}", status_code=303)

    @get("/{commitment_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Resident, commitment_id: UUID) -> Template:
        """One with its papers, the countdown and the way to make it good."""
        return await _detail(runtime, request, await my_commitment(principal.id, commitment_id))

    @get("/{commitment_id:uuid}/receipt")
    async def receipt(self, principal: Resident, commitment_id: UUID) -> Response[bytes]:
        """The signed receipt, to keep."""
        return receipt_file(await my_commitment(principal.id, commitment_id))

    @post("/{commitment_id:uuid}/papers/{key:str}", request_max_body_size=MOST_UPLOAD_BYTES)
    async def hand_in(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, commitment_id: UUID, key: str
    ) -> Redirect | Template:
        """Hand a paper in as a picture."""
        row, now = await my_commitment(principal.id, commitment_id), runtime.clock.now()
        try:
            data = await upload_of(request)
            await upload_paper(runtime, principal.id, row.id, key, data, actor=principal.label, at=now)
        except DomainError as error:
            if error.status not in SHOWN_AGAIN:
                raise
            return await _detail(runtime, request, await my_commitment(principal.id, row.id), error=error)
        return Redirect(f"/app/commitments/{row.id}", status_code=303)

    @get("/{commitment_id:uuid}/papers/{key:str}/picture")
    async def picture(self, runtime: Runtime, principal: Resident, commitment_id: UUID, key: str) -> Response[bytes]:
        """What I handed in."""
        return jpeg(await picture_of(runtime, await my_commitment(principal.id, commitment_id), key))

    @post("/{commitment_id:uuid}/withdraw")
    async def take_back(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, commitment_id: UUID
    ) -> Redirect | Template:
        """Take it back while nothing was granted on it."""
        row = await my_commitment(principal.id, commitment_id)
        try:
            await withdraw(row.id, actor=principal.label, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in SHOWN_AGAIN:
                raise
            return await _detail(runtime, request, await my_commitment(principal.id, row.id), error=error)
        return Redirect(f"/app/commitments/{row.id}", status_code=303)


def jpeg(content: bytes) -> Response[bytes]:
    """Return a picture that no shared cache may keep."""
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


async def _sign_page(
    runtime: Runtime,
    request: AnyRequest,
    principal: Resident,
    entitlement_id: UUID,
    *,
    error: DomainError | None = None,
) -> Template:
    language = language_of(request)
    promise = await promise_to_sign(runtime, principal.id, entitlement_id, language, at=runtime.clock.now())
    return page(
        "commitments/app_sign.html",
        request,
        status_code=error.status if error else 200,
        entitlement_id=entitlement_id,
        promise=promise,
        error=error.explain(language) if error else "",
    )


async def _detail(
    runtime: Runtime, request: AnyRequest, row: SignedCommitment, *, error: DomainError | None = None
) -> Template:
    shown = await show_one(runtime, row)
    return page(
        "commitments/app_one.html",
        request,
        status_code=error.status if error else 200,
        shown=shown,
        timeline=await timeline_of(shown),
        error=error.explain(language_of(request)) if error else "",
    )


async def entitlement_piece(request: AnyRequest, about: dict[str, Any]) -> dict[str, Any] | None:
    """What the page of an entitlement says of its promise."""
    held = about["held"]
    if held.benefit.get("kind") != FLOW:
        return None
    runtime: Runtime = request.app.state.runtime
    row = await commitment_on(held.id)
    return {"held": held, "shown": await show_one(runtime, row) if row else None}


async def home_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """What the app's home says of promises that run."""
    runtime: Runtime = request.app.state.runtime
    rows = [row for row in await commitments_of_resident(request.user.id) if row.state in OPEN]
    return {"rows": await show_all(runtime, rows)} if rows else None


ROUTES = (CommitmentPages,)
