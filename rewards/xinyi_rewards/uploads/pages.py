"""The console's pages of an upload: how far it is, every row's verdict, and what becomes of it."""

from __future__ import annotations

from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Response, Template

from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_rewards.honor_lists.console_pages import UploadForm, new_list_page
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.states import MAKERS
from xinyi_rewards.uploads.reading import PAGE_SIZE, faults_of, progress_of, verdict_sheet
from xinyi_rewards.uploads.receiving import MOST_BYTES, Choice, Wish, choose, find_upload, receive_sheet
from xinyi_rewards.uploads.states import NAMES
from xinyi_rewards.uploads.working import work_on

AnyRequest = Request[Any, Any, Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SMALL = 200_000
"""Up to so many bytes a sheet is worked on at once, in the request that sends it; a larger one in the background."""
LOOK_AGAIN_SECONDS = 2


class ChoiceForm(Form, kw_only=True, frozen=True):
    choice: str = ""


async def send_sheet(runtime: Runtime, maker: Staff, *, kind: str, title: str, sheet: UploadFile, wish: Wish) -> UUID:
    """Take a sheet in, and work on a small one right away. Returns its id; raises what `receive_sheet` does."""
    content = await sheet.read()
    upload = await receive_sheet(
        runtime, maker, kind=kind, title=title, content=content, filename=sheet.filename, wish=wish,
        at=runtime.clock.now(),
    )  # fmt: skip
    if len(content) <= SMALL:
        await work_on(runtime, upload.id)
    return upload.id


class UploadPages(Controller):
    path = "/console/lists"
    guards = [Allow(Staff, roles=MAKERS)]
    include_in_schema = False

    @get("/new")
    async def new(self, request: AnyRequest, principal: Staff) -> Template:
        """The forms of a new list: a sheet, or one entry that is typed."""
        return new_list_page(request, principal)

    @post("/new", status_code=200, request_max_body_size=MOST_BYTES + 100_000)
    async def send(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        data: Annotated[UploadForm, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> Template | Redirect:
        """Send a sheet; what becomes of it is on the page of the upload."""
        wish: Wish = "check" if data.act == "check" else ("good" if data.keep == "good" else "all")
        try:
            upload_id = await send_sheet(
                runtime, principal, kind=data.kind, title=data.title, sheet=data.sheet, wish=wish
            )
        except DomainError as error:
            if error.status not in (400, 403, 404, 409, 422, 429):
                raise
            return new_list_page(request, principal, form=data, error=error)
        return Redirect(f"/console/lists/uploads/{upload_id}", status_code=303)

    @get("/uploads/{upload_id:uuid}")
    async def show(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        upload_id: UUID,
        number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1,
    ) -> Template | Redirect:
        """How far it is, looked at again by itself; then its verdicts, or the draft that came of it."""
        return await _show(runtime, request, principal, upload_id, number=number)

    @get("/uploads/{upload_id:uuid}/verdicts.xlsx")
    async def verdicts(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, upload_id: UUID
    ) -> Response[bytes]:
        """The sheet with a verdict beside every row."""
        upload = await find_upload(upload_id, principal)
        content = await verdict_sheet(runtime, upload, language_of(request))
        headers = {"Content-Disposition": 'attachment; filename="verdicts.xlsx"', "Cache-Control": "private, no-store"}
        return Response(content, media_type=XLSX, headers=headers)

    @post("/uploads/{upload_id:uuid}", status_code=200)
    async def decide(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        upload_id: UUID,
        data: Annotated[ChoiceForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Template | Redirect:
        """Keep all rows, the good ones, or nothing."""
        try:
            if data.choice not in ("all", "good", "discard"):
                raise InvalidField(field="choice", zh="请选择如何处理。", en="Choose what becomes of it.")
            choice = cast(Choice, data.choice)
            await choose(upload_id, principal, choice, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            return await _show(runtime, request, principal, upload_id, error=error)
        if choice != "discard" and (await find_upload(upload_id, principal)).good <= SMALL // 100:
            await work_on(runtime, upload_id)
        return Redirect(f"/console/lists/uploads/{upload_id}", status_code=303)


async def _show(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    upload_id: UUID,
    *,
    number: int = 1,
    error: DomainError | None = None,
) -> Template | Redirect:
    upload = await find_upload(upload_id, staff)
    if upload.state == "kept" and not upload.wrong:
        return Redirect(f"/console/lists/{upload.list_id}", status_code=303)
    progress = await progress_of(runtime, upload)
    faults, total = await faults_of(upload, page=number)
    return page(
        "uploads/upload.html",
        request,
        status_code=error.status if error else 200,
        headers={"Refresh": str(LOOK_AGAIN_SECONDS)} if progress else {},
        upload=upload,
        kind=kind_of(upload.kind),
        names=NAMES,
        progress=progress,
        faults=faults,
        total=total,
        number=number,
        pages=max(1, -(-total // PAGE_SIZE)),
        error=error.explain(language_of(request)) if error else None,
    )


ROUTES = (UploadPages,)
