"""The console's pages of revocations: propose one about an entry, and decide those of others."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.errors import DomainError
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_rewards.honor_lists.kinds import kind_of, list_kinds
from xinyi_rewards.honor_lists.noting import note_look
from xinyi_rewards.honor_lists.states import MAKERS, SHOWN
from xinyi_rewards.revocations.reading import entry_in, newest_about, waiting_in
from xinyi_rewards.revocations.revoking import decide_revocation, propose_revocation
from xinyi_rewards.revocations.states import NAMES

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class ProposalForm(Form, kw_only=True, frozen=True):
    reason: str = ""
    document: str = ""


class DecisionForm(Form, kw_only=True, frozen=True):
    verdict: str = ""
    reason: str = ""


class EntryRevocationPages(Controller):
    path = "/console/entries/{entry_id:uuid}/revocation"
    guards = [Allow(Staff, roles=MAKERS)]
    include_in_schema = False

    @get("/")
    async def show(self, runtime: Runtime, request: AnyRequest, principal: Staff, entry_id: UUID) -> Template:
        """The entry, the form, and what became of the last proposal; that I looked is on record."""
        return await _entry(runtime, request, principal, entry_id)

    @post("/", status_code=200)
    async def propose(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        entry_id: UUID,
        data: Annotated[ProposalForm, URL_FORM],
    ) -> Template | Redirect:
        """Propose to end it; it is off every page at once."""
        now = runtime.clock.now()
        try:
            await propose_revocation(runtime, entry_id, principal, reason=data.reason, document=data.document, at=now)
        except DomainError as error:
            if error.status not in (400, 403, 409):
                raise
            return await _entry(runtime, request, principal, entry_id, form=data, error=error)
        return Redirect(f"/console/entries/{entry_id}/revocation", status_code=303)


class RevocationPages(Controller):
    path = "/console/revocations"
    guards = [Allow(Staff, roles=MAKERS)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Staff) -> Template:
        """What waits in my area; that I looked is on record."""
        return await _index(runtime, request, principal)

    @post("/{revocation_id:uuid}", status_code=200)
    async def decide(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        revocation_id: UUID,
        data: Annotated[DecisionForm, URL_FORM],
    ) -> Template | Redirect:
        """Confirm it or refuse it, with the reason."""
        now = runtime.clock.now()
        try:
            is_confirmed = {"confirm": True, "refuse": False}.get(data.verdict)
            await decide_revocation(
                runtime, revocation_id, principal, is_confirmed=is_confirmed, reason=data.reason, at=now
            )
        except DomainError as error:
            if error.status not in (400, 403, 409):
                raise
            return await _index(runtime, request, principal, about=revocation_id, form=data, error=error)
        return Redirect("/console/revocations", status_code=303)


async def _entry(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    entry_id: UUID,
    *,
    form: ProposalForm | None = None,
    error: DomainError | None = None,
) -> Template:
    entry = await entry_in(staff, entry_id)
    await note_look([entry.id], staff, at=runtime.clock.now())
    newest, kind = await newest_about(entry_id), kind_of(entry.kind)
    is_open = newest is not None and newest.state == "proposed"
    may = kind.may_make(staff.roles) or kind.may_review(staff.roles)
    return page(
        "revocations/console_entry.html",
        request,
        status_code=error.status if error else 200,
        entry=entry,
        kind=kind,
        newest=newest,
        names=NAMES,
        may_propose=may and entry.state in SHOWN and not is_open,
        form=form or ProposalForm(),
        error=error.explain(language_of(request)) if error else None,
    )


async def _index(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    *,
    about: UUID | None = None,
    form: DecisionForm | None = None,
    error: DomainError | None = None,
) -> Template:
    rows, kinds = await waiting_in(staff), list_kinds()
    await note_look([row.entry_id for row in rows], staff, at=runtime.clock.now())
    mine = {row.id for row in rows if row.proposed_person == staff.person}
    return page(
        "revocations/console_revocations.html",
        request,
        status_code=error.status if error else 200,
        rows=rows,
        kinds=kinds,
        mine=mine,
        may={row.id for row in rows if row.id not in mine and kinds[row.entry.kind].may_review(staff.roles)},
        about=about,
        form=form,
        error=error.explain(language_of(request)) if error else None,
    )


ROUTES = (EntryRevocationPages, RevocationPages)
