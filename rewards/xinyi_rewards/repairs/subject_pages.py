"""A subject's pages of repair, the same for a resident in the app and for a shop in the portal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_merchants.registry.pages import read_picture
from xinyi_platform.clock import local_date
from xinyi_platform.errors import DomainError, InvalidField, NotFound
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Operator, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, fill_slots, page
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.parties import Party, entry_of, party_of
from xinyi_rewards.repairs.checking import conditions_of, is_repairable_kind
from xinyi_rewards.repairs.deferring import ask_deferral, days_to_choose, deferrable_from, may_defer
from xinyi_rewards.repairs.packaging import export_package
from xinyi_rewards.repairs.policy import repair_policy
from xinyi_rewards.repairs.reading import deferral_about, paper_file, papers_of, requests_about
from xinyi_rewards.repairs.requesting import MOST_FORM_BYTES, Filing, file_request, withdraw_request
from xinyi_rewards.repairs.states import NAMES

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


@dataclass(frozen=True, slots=True)
class RepairForm:
    """What was sent. `signed` is the commitment's version when it was agreed to; a field without a file sends none."""

    statement: str
    signed: str
    papers: list[bytes]


async def _read(request: AnyRequest) -> RepairForm:
    form = await request.form()
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    uploads = [value for value in form.getall("papers", []) if isinstance(value, UploadFile) and value.filename]
    papers = [await upload.read() for upload in uploads]
    return RepairForm(texts.get("statement", ""), texts.get("signed", ""), papers)


class DeferralForm(Form, kw_only=True, frozen=True):
    plan: str = ""
    due_on: str = ""
    signed: str = ""


async def _show(
    runtime: Runtime,
    request: AnyRequest,
    party: Party,
    entry_id: UUID,
    *,
    form: RepairForm | DeferralForm | None = None,
    error: DomainError | None = None,
) -> Template:
    entry, now = await entry_of(party, entry_id), runtime.clock.now()
    if not is_repairable_kind(entry):
        raise NotFound
    requests = await requests_about(party, entry_id)
    current = next((row for row in requests if row.slot == "open"), None)
    conditions = conditions_of(entry, today=local_date(now))
    deferral, surface = await deferral_about(party, entry_id), "portal" if party.merchant_id else "app"
    may_promise = may_defer(entry, at=now) and deferral is None
    is_due = entry.state == "published" and conditions[0].is_met is True
    return page(
        "repairs/repair.html",
        request,
        status_code=error.status if error else 200,
        layout=f"web/{surface}.html",
        base=f"/{surface}/repairs/{entry_id}",
        back="/app/honors" if surface == "app" else "/portal/listings",
        entry=entry,
        kind=kind_of(entry.kind),
        conditions=conditions,
        requests=requests,
        current=current,
        papers=await papers_of(current.id) if current else [],
        names=NAMES,
        policy=repair_policy(),
        may_file=is_due and (current is None or current.state == "sent_back"),
        deferral=deferral,
        days=days_to_choose(entry, at=now) if may_promise else None,
        deferrable_from=None if may_promise else deferrable_from(entry, at=now),
        form=form,
        pieces=await fill_slots(request, "repair", {"entry": entry}),
        error=error.explain(language_of(request)) if error else None,
    )


async def _file(runtime: Runtime, request: AnyRequest, party: Party, entry_id: UUID) -> Any:
    form = await _read(request)
    filing = Filing(statement=form.statement, signed=form.signed, papers=form.papers)
    try:
        await file_request(runtime, party, entry_id, filing, at=runtime.clock.now())
    except DomainError as error:
        if error.status not in (400, 409, 413, 422):
            raise
        return await _show(runtime, request, party, entry_id, form=form, error=error)
    return Redirect(request.url.path, status_code=303)


async def _defer(runtime: Runtime, request: AnyRequest, party: Party, entry_id: UUID, form: DeferralForm) -> Any:
    try:
        await ask_deferral(
            party, entry_id, plan=form.plan, due_on=_day(form.due_on), signed=form.signed, at=runtime.clock.now()
        )
    except DomainError as error:
        if error.status not in (400, 409, 422):
            raise
        return await _show(runtime, request, party, entry_id, form=form, error=error)
    return Redirect(request.url.path.removesuffix("/defer"), status_code=303)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidField(field="due_on", zh="请填写日期。", en="Give the day.") from None


async def _paper(runtime: Runtime, party: Party, entry_id: UUID, paper_id: UUID) -> Response[bytes]:
    for row in await requests_about(party, entry_id):
        if row.slot == "open":
            return jpeg(await read_picture(runtime, await paper_file(row, paper_id)))
    raise NotFound


