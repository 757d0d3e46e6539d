"""Gatherings in the app and in the console: places, the code of the moment, and what was reached."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Template

from xinyi_platform.divisions import communities, division_name
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Resident, Staff
from xinyi_platform.qr import draw_svg
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.web import Form, page, typed_instant, typed_number
from xinyi_rewards.gatherings.codes import STEP_SECONDS, code_at
from xinyi_rewards.gatherings.holding import (
    Plan,
    are_doors_open,
    attend,
    cancel_gathering,
    find_gathering,
    gathering_for_all,
    give_place_back,
    has_begun,
    plan_gathering,
    settle_gathering,
    sign_up,
)
from xinyi_rewards.gatherings.reading import PAGE_SIZE, gatherings_of, own_besides, reached_in, upcoming, with_numbers
from xinyi_rewards.gatherings.states import HOSTS, NAMES

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class PlaceForm(Form, kw_only=True, frozen=True):
    act: str = ""
    code: str = ""


class PlanForm(Form, kw_only=True, frozen=True):
    division: str = ""
    title: str = ""
    place: str = ""
    starts_at: str = ""
    ends_at: str = ""
    capacity: str = ""


class ActForm(Form, kw_only=True, frozen=True):
    act: str = ""
    heads: str = ""
    materials: str = ""
    reason: str = ""


class AppGatheringPages(Controller):
    path = "/app/gatherings"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def index(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1,
    ) -> Template:
        """What is to come by pages, my own district first, and where I was."""
        return await _app(runtime, request, principal, number=number)

    @get("/{gathering_id:uuid}/attend")
    async def confirm(self, request: AnyRequest, gathering_id: UUID, code: str = "") -> Template:
        """What the code at the place leads to: one tap, since a look alone changes nothing."""
        row = await gathering_for_all(gathering_id)
        return page("gatherings/app_attend.html", request, row=row, code=code)

    @post("/{gathering_id:uuid}", status_code=200)
    async def act(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        gathering_id: UUID,
        data: Annotated[PlaceForm, URL_FORM],
    ) -> Template | Redirect:
        """Sign up, give the place back, or be taken down as present."""
        now = runtime.clock.now()
        try:
            match data.act:
                case "give_back":
                    await give_place_back(gathering_id, principal.id, at=now)
                case "attend":
                    await attend(runtime, gathering_id, principal.id, data.code, at=now)
                case _:
                    await sign_up(gathering_id, principal.id, at=now)
        except DomainError as error:
            if error.status not in (409, 422):
                raise
            return await _app(runtime, request, principal, error)
        return Redirect("/app/gatherings", status_code=303)


async def _app(
    runtime: Runtime, request: AnyRequest, principal: Resident, error: DomainError | None = None, *, number: int = 1
) -> Template:
    now = runtime.clock.now()
    shown = await upcoming(principal.id, at=now, page=number)
    seen = shown if number > 1 else [*shown, *await own_besides(principal.id, shown)]
    return page(
        "gatherings/app_gatherings.html",
        request,
        status_code=error.status if error else 200,
        seen=seen,
        number=number,
        has_more=len(shown) == PAGE_SIZE,
        open_now={one.row.id for one in seen if are_doors_open(one.row, at=now)},
        names=NAMES,
        error=error.explain(language_of(request)) if error else None,
    )


class ConsoleGatheringPages(Controller):
    path = "/console/gatherings"
    guards = [Allow(Staff, roles=HOSTS)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Staff) -> Template:
        """The gatherings of my area, what they reached, and the form of a new one."""
        return await _index(request, principal)

    @post("/", status_code=200)
    async def plan(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[PlanForm, URL_FORM]
    ) -> Template | Redirect:
        """Plan one."""
        try:
            plan = Plan(
                division=data.division,
                title=data.title,
                place=data.place,
                starts_at=typed_instant(data.starts_at, "starts_at"),
                ends_at=typed_instant(data.ends_at, "ends_at"),
                capacity=typed_number(data.capacity, "capacity"),
            )
            made = await plan_gathering(principal, plan, at=runtime.clock.now())
        except InvalidField as error:
            return await _index(request, principal, data, error)
        return Redirect(f"/console/gatherings/{made.id}", status_code=303)

    @get("/{gathering_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, gathering_id: UUID) -> Template:
        """One gathering: who came, and what to put down."""
        return await _show(runtime, request, principal, gathering_id)

    @get("/{gathering_id:uuid}/code")
    async def code(self, runtime: Runtime, request: AnyRequest, principal: Staff, gathering_id: UUID) -> Template:
        """The code of the moment for a screen at the place; the page asks for the next one by itself."""
        row, now = await find_gathering(gathering_id, principal), runtime.clock.now()
        code = code_at(runtime.keys, row.id, now)
        address = f"{runtime.settings.public_url}/app/gatherings/{row.id}/attend?code={code}"
        return page(
            "gatherings/console_code.html",
            request,
            headers={"Refresh": str(STEP_SECONDS), "Cache-Control": "no-store"},
            row=row,
            code=code,
            svg=draw_svg(address),
            seen=(await with_numbers([row]))[0],
        )

    @post("/{gathering_id:uuid}", status_code=200)
    async def act(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        gathering_id: UUID,
        data: Annotated[ActForm, URL_FORM],
    ) -> Template | Redirect:
        """Put numbers down, or cancel it with the reason."""
        now = runtime.clock.now()
        try:
            if data.act == "cancel":
                await cancel_gathering(gathering_id, principal, reason=data.reason, at=now)
            else:
                await find_gathering(gathering_id, principal)
                heads, materials = typed_number(data.heads, "heads"), typed_number(data.materials, "materials")
                await settle_gathering(gathering_id, principal, heads=heads, materials=materials, at=now)
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            return await _show(runtime, request, principal, gathering_id, data, error)
        return Redirect(f"/console/gatherings/{gathering_id}", status_code=303)


async def _index(
    request: AnyRequest, staff: Staff, form: PlanForm | None = None, error: DomainError | None = None
) -> Template:
    mine = [code for code in communities() if area_of(staff).covers(code)]
    return page(
        "gatherings/console_gatherings.html",
        request,
        status_code=error.status if error else 200,
        seen=await gatherings_of(staff),
        reached=await reached_in(staff),
        names=NAMES,
        communities=[(code, division_name(code)) for code in mine],
        form=form or PlanForm(),
        error=error.explain(language_of(request)) if error else None,
    )


async def _show(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    gathering_id: UUID,
    form: ActForm | None = None,
    error: DomainError | None = None,
) -> Template:
    row = await find_gathering(gathering_id, staff)
    begun = has_begun(row, at=runtime.clock.now())
    return page(
        "gatherings/console_gathering.html",
        request,
        status_code=error.status if error else 200,
        seen=(await with_numbers([row]))[0],
        row=row,
        may_settle=begun and row.state != "cancelled",
        may_cancel=not begun and row.state == "planned",
        names=NAMES,
        form=form,
        error=error.explain(language_of(request)) if error else None,
    )


ROUTES = (AppGatheringPages, ConsoleGatheringPages)
