"""What is decided beside a complaint's handling: malice and its appeal, public answers, the package for 12315."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_merchants.complaints.acting import Actor
from xinyi_merchants.complaints.marking import DECIDERS, appeal_mark, decide_mark, marks_waiting, propose_mark
from xinyi_merchants.complaints.marking import STATES as MARK_STATES
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.packaging import export_package
from xinyi_merchants.complaints.pages import detail_page
from xinyi_merchants.complaints.public_answers import answers_waiting, ask_to_publish, decide_answer
from xinyi_merchants.complaints.reading import merchant_complaint, resident_complaint, shop_names, staff_complaint
from xinyi_merchants.complaints.states import CATEGORIES, STAFF_ROLES
from xinyi_merchants.registry.finding import merchant_of_operator
from xinyi_platform.errors import Conflict, DomainError, InvalidField, TransitionForbidden
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Operator, Resident, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
DECISIONS = "/console/complaints/decisions"
_REFUSED = (Conflict, InvalidField, TransitionForbidden)


class TextForm(Form, kw_only=True, frozen=True):
    text: str = ""


class DecisionForm(Form, kw_only=True, frozen=True):
    """`act`: uphold, refuse, keep or lift a finding; show or refuse an answer. `reason` is read by those concerned."""

    act: str
    reason: str = ""


class AppComplaintAppeals(Controller):
    path = "/app/complaints"
    guards = [Allow(Resident)]
    include_in_schema = False

    @post("/{complaint_id:uuid}/appeal")
    async def appeal(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        complaint_id: UUID,
        data: Annotated[TextForm, URL_FORM],
    ) -> Redirect | Template:
        """Contest the finding that my complaint was malicious."""
        row = await resident_complaint(complaint_id, principal.id)
        try:
            await appeal_mark(runtime, row.id, principal.id, text=data.text, now=runtime.clock.now())
        except _REFUSED as error:
            return await detail_page(runtime, request, row, "app", error=error)
        return Redirect(f"/app/complaints/{row.id}", status_code=303)


class PortalPublicAnswers(Controller):
    path = "/portal/complaints"
    guards = [Allow(Operator)]
    include_in_schema = False

    @post("/{complaint_id:uuid}/public-answer")
    async def publish(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Operator,
        complaint_id: UUID,
        data: Annotated[TextForm, URL_FORM],
    ) -> Redirect | Template:
        """Ask to publish an answer on the shop's page."""
        row = await merchant_complaint(complaint_id, (await merchant_of_operator(principal.id)).id)
        try:
            await ask_to_publish(row, Actor("operator", principal.id), text=data.text, now=runtime.clock.now())
        except _REFUSED as error:
            return await detail_page(runtime, request, row, "portal", error=error)
        return Redirect(f"/portal/complaints/{row.id}", status_code=303)


class ConsoleComplaintFiles(Controller):
    path = "/console/complaints"
    guards = [Allow(Staff, roles=STAFF_ROLES)]
    include_in_schema = False

    @get("/{complaint_id:uuid}/package")
    async def package(self, runtime: Runtime, principal: Staff, complaint_id: UUID) -> Response[bytes]:
        """Everything that 12315 needs, as a ZIP; the export is written down."""
        row = await staff_complaint(complaint_id, principal)
        content = await export_package(runtime, row, principal, now=runtime.clock.now())
        headers = {"Content-Disposition": f'attachment; filename="complaint-{row.number}.zip"'}
        return Response(content, media_type="application/zip", headers={**headers, "Cache-Control": "no-store"})

    @post("/{complaint_id:uuid}/mark")
    async def mark(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        complaint_id: UUID,
        data: Annotated[TextForm, URL_FORM],
    ) -> Redirect | Template:
        """Propose that a complaint was malicious."""
        row = await staff_complaint(complaint_id, principal)
        try:
            await propose_mark(runtime, row, principal, reason=data.text, now=runtime.clock.now())
        except _REFUSED as error:
            return await detail_page(runtime, request, row, "console", error=error)
        return Redirect(f"/console/complaints/{row.id}", status_code=303)


class ConsoleDecisions(Controller):
    path = DECISIONS
    guards = [Allow(Staff, roles=[*STAFF_ROLES, *DECIDERS])]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Staff) -> Template:
        """What waits in the area."""
        return await _decisions_page(request, principal)

    @post("/answers/{answer_id:uuid}")
    async def answer(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        answer_id: UUID,
        data: Annotated[DecisionForm, URL_FORM],
    ) -> Redirect | Template:
        """Publish a shop's answer, or keep it back."""
        try:
            is_shown, now = data.act == "show", runtime.clock.now()
            await decide_answer(runtime, answer_id, principal, is_shown=is_shown, reason=data.reason, now=now)
        except _REFUSED as error:
            return await _decisions_page(request, principal, error=error)
        return Redirect(DECISIONS, status_code=303)


class ConsoleMarkDecisions(Controller):
    path = f"{DECISIONS}/marks"
    guards = [Allow(Staff, roles=DECIDERS)]
    include_in_schema = False

    @post("/{mark_id:uuid}")
    async def decide(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        mark_id: UUID,
        data: Annotated[DecisionForm, URL_FORM],
    ) -> Redirect | Template:
        """Decide a proposal or an appeal."""
        try:
            await decide_mark(runtime, mark_id, principal, data.act, reason=data.reason, now=runtime.clock.now())
        except DomainError as error:
            if error.status not in (400, 403, 409):
                raise
            return await _decisions_page(request, principal, error=error)
        return Redirect(DECISIONS, status_code=303)


async def _decisions_page(request: AnyRequest, staff: Staff, *, error: DomainError | None = None) -> Template:
    marks, answers = await marks_waiting(staff), await answers_waiting(staff)
    concerned = [*(mark.complaint_id for mark in marks), *(answer.complaint_id for answer in answers)]
    rows = {row.id: row for row in await Complaint.filter(id__in=concerned)}
    return page(
        "complaints/decisions.html",
        request,
        status_code=error.status if error else 200,
        marks=[(mark, rows[mark.complaint_id]) for mark in marks],
        answers=answers,
        rows=rows,
        names=await shop_names(list(rows.values())),
        categories=CATEGORIES,
        mark_states=MARK_STATES,
        may_decide=bool(staff.roles & frozenset(DECIDERS)),
        person=staff.person,
        error=error.explain(language_of(request)) if error else "",
    )


PAGES = (AppComplaintAppeals, PortalPublicAnswers, ConsoleComplaintFiles, ConsoleDecisions, ConsoleMarkDecisions)
