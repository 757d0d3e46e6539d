"""Complaint pages for those who complain: the form behind a sticker, the follow page, and the resident's app."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_merchants.complaints.acting import Actor, act, add_note
from xinyi_merchants.complaints.deadlines import due_on, is_overdue
from xinyi_merchants.complaints.filing import MOST_PICTURE_BYTES, Filing, body_of, file_complaint, receipt_of
from xinyi_merchants.complaints.marking import STATES as MARK_STATES
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.policy import LIMITS
from xinyi_merchants.complaints.public_answers import ANSWERED
from xinyi_merchants.complaints.public_answers import STATES as ANSWER_STATES
from xinyi_merchants.complaints.reading import (
    adopt_complaints,
    complaints_of_resident,
    picture_of,
    resident_complaint,
    shop_names,
    show,
    visitor_complaint,
)
from xinyi_merchants.complaints.states import (
    ASKS_SATISFACTION,
    CATEGORIES,
    EVENTS,
    KINDS,
    NEEDS_TEXT,
    OPEN,
    STATES,
    acts_of,
)
from xinyi_merchants.registry.finding import MerchantFacts, find_merchant_by_code
from xinyi_merchants.stickers.issuing import PRINTED_LENGTH, check_sticker
from xinyi_platform.clock import local_date
from xinyi_platform.errors import Conflict, DomainError, InvalidField, NotFound
from xinyi_platform.idempotency import IdempotencyKeyReused, run_once
from xinyi_platform.identity import resident_profile
from xinyi_platform.ids import normalise_public_code
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Anyone, Resident, caller_of
from xinyi_platform.rate_limits import client_of, limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
Surface = Literal["app", "portal", "console"]
_CALLERS = {"app": "resident", "portal": "operator", "console": "staff"}
_SHOWN_AGAIN = (400, 409, 413, 422)
_NO_STORE = {"Cache-Control": "no-store"}


class FollowForm(Form, kw_only=True, frozen=True):
    number: str = ""
    phone: str = ""


class ActForm(Form, kw_only=True, frozen=True):
    """One step of a complaint, from any surface."""

    act: str
    text: str = ""
    satisfied: str = ""
    official_number: str = ""

    @property
    def is_satisfied(self) -> bool | None:
        """What the consumer said; None where nothing was chosen."""
        return {"yes": True, "no": False}.get(self.satisfied)


def act_choices(kind: str, row: Complaint) -> list[tuple[str, Any, bool]]:
    """Return what a caller may do now: the event, its name, and whether it needs a text."""
    return [(e, EVENTS[e], e in NEEDS_TEXT) for e in acts_of(kind, row.state, reopened=row.reopened)]


async def detail_page(
    runtime: Runtime, request: AnyRequest, row: Complaint, surface: Surface, *, error: DomainError | None = None
) -> Template:
    """Return a complaint's page on a surface, with what the caller may do; after a refused step with the reason."""
    shown = await show(runtime, row, for_merchant=surface == "portal", with_notes=surface == "console")
    return page(
        "complaints/detail.html",
        request,
        status_code=error.status if error else 200,
        surface=surface,
        layout=f"web/{surface}.html",
        shown=shown,
        due=due_on(row),
        is_late=is_overdue(row, shown.today),
        acts=act_choices(_CALLERS[surface], row),
        asks_satisfaction=ASKS_SATISFACTION,
        is_over=row.state not in OPEN,
        mark_states=MARK_STATES,
        answer_states=ANSWER_STATES,
        can_publish=row.state in ANSWERED and row.answered_in_time is not None and row.kind == "complaint",
        error=error.explain(language_of(request)) if error else "",
    )


async def take_step(
    runtime: Runtime, request: AnyRequest, row: Complaint, surface: Surface, actor: Actor, data: ActForm
) -> Redirect | Template:
    """Take the step that a form asks for, and show the complaint; a refusal shows it as it is now."""
    try:
        if data.act == "note" and actor.kind == "staff":
            await add_note(row, actor, text=data.text, now=runtime.clock.now())
        else:
            await act(
                runtime,
                row,
                data.act,
                actor,
                text=data.text,
                satisfied=data.is_satisfied,
                official_number=data.official_number,
                now=runtime.clock.now(),
            )
    except (Conflict, InvalidField) as error:
        return await detail_page(runtime, request, await Complaint.get(id=row.id), surface, error=error)
    return Redirect(f"/{surface}/complaints/{row.id}", status_code=303)


def jpeg(content: bytes) -> Response[bytes]:
    """Return a picture that no shared cache may keep."""
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


