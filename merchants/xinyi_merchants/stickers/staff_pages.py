"""The staff's side of stickers: sheets of their area to print, and warnings of copies."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Response, Template
from tortoise.functions import Count

from xinyi_merchants.registry.finding import list_merchants
from xinyi_merchants.registry.fonts import find_chinese_font
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.copy_warnings import LEAST_SCANS, NEAR_HOURS, list_warnings, settle_warning
from xinyi_merchants.stickers.labels import PER_SHEET
from xinyi_merchants.stickers.scans import ELSEWHERE
from xinyi_merchants.stickers.sheets import plan_sheet, record_sheet, sheet_pdf
from xinyi_platform.divisions import division_name, divisions, is_division
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.language import Text, language_of
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import Area, area_of
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
SHEETS, WARNINGS = "/console/stickers", "/console/sticker-warnings"
ROLES = [Role.COMMUNITY_WORKER, Role.CREDIT_OFFICE]
PART = 10 * PER_SHEET  # a second or so of drawing; whole districts are for `xinyi sticker sheet`
_LEAST_DIGITS = 9  # a street


class NoteForm(Form, kw_only=True, frozen=True):
    note: str = ""


class StickerSheetPages(Controller):
    path = SHEETS
    guards = [Allow(Staff, roles=ROLES)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Staff) -> Template:
        """The streets and communities of the area, with how many open shops they have."""
        rows = await _shops_by_division(area_of(principal))
        return page("stickers/sheets.html", request, rows=rows, area=division_name(principal.division))

    @get("/{division:str}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, division: str) -> Template:
        """One division's labels, in parts to download."""
        plan = await plan_sheet(runtime, _own(principal, division))
        parts = range(1, -(-len(plan.labels) // PART) + 1)
        return page("stickers/sheet.html", request, plan=plan, parts=parts, place=division_name(division), size=PART)

    @get("/{division:str}/sheet.pdf")
    async def sheet(
        self,
        runtime: Runtime,
        principal: Staff,
        division: str,
        part: Annotated[int, QueryParameter(ge=1, le=1_000)] = 1,
    ) -> Response[bytes]:
        """One part as A4 pages for the printer; the download is written down."""
        place = _own(principal, division)
        await limit(runtime.cache, f"sticker-sheet:{principal.id}", times=30, per_seconds=600)
        labels = (await plan_sheet(runtime, place)).labels[(part - 1) * PART : part * PART]
        if not labels:
            raise NotFound
        content = await asyncio.to_thread(sheet_pdf, labels, find_chinese_font(runtime.settings.label_font))
        now = runtime.clock.now()
        await record_sheet(division, actor=principal.label, labels=len(labels), part=part, at=now)
        headers = {"Content-Disposition": f'attachment; filename="stickers-{division}-{part}.pdf"'}
        return Response(content, media_type="application/pdf", headers=headers)


class CopyWarningPages(Controller):
    path = WARNINGS
    guards = [Allow(Staff, roles=[*ROLES, Role.SUPERVISOR])]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Staff) -> Template:
        """The warnings of the area."""
        return await _warnings(request, principal)

    @post("/{warning_id:uuid}/settle")
    async def settle(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        warning_id: UUID,
        data: Annotated[NoteForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Redirect | Template:
        """Close a warning with what was found."""
        try:
            await settle_warning(principal, warning_id, note=data.note, now=runtime.clock.now())
        except InvalidField as error:
            return await _warnings(request, principal, error=error)
        return Redirect(WARNINGS, status_code=303)


def area_name(code: str) -> Text:
    """Return how a scan's area is shown to staff."""
    if code == ELSEWHERE:
        return Text("市外", "outside the city")
    return division_name(code) if is_division(code) else Text(f"市外({code})", f"outside the city ({code})")


def _own(staff: Staff, division: str) -> Area:
    """Return a street or community of the staff's area. Raises NotFound (404) for any other."""
    if len(division) < _LEAST_DIGITS or not is_division(division):
        raise NotFound
    return area_of(staff).part(division)


async def _shops_by_division(area: Area) -> list[tuple[str, Text, int]]:
    shops = area.bind(Merchant.filter(status="open"))
    counted: list[Any] = await shops.annotate(number=Count("id")).group_by("division").values_list("division", "number")
    places = [code for code in divisions() if len(code) >= _LEAST_DIGITS and area.covers(code)]
    numbers = {code: sum(number for place, number in counted if place.startswith(code)) for code in places}
    return [(code, division_name(code), numbers[code]) for code in places]


async def _warnings(request: AnyRequest, staff: Staff, *, error: InvalidField | None = None) -> Template:
    rows = await list_warnings(staff)
    shops = {shop.id: shop for shop in await list_merchants({row.merchant_id for row in rows})}
    return page(
        "stickers/warnings.html",
        request,
        status_code=error.status if error else 200,
        rows=[(row, shops[row.merchant_id]) for row in rows if row.merchant_id in shops],
        area_name=area_name,
        least=LEAST_SCANS,
        hours=NEAR_HOURS,
        error=error.explain(language_of(request)) if error else "",
    )
