"""The supervisors' pages: classes with their reasons, inspections, and draws."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Template

from xinyi_merchants.registry import TRADES, find_merchant, list_merchants
from xinyi_merchants.risk_classes.classifying import COLOURS
from xinyi_merchants.risk_classes.inspections import COLUMNS, KIND_NAMES, import_inspections
from xinyi_merchants.risk_classes.lots import WEIGHTS, InspectionRelief, draw_inspections, is_right
from xinyi_merchants.risk_classes.models import InspectionDraw
from xinyi_merchants.risk_classes.reading import PAGE_ROWS, list_classes, read_dossier
from xinyi_merchants.risk_classes.rules import rules_of
from xinyi_platform.clock import local_date
from xinyi_platform.errors import DomainError, InvalidField, NotFound
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
LIST = "/console/risk-classes"
ROLES = [Role.SUPERVISOR]
KINDS = {kind: name for name, kind in KIND_NAMES.items()}
_MOST_UPLOAD = 10_000_000


class SheetForm(Form, kw_only=True, frozen=True):
    sheet: UploadFile


class DrawForm(Form, kw_only=True, frozen=True):
    number: str = ""
    trade: str = ""


class RiskClassPages(Controller):
    path = LIST
    guards = [Allow(Staff, roles=ROLES)]
    include_in_schema = False

    @get("/")
    async def index(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        colour: Annotated[str, QueryParameter(max_length=10)] = "",
        trade: Annotated[str, QueryParameter(max_length=24)] = "",
        number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1,
    ) -> Template:
        """The area's classes, the heaviest first."""
        return await _index(runtime, request, principal, colour, trade, number)

    @get("/rules")
    async def rules(self, runtime: Runtime, request: AnyRequest) -> Template:
        """The model in force."""
        return page("risk_classes/rules.html", request, rules=rules_of(local_date(runtime.clock.now())), trades=TRADES)

    @get("/merchants/{merchant_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, merchant_id: UUID) -> Template:
        """One merchant's class, why, and what it was before."""
        dossier = await read_dossier(principal, merchant_id, at=runtime.clock.now())
        shop = await find_merchant(merchant_id)
        return page("risk_classes/one.html", request, dossier=dossier, shop=shop, colours=COLOURS, kinds=KINDS)

    @post("/inspections", request_max_body_size=_MOST_UPLOAD)
    async def upload(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        data: Annotated[SheetForm, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> Redirect | Template:
        """Import inspections from a sheet, all of its rows or none."""
        now = runtime.clock.now()
        try:
            await import_inspections(await data.sheet.read(), data.sheet.filename, principal, now=now)
        except DomainError as error:
            if error.status not in (400, 422):
                raise
            return await _index(runtime, request, principal, "", "", 1, error=error)
        return Redirect(LIST, status_code=303)

    @post("/draws")
    async def draw(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        data: Annotated[DrawForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Redirect | Template:
        """Draw shops to inspect."""
        try:
            made = await draw_inspections(
                principal,
                number=_number(data.number),
                trade=data.trade,
                now=runtime.clock.now(),
                relief=runtime.parts.get(InspectionRelief),
            )
        except InvalidField as error:
            return await _index(runtime, request, principal, "", "", 1, error=error)
        return Redirect(f"{LIST}/draws/{made.id}", status_code=303)

    @get("/draws/{draw_id:uuid}")
    async def show_draw(self, request: AnyRequest, principal: Staff, draw_id: UUID) -> Template:
        """A draw with its seed, and whether repeating it gives the same shops."""
        made = await area_of(principal).bind(InspectionDraw.filter(id=draw_id)).first()
        if made is None:
            raise NotFound
        shops = {str(shop.id): shop for shop in await list_merchants(UUID(shop) for shop in made.drawn)}
        drawn = [shops[shop] for shop in made.drawn if shop in shops]
        return page("risk_classes/draw.html", request, draw=made, shops=drawn, is_right=is_right(made), trades=TRADES)


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0


async def _index(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    colour: str,
    trade: str,
    number: int,
    *,
    error: DomainError | None = None,
) -> Template:
    listed = await list_classes(staff, colour=colour, trade=trade, page=number, at=runtime.clock.now())
    shops = {shop.id: shop for shop in await list_merchants(row.merchant_id for row in listed.rows)}
    draws = area_of(staff).bind(InspectionDraw.all()).order_by("-drawn_at").limit(10)
    return page(
        "risk_classes/list.html",
        request,
        status_code=error.status if error else 200,
        rows=[(row, shops[row.merchant_id]) for row in listed.rows if row.merchant_id in shops],
        counts=listed.counts,
        total=listed.total,
        pages=-(-listed.total // PAGE_ROWS),
        number=number,
        colour=colour,
        trade=trade,
        colours=COLOURS,
        trades=TRADES,
        columns=COLUMNS,
        weights=WEIGHTS,
        draws=await draws.only("id", "drawn_at"),
        error=error.explain(language_of(request)) if error else "",
    )
