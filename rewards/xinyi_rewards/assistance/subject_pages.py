"""A subject's pages of help, the same for a resident in the app and for a shop in the portal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_merchants.registry.pages import read_picture
from xinyi_platform.clock import local_date
from xinyi_platform.errors import DomainError, Forbidden, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Operator, Resident, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page, typed_number
from xinyi_rewards.assistance.agency import (
    AgencyWish,
    ask_agency,
    confirm_draft,
    my_agency,
    return_draft,
    withdraw_agency,
)
from xinyi_rewards.assistance.booking import book_place, give_place_back, help_entry
from xinyi_rewards.assistance.policy import help_policy, help_services
from xinyi_rewards.assistance.reading import (
    agency_about,
    draft_file,
    draft_papers,
    looks_at_agency,
    my_certificate,
    trainings_for,
)
from xinyi_rewards.assistance.states import HELPED, NAMES
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.parties import Party, party_of
from xinyi_rewards.honor_lists.subjects import NAME_FIELD
from xinyi_rewards.repairs.checking import conditions_of, is_repairable_kind
from xinyi_rewards.repairs.policy import repair_policy
from xinyi_rewards.repairs.reading import is_under_way
from xinyi_rewards.repairs.subject_pages import jpeg

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
_SHOWN = (400, 409, 413, 422)


class PlaceForm(Form, kw_only=True, frozen=True):
    act: str = ""


class WishForm(Form, kw_only=True, frozen=True):
    wish: str = ""
    contact: str = ""
    signed: str = ""


class StepForm(Form, kw_only=True, frozen=True):
    """`draft`: the number of the draft that was read; `signed`: the commitment's version that was agreed to."""

    act: str = ""
    reason: str = ""
    draft: str = ""
    signed: str = ""


AnyForm = PlaceForm | WishForm | StepForm


async def _caller(request: AnyRequest) -> tuple[str, Party]:
    """Return the surface and the subject for whom the caller acts."""
    caller = caller_of(request)
    if not isinstance(caller, Resident | Operator):
        raise Forbidden
    return "portal" if isinstance(caller, Operator) else "app", await party_of(caller)


def may_file(entry: HonorEntry, *, runtime: Runtime) -> bool:
    """Tell whether the repair of an entry can be filed today."""
    conditions = conditions_of(entry, today=local_date(runtime.clock.now()))
    return entry.state == "published" and conditions[0].is_met is True


async def _show(
    runtime: Runtime,
    request: AnyRequest,
    entry_id: UUID,
    *,
    form: AnyForm | None = None,
    error: DomainError | None = None,
) -> Template:
    surface, party = await _caller(request)
    entry, agencies = await help_entry(party, entry_id), await agency_about(party, entry_id)
    current = next((row for row in agencies if row.slot == "open"), None)
    return page(
        "assistance/help.html",
        request,
        status_code=error.status if error else 200,
        layout=f"web/{surface}.html",
        base=f"/{surface}/help/{entry_id}",
        back=f"/{surface}/repairs/{entry_id}",
        entry=entry,
        kind=kind_of(entry.kind),
        services=help_services(),
        trainings=await trainings_for(party, at=runtime.clock.now()),
        agencies=agencies,
        current=current,
        looks=await looks_at_agency(agencies),
        papers=await draft_papers(current.id) if current else [],
        is_helped=entry.state in HELPED,
        may_file=may_file(entry, runtime=runtime),
        is_filed=await is_under_way(party, entry_id),
        authorisation=help_policy().authorisation,
        commitment=repair_policy().commitment,
        names=NAMES,
        wish=form if isinstance(form, WishForm) else WishForm(),
        step=form if isinstance(form, StepForm) else StepForm(),
        error=error.explain(language_of(request)) if error else None,
    )


async def _step(runtime: Runtime, party: Party, entry_id: UUID, form: StepForm) -> None:
    at = runtime.clock.now()
    await my_agency(party, entry_id)
    match form.act:
        case "confirm":
            draft = typed_number(form.draft, "draft")
            await confirm_draft(runtime, party, entry_id, draft=draft, signed=form.signed, at=at)
        case "return":
            await return_draft(party, entry_id, reason=form.reason, at=at)
        case "withdraw":
            await withdraw_agency(party, entry_id, at=at)
        case _:
            raise _no_such_act()


