"""The console's page of sheets: bring shops of the area in, take them home."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Response, Template

from xinyi_merchants.registry.history import KEEPERS
from xinyi_merchants.sheets.exporting import Kind, exported
from xinyi_merchants.sheets.importing import MOST_SHOWN, Imported, Importer, Mode, SheetRefused, import_sheet
from xinyi_merchants.sheets.reading import COLUMNS, OPTIONAL, RowError
from xinyi_platform.errors import DomainError
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
FILE_FORM = Body(media_type=RequestEncodingType.MULTI_PART)
MOST_UPLOAD = 40_000_000
_TYPES: dict[Kind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class SheetForm(Form, kw_only=True, frozen=True):
    """`rows`: all or none, or the good ones only."""

    sheet: UploadFile
    rows: str = "all"


class SheetPages(Controller):
    path = "/console/merchants/sheet"
    guards = [Allow(Staff, roles=KEEPERS)]
    include_in_schema = False

    @get("/")
    async def show(self, request: AnyRequest) -> Template:
        """The columns, and both ways."""
        return _page(request)

    @post("/", status_code=200, request_max_body_size=MOST_UPLOAD)
    async def upload(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[SheetForm, FILE_FORM]
    ) -> Template:
        """Import a sheet, and say what became of it."""
        content, now = await data.sheet.read(), runtime.clock.now()
        mode: Mode = "good" if data.rows == "good" else "all"
        try:
            done = await import_sheet(runtime, content, data.sheet.filename, _importer(principal), mode=mode, now=now)
        except SheetRefused as error:
            return _page(request, error=error, rows=error.rows)
        except DomainError as error:
            if error.status != 422:
                raise
            return _page(request, error=error)
        return _page(request, done=done, rows=done.errors[:MOST_SHOWN])

    @get("/export.csv")
    async def csv(self, runtime: Runtime, principal: Staff) -> Response[bytes]:
        """The area's shops as CSV."""
        return await _file(runtime, principal, "csv")

    @get("/export.xlsx")
    async def xlsx(self, runtime: Runtime, principal: Staff) -> Response[bytes]:
        """The area's shops as a workbook."""
        return await _file(runtime, principal, "xlsx")


def _importer(staff: Staff) -> Importer:
    return Importer(staff.label, staff.person, area_of(staff))


async def _file(runtime: Runtime, staff: Staff, kind: Kind) -> Response[bytes]:
    content = await exported(kind, _importer(staff), now=runtime.clock.now())
    headers = {"Content-Disposition": f'attachment; filename="merchants-{staff.division}.{kind}"'}
    return Response(content, media_type=_TYPES[kind], headers={**headers, "Cache-Control": "no-store"})


def _page(
    request: AnyRequest,
    *,
    error: DomainError | None = None,
    done: Imported | None = None,
    rows: list[RowError] | None = None,
) -> Template:
    return page(
        "sheets/console_sheet.html",
        request,
        status_code=error.status if error else 200,
        error=error.explain(language_of(request)) if error else "",
        done=done,
        rows=rows or [],
        columns=list(COLUMNS),
        optional=list(OPTIONAL),
    )


PAGES = (SheetPages,)
