"""The owner reads the commitment, signs it, or withdraws it."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_merchants.commitments.signing import (
    CommitmentTextChanged,
    commitment_of,
    sign_commitment,
    withdraw_commitment,
)
from xinyi_merchants.commitments.texts import LATEST, TEXTS
from xinyi_merchants.registry.finding import merchant_of_operator
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Duty, Operator
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
PATH = "/portal/commitment"


class CommitmentForm(Form, kw_only=True, frozen=True):
    """`version` is the one that was read; empty to withdraw."""

    version: str = ""


class CommitmentPages(Controller):
    path = PATH
    guards = [Allow(Operator, duty=Duty.OWN)]
    include_in_schema = False

    @get("/")
    async def show(self, request: AnyRequest, principal: Operator) -> Template:
        """The text, and whether it is signed."""
        return await _page(request, principal)

    @post("/")
    async def act(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Operator,
        data: Annotated[CommitmentForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Redirect | Template:
        """Sign the version that was read, or withdraw."""
        shop, at = await merchant_of_operator(principal.id), runtime.clock.now()
        try:
            if data.version:
                await sign_commitment(runtime, shop.id, principal, version=data.version, at=at)
            else:
                await withdraw_commitment(runtime, shop.id, principal, at=at)
        except CommitmentTextChanged as error:
            return await _page(request, principal, error=error)
        return Redirect(PATH, status_code=303)


async def _page(request: AnyRequest, operator: Operator, *, error: CommitmentTextChanged | None = None) -> Template:
    signed = await commitment_of((await merchant_of_operator(operator.id)).id)
    version = signed.version if signed else LATEST
    return page(
        "commitments/portal.html",
        request,
        status_code=error.status if error else 200,
        signed=signed,
        version=version,
        clauses=TEXTS[version],
        error=error.explain(language_of(request)) if error else "",
    )
