"""Pages about one entry: its documents for staff and its subject, and the printed letter."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_merchants.registry.pages import read_picture
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Operator, Resident, Staff
from xinyi_platform.qr import draw_svg
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_rewards.honor_lists.documents import MOST_FORM_BYTES, attach_evidence, document_file
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.letters import letter_about, list_of, send_letter
from xinyi_rewards.honor_lists.parties import entry_of, party_of
from xinyi_rewards.honor_lists.states import MAKERS, SHOWN

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class LetterForm(Form, kw_only=True, frozen=True):
    sent_on: str = ""
    tracking: str = ""


async def read_form(request: AnyRequest, field: str) -> tuple[dict[str, str], list[bytes]]:
    """Return a multipart form's texts and the files of one field; a field without a file sends none."""
    form = await request.form()
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    uploads = [value for value in form.getall(field, []) if isinstance(value, UploadFile) and value.filename]
    return texts, [await upload.read() for upload in uploads]


def private_picture(content: bytes) -> Response[bytes]:
    """Return a picture that only its caller may see."""
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


class ConsoleEntryPages(Controller):
    path = "/console/entries/{entry_id:uuid}"
    guards = [Allow(Staff, roles=MAKERS)]
    include_in_schema = False

    @post("/documents", request_max_body_size=MOST_FORM_BYTES)
    async def attach(self, runtime: Runtime, request: AnyRequest, principal: Staff, entry_id: UUID) -> Redirect:
        """Attach the unit's document to an entry of mine that is not approved yet."""
        _, pictures = await read_form(request, "documents")
        list_id = await attach_evidence(runtime, entry_id, principal, pictures, at=runtime.clock.now())
        return Redirect(f"/console/lists/{list_id}", status_code=303)

    @get("/documents/{document_id:uuid}")
    async def document(self, runtime: Runtime, principal: Staff, entry_id: UUID, document_id: UUID) -> Response[bytes]:
        """A document of an entry of my area; that I looked is on record."""
        await list_of(entry_id)
        file_id = await document_file(entry_id, document_id)
        async with transaction():
            await audit.record(
                "honor_entry.document_read",
                actor=principal.label,
                object_kind="honor_entry",
                object_id=entry_id,
                detail={"document": str(document_id)},
                at=runtime.clock.now(),
            )
        return private_picture(await read_picture(runtime, file_id))

    @get("/letter")
    async def letter(self, runtime: Runtime, request: AnyRequest, principal: Staff, entry_id: UUID) -> Template:
        """The letter to print, and when it was sent."""
        return await _letter(runtime, request, principal, entry_id)

    @post("/letter", status_code=200)
    async def send(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        entry_id: UUID,
        data: Annotated[LetterForm, URL_FORM],
    ) -> Template | Redirect:
        """Put down that it was posted."""
        try:
            day = _day(data.sent_on)
            await send_letter(entry_id, principal, sent_on=day, tracking=data.tracking, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            return await _letter(runtime, request, principal, entry_id, form=data, error=error)
        return Redirect(f"/console/entries/{entry_id}/letter", status_code=303)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidField(field="sent_on", zh="请填写日期。", en="Give the day.") from None


async def _letter(
    runtime: Runtime,
    request: AnyRequest,
    principal: Staff,
    entry_id: UUID,
    *,
    form: LetterForm | None = None,
    error: DomainError | None = None,
) -> Template:
    now = runtime.clock.now()
    letter, made = await letter_about(runtime, entry_id, principal, at=now), await list_of(entry_id)
    where = "/portal/listings" if letter.entry.merchant_id else "/app/honors"
    return page(
        "honor_lists/console_letter.html",
        request,
        status_code=error.status if error else 200,
        letter=letter,
        may_send=letter.entry.state in SHOWN and letter.sent is None,
        entry=letter.entry,
        made=made,
        kind=kind_of(letter.entry.kind),
        city=runtime.settings.city_name,
        address=f"{runtime.settings.public_url}{where}",
        qr=draw_svg(f"{runtime.settings.public_url}{where}"),
        today=local_date(now),
        form=form,
        error=error.explain(language_of(request)) if error else None,
    )


@get("/app/honors/{entry_id:uuid}/documents/{document_id:uuid}", guards=[Allow(Resident)], include_in_schema=False)
async def my_document(runtime: Runtime, principal: Resident, entry_id: UUID, document_id: UUID) -> Response[bytes]:
    """A document about my entry."""
    entry = await entry_of(await party_of(principal), entry_id)
    return private_picture(await read_picture(runtime, await document_file(entry.id, document_id)))


@get("/portal/listings/{entry_id:uuid}/documents/{document_id:uuid}", guards=[Allow(Operator)], include_in_schema=False)
async def our_document(runtime: Runtime, principal: Operator, entry_id: UUID, document_id: UUID) -> Response[bytes]:
    """A document about my shop's entry."""
    entry = await entry_of(await party_of(principal), entry_id)
    return private_picture(await read_picture(runtime, await document_file(entry.id, document_id)))


ROUTES = (ConsoleEntryPages, my_document, our_document)
