"""Repairs and deferrals in the console and as JSON: what is due in my area, and each step of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_merchants.registry.pages import read_picture
from xinyi_platform.errors import Forbidden, InvalidField
from xinyi_platform.principals import Allow, Role, Staff, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.schemas import Request as Sent
from xinyi_platform.web import Form, page
from xinyi_rewards.honor_lists.kinds import list_kinds
from xinyi_rewards.repairs.deferring import decide_deferral, keep_deferral
from xinyi_rewards.repairs.handling import decide, extend, find_request, pass_on, send_back
from xinyi_rewards.repairs.holding import barred_from
from xinyi_rewards.repairs.looking import record_looks
from xinyi_rewards.repairs.packaging import export_for_filing, may_export
from xinyi_rewards.repairs.reading import entries_by_id, open_deferrals, open_requests, paper_file, papers_of
from xinyi_rewards.repairs.states import HANDLERS, NAMES
from xinyi_rewards.repairs.subject_pages import jpeg, zipped

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
RequestAct = Literal["pass_on", "send_back", "extend", "grant", "refuse"]
DeferralAct = Literal["accept", "refuse", "keep"]
Words = Annotated[str, msgspec.Meta(max_length=400)]
Short = Annotated[str, msgspec.Meta(max_length=80)]


class RequestStep(Sent, kw_only=True, frozen=True):
    """One step. `document`: the number at 信用中国 for pass_on, the decision's for grant and refuse."""

    act: RequestAct
    document: Short = ""
    reason: Words = ""
    decided_on: date | None = None


class DeferralStep(Sent, kw_only=True, frozen=True):
    """What the determining unit said: accept, refuse, or keep for a promise that was kept; with its document."""

    act: DeferralAct
    document: Short = ""
    reason: Words = ""


class StepForm(Form, kw_only=True, frozen=True):
    act: str = ""
    document: str = ""
    reason: str = ""
    decided_on: str = ""


class OpenRepair(Answer, kw_only=True, frozen=True):
    """A request that waits in my area, by its next due day."""

    id: UUID
    entry: UUID
    state: str
    filed_at: datetime
    refiled_at: datetime | None
    pass_on_by: date
    decide_by: date | None


class OpenDeferral(Answer, kw_only=True, frozen=True):
    """A promise that waits for an answer, or for its day."""

    id: UUID
    entry: UUID
    state: str
    due_on: date


async def take_step(runtime: Runtime, staff: Staff, request_id: UUID, step: RequestStep) -> None:
    """Take one step of a request. What the determining unit decided only the credit office enters (403)."""
    at = runtime.clock.now()
    if step.act in ("extend", "grant", "refuse") and Role.CREDIT_OFFICE not in staff.roles:
        await find_request(request_id, staff)
        raise Forbidden
    if step.act == "pass_on":
        await pass_on(request_id, staff, official_number=step.document, at=at)
    elif step.act == "send_back":
        await send_back(request_id, staff, reason=step.reason, at=at)
    elif step.act == "extend":
        await extend(request_id, staff, reason=step.reason, at=at)
    else:
        await find_request(request_id, staff)
        if step.decided_on is None:
            raise InvalidField(field="decided_on", zh="请填写决定日期。", en="Give the day of the decision.")
        await decide(
            runtime, request_id, staff, step.act,
            document=step.document, decided_on=step.decided_on, reason=step.reason, at=at,
        )  # fmt: skip


async def take_deferral_step(runtime: Runtime, staff: Staff, deferral_id: UUID, step: DeferralStep) -> None:
    """Enter what the determining unit said of a deferral."""
    at = runtime.clock.now()
    if step.act == "keep":
        await keep_deferral(runtime, deferral_id, staff, document=step.document, reason=step.reason, at=at)
        return
    await decide_deferral(
        deferral_id, staff, is_accepted=step.act == "accept", document=step.document, reason=step.reason, at=at
    )


class StaffRepairController(Controller):
    path = "/staff/v1/repair-requests"
    guards = [Allow(Staff, roles=HANDLERS)]
    tags = ["honor-lists"]

    @get("/", operation_id="listOpenRepairs")
    async def index(self, runtime: Runtime, principal: Staff) -> list[OpenRepair]:
        """The open requests of my area; that I looked is on record."""
        rows = await open_requests(principal)
        await record_looks(principal, [row.entry_id for row in rows], "repairs_view", at=runtime.clock.now())
        return [
            OpenRepair(
                id=row.id,
                entry=row.entry_id,
                state=row.state,
                filed_at=row.filed_at,
                refiled_at=row.refiled_at,
                pass_on_by=row.pass_on_by,
                decide_by=row.decide_by,
            )
            for row in rows
        ]

    @post("/{request_id:uuid}", status_code=204, operation_id="stepRepair")
    async def step(self, runtime: Runtime, principal: Staff, request_id: UUID, data: RequestStep) -> None:
        """Pass on, send back, extend, or enter the decision."""
        await take_step(runtime, principal, request_id, data)