class PublicComplaintPages(Controller):
    path = "/m"
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/{code:str}/complain")
    async def form(self, runtime: Runtime, request: AnyRequest, code: str) -> Template:
        """The form, by a merchant's code or by a sticker's."""
        return _form_page(request, await _shop_of(runtime, code), {}, once=_once())

    @post("/{code:str}/complain", status_code=200, request_max_body_size=MOST_PICTURE_BYTES)
    async def file(self, runtime: Runtime, request: AnyRequest, code: str) -> Template | Redirect:
        """File it once, however often the button is pressed."""
        await limit(runtime.cache, f"complain:{client_of(request)}", times=30, per_seconds=3_600)
        shop = await _shop_of(runtime, code)
        form = await request.form()
        try:
            receipt = await _file(runtime, request, shop, form)
        except DomainError as error:
            if error.status not in _SHOWN_AGAIN:
                raise
            return _form_page(
                request,
                shop,
                {name: value for name, value in form.items() if isinstance(value, str)},
                once=_once() if isinstance(error, IdempotencyKeyReused) else _text(form, "once") or _once(),
                status_code=error.status,
                error=error.explain(language_of(request)),
                field=str(error.values.get("field", "")),
            )
        return Redirect(f"/m/{shop.code}/complain/{receipt['number']}", status_code=303)

    @get("/{code:str}/complain/{number:str}")
    async def receipt(self, request: AnyRequest, code: str, number: str) -> Template:
        """The receipt: the number and the days, nothing of what was said."""
        shop = await find_merchant_by_code(code)
        row = await Complaint.get_or_none(number=normalise_public_code(number), merchant_id=shop.id)
        if row is None:
            raise NotFound
        return page("complaints/receipt.html", request, headers=_NO_STORE, shop=shop, receipt=receipt_of(row))

    @get("/complaints/rules")
    async def rules(self, runtime: Runtime, request: AnyRequest) -> Template:
        """How the clock runs and what the numbers on a shop's page count, each limit with its source."""
        today = local_date(runtime.clock.now())
        return page("complaints/rules.html", request, limits=[row for row in LIMITS if row.is_in_force(today)])

    @get("/complaints", exclude_from_csrf=True)
    async def follow_form(self, request: AnyRequest, number: str = "") -> Template:
        """Ask for the number and the phone."""
        return page("complaints/follow.html", request, number=number, shown=None, error="")

    @post("/complaints", status_code=200)
    async def follow(self, runtime: Runtime, request: AnyRequest, data: Annotated[FollowForm, URL_FORM]) -> Template:
        """Show a visitor her complaint; this changes nothing, so it carries no form token."""
        await limit(runtime.cache, f"follow:{client_of(request)}", times=30, per_seconds=600)
        try:
            row = await visitor_complaint(runtime, data.number, data.phone)
        except NotFound as error:
            text = error.explain(language_of(request))
            return page("complaints/follow.html", request, status_code=404, number=data.number, shown=None, error=text)
        values: dict[str, Any] = {
            "number": row.number,
            "shown": await show(runtime, row),
            "due": due_on(row),
            "error": "",
        }
        return page("complaints/follow.html", request, headers=_NO_STORE, **values)


def _once() -> str:
    """Return a token that lets one form file one complaint."""
    return secrets.token_urlsafe(16)


async def _shop_of(runtime: Runtime, code: str) -> MerchantFacts:
    """Return the shop of a merchant's or a sticker's code; a revoked sticker still leads to a complaint."""
    if len(normalise_public_code(code)) != PRINTED_LENGTH:
        return await find_merchant_by_code(code)
    merchant = (await check_sticker(runtime, code)).merchant
    if merchant is None:
        raise NotFound
    return merchant


async def _file(runtime: Runtime, request: AnyRequest, shop: MerchantFacts, form: FormMultiDict) -> dict[str, Any]:
    caller = caller_of(request)
    filing = Filing(
        kind=_text(form, "kind") or "complaint",
        category=_text(form, "category"),
        text=_text(form, "text"),
        wish=_text(form, "wish"),
        phone=_text(form, "phone").strip(),
        anonymous=_text(form, "anonymous") == "true",
        resident_id=caller.id if isinstance(caller, Resident) else None,
    )
    once = _text(form, "once")
    if not 10 <= len(once) <= 64:
        raise InvalidField(field="once", zh="页面已过期,请刷新后重填。", en="This page has expired; reload it.")
    uploads = [value for value in form.getall("pictures", []) if isinstance(value, UploadFile) and value.filename]
    pictures = [await upload.read() for upload in uploads]
    now = runtime.clock.now()

    async def act_once() -> tuple[int, object]:
        receipt = await file_complaint(runtime, shop, filing, [data for data in pictures if data], now=now)
        return 201, msgspec.to_builtins(receipt)

    body = body_of(filing, pictures)
    _, answer = await run_once(scope=f"complaint-form:{shop.id}", key=once, body=body, now=now, act=act_once)
    if not isinstance(answer, dict):
        raise TypeError("a stored receipt is a mapping")
    return answer


def _text(form: FormMultiDict, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _form_page(
    request: AnyRequest,
    shop: MerchantFacts,
    values: dict[str, Any],
    *,
    once: str,
    status_code: int = 200,
    error: str = "",
    field: str = "",
) -> Template:
    return page(
        "complaints/form.html",
        request,
        status_code=status_code,
        headers=_NO_STORE,
        shop=shop,
        values=values,
        once=once,
        categories=list(CATEGORIES.items()),
        kinds=list(KINDS.items()),
        error=error,
        field=field,
    )


class AppComplaintPages(Controller):
    path = "/app/complaints"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """My complaints, with those that I filed from a shop's page under my phone."""
        profile = await resident_profile(runtime, principal.id)
        await adopt_complaints(runtime, principal.id, profile.phone)
        rows = await complaints_of_resident(principal.id)
        names = await shop_names(rows)
        return page("complaints/app_list.html", request, rows=rows, names=names, states=STATES)

    @get("/{complaint_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Resident, complaint_id: UUID) -> Template:
        """One with its steps and what I may do."""
        return await detail_page(runtime, request, await resident_complaint(complaint_id, principal.id), "app")

    @post("/{complaint_id:uuid}")
    async def step(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        complaint_id: UUID,
        data: Annotated[ActForm, URL_FORM],
    ) -> Redirect | Template:
        """Confirm, reopen, withdraw or reply."""
        row = await resident_complaint(complaint_id, principal.id)
        return await take_step(runtime, request, row, "app", Actor("resident", principal.id), data)

    @get("/{complaint_id:uuid}/pictures/{picture_id:uuid}")
    async def picture(
        self, runtime: Runtime, principal: Resident, complaint_id: UUID, picture_id: UUID
    ) -> Response[bytes]:
        """A picture of my complaint."""
        return jpeg(await picture_of(runtime, await resident_complaint(complaint_id, principal.id), picture_id))
