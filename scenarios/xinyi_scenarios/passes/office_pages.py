"""A counter's day in the console.

The counters of green lanes are public offices, whose staff work in the console; hospitals and utilities use the
partner API with their own systems.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Template

from xinyi_platform.clock import local_date
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.entitlements.codes import read_code
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.flows import FastTrack
from xinyi_scenarios.passes.models import CounterPass
from xinyi_scenarios.passes.pages import counter_name
from xinyi_scenarios.passes.serving import call_next, check_in, miss, passes_of_day, record_payment, serve
from xinyi_scenarios.passes.states import STATES
from xinyi_scenarios.redemptions.pages import fen_of

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
ROLES = [Role.CREDIT_OFFICE, Role.COMMUNITY_WORKER]
LIST = "/console/counters"


class CounterForm(Form, kw_only=True, frozen=True):
    """One act at a counter: call, check_in, serve, miss or pay; `number` is the pass's id."""

    act: str
    scene: str = ""
    counter: str = ""
    code: str = ""
    number: str = ""
    unpaid: str = ""


class ConsoleCounterPages(Controller):
    path = LIST
    guards = [Allow(Staff, roles=ROLES)]
    include_in_schema = False

    @get("/")
    async def index(
        self,
        runtime: Runtime,
        request: AnyRequest,
        scene: Annotated[str, QueryParameter(max_length=40)] = "",
        counter: Annotated[str, QueryParameter(max_length=40)] = "",
    ) -> Template:
        """Today's numbers at one counter, or which counters there are."""
        return await _counter_day(runtime, request, scene, counter)

    @post("/")
    async def act(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[CounterForm, URL_FORM]
    ) -> Template | Redirect:
        """Call, check in, serve, miss, or record a payment."""
        try:
            await _act(runtime, data, principal.label, runtime.clock.now())
        except DomainError as error:
            if error.status >= 500:
                raise
            return await _counter_day(runtime, request, data.scene, data.counter, error=error)
        return Redirect(f"{LIST}?scene={data.scene}&counter={data.counter}", status_code=303)


async def _act(runtime: Runtime, data: CounterForm, actor: str, now: datetime) -> None:
    scenes = [runtime.part(Catalogue).get(data.scene).slug]
    if data.act == "call":
        await call_next(data.scene, data.counter, actor=actor, at=now, expected=_pass_of(data.number))
    elif data.act == "check_in":
        code = read_code(runtime.keys, data.code, now=now)
        await check_in(scenes, code, counter=data.counter, actor=actor, at=now)
    elif data.act == "serve":
        unpaid = fen_of(data.unpaid) or 0
        await serve(scenes, _pass_of(data.number), unpaid_fen=unpaid, actor=actor, at=now)
    elif data.act == "miss":
        await miss(scenes, _pass_of(data.number), actor=actor, at=now)
    elif data.act == "pay":
        await record_payment(scenes, _pass_of(data.number), actor=actor, at=now)
    else:
        raise InvalidField(field="act", zh="未知操作。", en="There is no such act.")


def _pass_of(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise InvalidField(field="number", zh="请从列表中选择。", en="Choose from the list.") from error


async def _counter_day(
    runtime: Runtime, request: AnyRequest, slug: str, counter: str, *, error: DomainError | None = None
) -> Template:
    scenes = [scene for scene in runtime.part(Catalogue).everything() if isinstance(scene.gives, FastTrack)]
    chosen = next((scene for scene in scenes if scene.slug == slug), None)
    today = local_date(runtime.clock.now())
    rows = await passes_of_day([slug], today, counter=counter) if chosen else []
    unpaid = CounterPass.filter(scenario=slug, state__in=["owing", "overdue"])
    return page(
        "passes/console_day.html",
        request,
        status_code=error.status if error else 200,
        scenes=scenes,
        chosen=chosen,
        counter=counter,
        name=counter_name(chosen, counter),
        rows=rows,
        next_pass=next((row for row in rows if row.state == "booked"), None),
        owed=await unpaid.order_by("due_on").limit(100) if chosen else [],
        states=STATES,
        today=today,
        error=error.explain(language_of(request)) if error else "",
    )