class StaffDeferralController(Controller):
    path = "/staff/v1/deferrals"
    guards = [Allow(Staff, roles=[Role.CREDIT_OFFICE])]
    tags = ["honor-lists"]

    @get("/", operation_id="listOpenDeferrals")
    async def index(self, runtime: Runtime, principal: Staff) -> list[OpenDeferral]:
        """The promises of my area that wait; that I looked is on record."""
        rows = await open_deferrals(principal)
        await record_looks(principal, [row.entry_id for row in rows], "repairs_view", at=runtime.clock.now())
        return [OpenDeferral(id=row.id, entry=row.entry_id, state=row.state, due_on=row.due_on) for row in rows]

    @post("/{deferral_id:uuid}", status_code=204, operation_id="stepDeferral")
    async def step(self, runtime: Runtime, principal: Staff, deferral_id: UUID, data: DeferralStep) -> None:
        """Accept, refuse, or note that it was kept."""
        await take_deferral_step(runtime, principal, deferral_id, data)


class RepairPages(Controller):
    path = "/console/repairs"
    guards = [Allow(Staff, roles=HANDLERS)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Staff) -> Template:
        """What waits in my area, by the day on which it is due; that I looked is on record."""
        requests, deferrals = await open_requests(principal), await open_deferrals(principal)
        ids = [*(row.entry_id for row in requests), *(row.entry_id for row in deferrals)]
        await record_looks(principal, ids, "repairs_view", at=runtime.clock.now())
        return page(
            "repairs/console_repairs.html",
            request,
            requests=requests,
            deferrals=deferrals,
            entries=await entries_by_id(ids),
            barred=await barred_from(deferrals, principal),
            kinds=list_kinds(),
            names=NAMES,
            is_office=Role.CREDIT_OFFICE in principal.roles,
        )

    @get("/{request_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, request_id: UUID) -> Template:
        """One request with its papers, and what I may do; that I looked is on record."""
        row, now = await find_request(request_id, principal), runtime.clock.now()
        entry = (await entries_by_id([row.entry_id]))[row.entry_id]
        await record_looks(principal, [entry.id], "repair_view", at=now, request=str(row.id))
        return page(
            "repairs/console_repair.html",
            request,
            row=row,
            entry=entry,
            may_export=may_export(row, entry),
            is_barred=row.id in await barred_from([row], principal),
            kinds=list_kinds(),
            papers=await papers_of(row.id),
            names=NAMES,
            is_office=Role.CREDIT_OFFICE in principal.roles,
        )

    @post("/{request_id:uuid}")
    async def step(
        self, runtime: Runtime, principal: Staff, request_id: UUID, data: Annotated[StepForm, URL_FORM]
    ) -> Redirect:
        """Take one step."""
        await find_request(request_id, principal)
        await take_step(runtime, principal, request_id, _step(data, RequestStep))
        return Redirect("/console/repairs", status_code=303)

    @get("/{request_id:uuid}/papers/{paper_id:uuid}")
    async def paper(self, runtime: Runtime, principal: Staff, request_id: UUID, paper_id: UUID) -> Response[bytes]:
        """A paper of a request of my area; that I looked is on record."""
        row = await find_request(request_id, principal)
        file_id = await paper_file(row, paper_id)
        await record_looks(principal, [row.entry_id], "repair_paper_read", at=runtime.clock.now(), paper=str(paper_id))
        return jpeg(await read_picture(runtime, file_id))

    @get("/{request_id:uuid}/package")
    async def package(self, runtime: Runtime, principal: Staff, request_id: UUID) -> Response[bytes]:
        """The package to file at 信用中国 on her behalf, while there is something to file."""
        row = await find_request(request_id, principal)
        return zipped(await export_for_filing(runtime, row, principal, at=runtime.clock.now()))


class DeferralPages(Controller):
    path = "/console/deferrals"
    guards = [Allow(Staff, roles=[Role.CREDIT_OFFICE])]
    include_in_schema = False

    @post("/{deferral_id:uuid}")
    async def step(
        self, runtime: Runtime, principal: Staff, deferral_id: UUID, data: Annotated[StepForm, URL_FORM]
    ) -> Redirect:
        """Enter what the determining unit said."""
        await take_deferral_step(runtime, principal, deferral_id, _step(data, DeferralStep))
        return Redirect("/console/repairs", status_code=303)


def _step(form: StepForm, kind: Any) -> Any:
    values = {"act": form.act, "document": form.document.strip(), "reason": form.reason.strip()}
    if form.decided_on.strip():
        values["decided_on"] = form.decided_on.strip()
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError:
        raise InvalidField(field="act", zh="请检查填写内容。", en="Check what you entered.") from None


async def waiting_here(request: AnyRequest) -> int:
    """How many requests and promises wait in the caller's area."""
    caller = caller_of(request)
    if not isinstance(caller, Staff) or caller.roles.isdisjoint(HANDLERS):
        return 0
    return len(await open_requests(caller)) + len(await open_deferrals(caller))


ROUTES = (StaffRepairController, StaffDeferralController, RepairPages, DeferralPages)