async def _place(party: Party, entry_id: UUID, training_id: UUID, form: PlaceForm, *, at: datetime) -> None:
    match form.act:
        case "book":
            await book_place(party, entry_id, training_id, at=at)
        case "give_back":
            await give_place_back(party, entry_id, training_id, at=at)
        case _:
            raise _no_such_act()


def _no_such_act() -> InvalidField:
    return InvalidField(field="act", zh="请选择要进行的操作。", en="Choose what to do.")


class HelpPages(Controller):
    """What the two surfaces share; each says its path and who may call it."""

    include_in_schema = False

    @get("/")
    async def show(self, runtime: Runtime, request: AnyRequest, entry_id: UUID) -> Template:
        """What help there is about my entry, and how what I booked stands."""
        return await _show(runtime, request, entry_id)

    @post("/sessions/{training_id:uuid}", status_code=200)
    async def place(
        self,
        runtime: Runtime,
        request: AnyRequest,
        entry_id: UUID,
        training_id: UUID,
        data: Annotated[PlaceForm, URL_FORM],
    ) -> Template | Redirect:
        """Hold a place, or give it back."""
        _, party = await _caller(request)
        try:
            await _place(party, entry_id, training_id, data, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in _SHOWN:
                raise
            return await _show(runtime, request, entry_id, error=error)
        return _back(request, f"/sessions/{training_id}")

    @get("/certificates/{booking_id:uuid}")
    async def certificate(self, runtime: Runtime, request: AnyRequest, entry_id: UUID, booking_id: UUID) -> Template:
        """My certificate of attendance, to print."""
        surface, party = await _caller(request)
        entry = await help_entry(party, entry_id)
        return page(
            "assistance/certificate.html",
            request,
            headers={"Cache-Control": "private, no-store"},
            layout=f"web/{surface}.html",
            base=f"/{surface}/help/{entry_id}",
            certificate=await my_certificate(party, booking_id),
            name=runtime.keys.decrypt(entry.name_cipher, field=NAME_FIELD),
        )

    @post("/agency", status_code=200)
    async def ask(
        self, runtime: Runtime, request: AnyRequest, entry_id: UUID, data: Annotated[WishForm, URL_FORM]
    ) -> Template | Redirect:
        """Ask for agency; what is wrong is said and nothing that was typed is lost."""
        _, party = await _caller(request)
        asked = AgencyWish(wish=data.wish, contact=data.contact, signed=data.signed)
        try:
            await ask_agency(runtime, party, entry_id, asked, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in _SHOWN:
                raise
            return await _show(runtime, request, entry_id, form=data, error=error)
        return _back(request, "/agency")

    @post("/agency/step", status_code=200)
    async def step(
        self, runtime: Runtime, request: AnyRequest, entry_id: UUID, data: Annotated[StepForm, URL_FORM]
    ) -> Template | Redirect:
        """Confirm the draft, send it back, or take the request back."""
        _, party = await _caller(request)
        try:
            await _step(runtime, party, entry_id, data)
        except DomainError as error:
            if error.status not in _SHOWN:
                raise
            return await _show(runtime, request, entry_id, form=data, error=error)
        return _back(request, "/agency/step")

    @get("/papers/{agency_paper_id:uuid}")
    async def paper(
        self, runtime: Runtime, request: AnyRequest, entry_id: UUID, agency_paper_id: UUID
    ) -> Response[bytes]:
        """A paper of the draft about my entry."""
        _, party = await _caller(request)
        row = await my_agency(party, entry_id)
        return jpeg(await read_picture(runtime, await draft_file(row, agency_paper_id)))


def _back(request: AnyRequest, tail: str) -> Redirect:
    return Redirect(request.url.path.removesuffix(tail), status_code=303)


class AppHelpPages(HelpPages):
    path = "/app/help/{entry_id:uuid}"
    guards = [Allow(Resident)]


class PortalHelpPages(HelpPages):
    path = "/portal/help/{entry_id:uuid}"
    guards = [Allow(Operator)]


async def help_piece(_: AnyRequest, about: dict[str, Any]) -> dict[str, Any] | None:
    """The way from an entry's repair to the help with it; None where there is none."""
    entry = about["entry"]
    if not is_repairable_kind(entry):
        return None
    surface = "portal" if entry.merchant_id else "app"
    return {"entry": entry, "surface": surface, "services": help_services(), "is_helped": entry.state in HELPED}


ROUTES = (AppHelpPages, PortalHelpPages)