async def _package(runtime: Runtime, party: Party, entry_id: UUID) -> Response[bytes]:
    rows = await requests_about(party, entry_id)
    if not rows:
        raise NotFound
    return zipped(await export_package(runtime, rows[0], actor=party.actor, at=runtime.clock.now()))


def jpeg(content: bytes) -> Response[bytes]:
    """Return a picture that only its caller may see."""
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


def zipped(content: bytes) -> Response[bytes]:
    """Return a package to take home."""
    headers = {"Content-Disposition": 'attachment; filename="credit-repair.zip"', "Cache-Control": "private, no-store"}
    return Response(content, media_type="application/zip", headers=headers)


class AppRepairPages(Controller):
    path = "/app/repairs/{entry_id:uuid}"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def show(self, runtime: Runtime, request: AnyRequest, principal: Resident, entry_id: UUID) -> Template:
        """The self-check, what to hand in, and how it stands."""
        return await _show(runtime, request, await party_of(principal), entry_id)

    @post("/", status_code=200, request_max_body_size=MOST_FORM_BYTES)
    async def file(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, entry_id: UUID
    ) -> Template | Redirect:
        """File it; what is wrong is said and nothing that was typed is lost."""
        answer: Template | Redirect = await _file(runtime, request, await party_of(principal), entry_id)
        return answer

    @post("/withdraw")
    async def withdraw(self, runtime: Runtime, principal: Resident, entry_id: UUID) -> Redirect:
        """Take it back."""
        await withdraw_request(await party_of(principal), entry_id, at=runtime.clock.now())
        return Redirect(f"/app/repairs/{entry_id}", status_code=303)

    @post("/defer", status_code=200)
    async def defer(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        entry_id: UUID,
        data: Annotated[DeferralForm, URL_FORM],
    ) -> Template | Redirect:
        """Promise to correct by a day."""
        answer: Template | Redirect = await _defer(runtime, request, await party_of(principal), entry_id, data)
        return answer

    @get("/papers/{paper_id:uuid}")
    async def paper(self, runtime: Runtime, principal: Resident, entry_id: UUID, paper_id: UUID) -> Response[bytes]:
        """A paper of my open request."""
        return await _paper(runtime, await party_of(principal), entry_id, paper_id)

    @get("/package")
    async def package(self, runtime: Runtime, principal: Resident, entry_id: UUID) -> Response[bytes]:
        """Everything of my newest request, to file it myself."""
        return await _package(runtime, await party_of(principal), entry_id)


class PortalRepairPages(Controller):
    path = "/portal/repairs/{entry_id:uuid}"
    guards = [Allow(Operator)]
    include_in_schema = False

    @get("/")
    async def show(self, runtime: Runtime, request: AnyRequest, principal: Operator, entry_id: UUID) -> Template:
        """The self-check, what to hand in, and how it stands."""
        return await _show(runtime, request, await party_of(principal), entry_id)

    @post("/", status_code=200, request_max_body_size=MOST_FORM_BYTES)
    async def file(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, entry_id: UUID
    ) -> Template | Redirect:
        """File it; what is wrong is said and nothing that was typed is lost."""
        answer: Template | Redirect = await _file(runtime, request, await party_of(principal), entry_id)
        return answer

    @post("/withdraw")
    async def withdraw(self, runtime: Runtime, principal: Operator, entry_id: UUID) -> Redirect:
        """Take it back."""
        await withdraw_request(await party_of(principal), entry_id, at=runtime.clock.now())
        return Redirect(f"/portal/repairs/{entry_id}", status_code=303)

    @post("/defer", status_code=200)
    async def defer(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Operator,
        entry_id: UUID,
        data: Annotated[DeferralForm, URL_FORM],
    ) -> Template | Redirect:
        """Promise to correct by a day."""
        answer: Template | Redirect = await _defer(runtime, request, await party_of(principal), entry_id, data)
        return answer

    @get("/papers/{paper_id:uuid}")
    async def paper(self, runtime: Runtime, principal: Operator, entry_id: UUID, paper_id: UUID) -> Response[bytes]:
        """A paper of my shop's open request."""
        return await _paper(runtime, await party_of(principal), entry_id, paper_id)

    @get("/package")
    async def package(self, runtime: Runtime, principal: Operator, entry_id: UUID) -> Response[bytes]:
        """Everything of my shop's newest request, to file it myself."""
        return await _package(runtime, await party_of(principal), entry_id)


async def repair_piece(_: AnyRequest, about: dict[str, Any]) -> dict[str, Any] | None:
    """The way from an entry to its repair or deferral; None where there is none."""
    entry = about["entry"]
    if not is_repairable_kind(entry) or entry.state not in ("noticed", "published", "repaired"):
        return None
    return {"entry": entry, "surface": "portal" if entry.merchant_id else "app"}


ROUTES = (AppRepairPages, PortalRepairPages)
