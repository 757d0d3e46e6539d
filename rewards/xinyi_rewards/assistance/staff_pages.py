"""Help in the console: what waits in my area by its due day, and each step of a request for agency."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_merchants.registry.pages import read_picture
from xinyi_platform.divisions import division_name, divisions
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.web import Form, page, typed_instant
from xinyi_rewards.assistance.handling import (
    close,
    find_agency,
    look_at_agency,
    prepare_draft,
    propose,
    read_contact,
    take,
    take_over,
)
from xinyi_rewards.assistance.reading import (
    agency_for,
    draft_file,
    draft_papers,
    due_on,
    open_agency,
    trainings_of,
)
from xinyi_rewards.assistance.states import NAMES
from xinyi_rewards.honor_lists.entry_pages import read_form
from xinyi_rewards.honor_lists.kinds import list_kinds
from xinyi_rewards.honor_lists.noting import note_look
from xinyi_rewards.repairs.reading import entries_by_id
from xinyi_rewards.repairs.requesting import MOST_FORM_BYTES
from xinyi_rewards.repairs.states import HANDLERS
from xinyi_rewards.repairs.subject_pages import jpeg

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
_SHOWN = (400, 409, 413, 422)


class TrainingForm(Form, kw_only=True, frozen=True):
    division: str = ""
    title: str = ""
    place: str = ""
    is_online: str = ""
    starts_at: str = ""
    ends_at: str = ""
    capacity: str = ""


class AgencyForm(Form, kw_only=True, frozen=True):
    act: str = ""
    when: str = ""
    where: str = ""
    reason: str = ""
    statement: str = ""


class HelpConsolePages(Controller):
    path = "/console/help"
    guards = [Allow(Staff, roles=HANDLERS)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Staff) -> Template:
        """What waits in my area by its day, and the trainings with the form of a new one; my look is on record."""
        return await show_index(runtime, request, principal)

    @get("/agency/{agency_id:uuid}")
    async def agency(self, runtime: Runtime, request: AnyRequest, principal: Staff, agency_id: UUID) -> Template:
        """One request, and what I may do; that I looked is on record."""
        return await _agency(runtime, request, principal, agency_id)

    @post("/agency/{agency_id:uuid}", status_code=200)
    async def step(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        agency_id: UUID,
        data: Annotated[AgencyForm, URL_FORM],
    ) -> Template | Redirect:
        """Take it, take it over, propose an appointment, close it, or read how she is reached."""
        await find_agency(agency_id, principal)
        try:
            contact = await _take_step(runtime, principal, agency_id, data)
        except DomainError as error:
            if error.status not in _SHOWN:
                raise
            return await _agency(runtime, request, principal, agency_id, form=data, error=error)
        if contact:
            return await _agency(runtime, request, principal, agency_id, contact=contact)
        return Redirect(f"/console/help/agency/{agency_id}", status_code=303)

    @post("/agency/{agency_id:uuid}/draft", status_code=200, request_max_body_size=MOST_FORM_BYTES)
    async def draft(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, agency_id: UUID
    ) -> Template | Redirect:
        """Prepare statement and papers for her to confirm."""
        await find_agency(agency_id, principal)
        texts, papers = await read_form(request, "papers")
        words = texts.get("statement", "")
        try:
            await prepare_draft(runtime, agency_id, principal, statement=words, papers=papers, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in _SHOWN:
                raise
            return await _agency(runtime, request, principal, agency_id, form=AgencyForm(statement=words), error=error)
        return Redirect(f"/console/help/agency/{agency_id}", status_code=303)

    @get("/agency/{agency_id:uuid}/papers/{agency_paper_id:uuid}")
    async def paper(
        self, runtime: Runtime, principal: Staff, agency_id: UUID, agency_paper_id: UUID
    ) -> Response[bytes]:
        """A paper of a draft of my area; that I looked is on record."""
        row = await look_at_agency(agency_id, principal, at=runtime.clock.now())
        return jpeg(await read_picture(runtime, await draft_file(row, agency_paper_id)))


async def _take_step(runtime: Runtime, staff: Staff, agency_id: UUID, form: AgencyForm) -> str:
    """Take one step; returns how she is reached where that was asked."""
    at = runtime.clock.now()
    match form.act:
        case "take":
            await take(agency_id, staff, at=at)
        case "take_over":
            await take_over(agency_id, staff, at=at)
        case "propose":
            when = typed_instant(form.when, "when")
            await propose(agency_id, staff, when=when, where=form.where, at=at)
        case "close":
            await close(agency_id, staff, reason=form.reason, at=at)
        case "contact":
            return await read_contact(runtime, agency_id, staff, at=at)
        case _:
            raise InvalidField(field="act", zh="请选择要进行的操作。", en="Choose what to do.")
    return ""


async def show_index(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    form: TrainingForm | None = None,
    error: DomainError | None = None,
) -> Template:
    """Show requests and trainings of the area, with the form of a new training as it was typed; puts the look down."""
    agencies, area = await open_agency(staff), area_of(staff)
    await note_look([row.entry_id for row in agencies], staff, at=runtime.clock.now(), look="help_view")
    return page(
        "assistance/console_help.html",
        request,
        status_code=error.status if error else 200,
        agencies=agencies,
        due={row.id: due_on(row) for row in agencies},
        entries=await entries_by_id({row.entry_id for row in agencies}),
        kinds=list_kinds(),
        trainings=[(row, division_name(row.division)) for row in await trainings_of(staff)],
        divisions=[(code, division_name(code)) for code in divisions() if area.covers(code)],
        names=NAMES,
        me=staff.id,
        form=form or TrainingForm(),
        error=error.explain(language_of(request)) if error else None,
    )


async def _agency(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    agency_id: UUID,
    *,
    contact: str = "",
    form: AgencyForm | None = None,
    error: DomainError | None = None,
) -> Template:
    row = await look_at_agency(agency_id, staff, at=runtime.clock.now())
    return page(
        "assistance/console_agency.html",
        request,
        status_code=error.status if error else 200,
        headers={"Cache-Control": "no-store"},
        row=row,
        entry=(await entries_by_id([row.entry_id]))[row.entry_id],
        kinds=list_kinds(),
        papers=await draft_papers(row.id),
        due=due_on(row),
        names=NAMES,
        is_mine=row.handler_id == staff.id,
        contact=contact,
        form=form or AgencyForm(statement=row.statement),
        error=error.explain(language_of(request)) if error else None,
    )


async def waiting_here(request: AnyRequest) -> int:
    """How many requests wait for the caller."""
    caller = caller_of(request)
    if not isinstance(caller, Staff) or caller.roles.isdisjoint(HANDLERS):
        return 0
    return len(await agency_for(caller))


ROUTES = (HelpConsolePages,)
