"""Consents over HTTP and as pages: as easy to withdraw as to give (PIPL art. 15), nothing pre-ticked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post, put
from litestar import Request as HttpRequest
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.consents.granting import grant, live_consent, withdraw
from xinyi_platform.consents.models import Consent
from xinyi_platform.consents.purposes import PURPOSES, purpose_of
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Anyone, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_platform.web import Form, page
from xinyi_platform.web.pages import local_path

AnyRequest = HttpRequest[Any, Any, Any]
FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class ConsentAnswer(Answer, kw_only=True, frozen=True):
    """One consent: granted, withdrawn, expired or superseded."""

    id: UUID
    purpose: str
    version: int
    state: str
    granted_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class PurposeAnswer(Answer, kw_only=True, frozen=True):
    """What one consents to: purpose, data, receiver, time in days and legal basis, in the reader's language."""

    purpose: str
    version: int
    title: str
    text: str
    data: str
    receiver: str
    basis: str
    days: int


class ConsentRequest(Request, kw_only=True, frozen=True):
    """`version` is that of the text which the person was shown."""

    version: Annotated[int, msgspec.Meta(ge=1, examples=[1])]


class ConsentForm(Form, kw_only=True, frozen=True):
    version: int
    next: str = "/app/consents"


def _answer(row: Consent) -> ConsentAnswer:
    return ConsentAnswer(
        id=row.id,
        purpose=row.purpose,
        version=row.version,
        state=row.state,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )


@get("/api/v1/consent-purposes", guards=[Allow(Anyone)], tags=["consent"], operation_id="listPurposes")
async def list_purposes(request: AnyRequest) -> list[PurposeAnswer]:
    """The texts that one is asked to consent to."""
    language = language_of(request)
    return [
        PurposeAnswer(
            purpose=purpose.code,
            version=purpose.version,
            title=purpose.title.read(language),
            text=purpose.text.read(language),
            data=purpose.data.read(language),
            receiver=purpose.receiver.read(language),
            basis=purpose.basis,
            days=purpose.days,
        )
        for purpose in PURPOSES.values()
    ]


class ConsentController(Controller):
    path = "/api/v1/me/consents"
    guards = [Allow(Resident)]
    tags = ["consent"]

    @get("/", operation_id="listConsents")
    async def mine(self, principal: Resident) -> list[ConsentAnswer]:
        """All consents that I gave, newest first."""
        rows = await Consent.filter(resident_id=principal.id).order_by("-granted_at").limit(200)
        return [_answer(row) for row in rows]

    @put("/{purpose:str}", operation_id="giveConsent")
    async def give(self, runtime: Runtime, principal: Resident, purpose: str, data: ConsentRequest) -> ConsentAnswer:
        """Consent to a purpose's text; 409 when it is no longer the current one."""
        return _answer(await grant(principal.id, purpose, version=data.version, at=runtime.clock.now()))

    @delete("/{purpose:str}", operation_id="withdrawConsent")
    async def take_back(self, runtime: Runtime, principal: Resident, purpose: str) -> None:
        """Withdraw; the next read is refused."""
        await withdraw(runtime.events, principal.id, purpose, at=runtime.clock.now())


class ConsentPages(Controller):
    path = "/app/consents"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """Each purpose with its live consent."""
        now = runtime.clock.now()
        rows = [(p, await live_consent(principal.id, p.code, at=now)) for p in PURPOSES.values()]
        return page("consents/index.html", request, rows=rows)

    @get("/{purpose:str}/grant")
    async def ask(self, runtime: Runtime, request: AnyRequest, purpose: str, next: str = "/app/consents") -> Template:
        """Purpose, data, receiver, time and basis, and a yes that is not pressed yet."""
        wanted = purpose_of(purpose)
        until = runtime.clock.now() + timedelta(days=wanted.days)
        return page("consents/grant.html", request, purpose=wanted, until=until, next=next)

    @post("/{purpose:str}/grant")
    async def give(
        self, runtime: Runtime, principal: Resident, purpose: str, data: Annotated[ConsentForm, FORM]
    ) -> Redirect:
        """Consent."""
        await grant(principal.id, purpose, version=data.version, at=runtime.clock.now())
        return Redirect(local_path(data.next), status_code=303)

    @post("/{purpose:str}/withdraw")
    async def take_back(self, runtime: Runtime, principal: Resident, purpose: str) -> Redirect:
        """Withdraw."""
        await withdraw(runtime.events, principal.id, purpose, at=runtime.clock.now())
        return Redirect("/app/consents", status_code=303)


ROUTES = (list_purposes, ConsentController, ConsentPages)
