"""A number on the phone: choose a counter and a day, see how many are before it, give it back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.errors import DomainError, InvalidField, NotFound
from xinyi_platform.language import Text, language_of
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.manifests.flows import FastTrack
from xinyi_scenarios.passes.booking import FLOW, book_pass, bookable_days, cancel_pass, my_pass, terms_of
from xinyi_scenarios.passes.models import CounterPass
from xinyi_scenarios.passes.states import STATES, USED, WAITING

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
SHOWN_AGAIN = (400, 409, 422)


class BookForm(Form, kw_only=True, frozen=True):
    counter: str = ""
    day: str = ""


class PassPages(Controller):
    path = "/app/passes"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/book/{entitlement_id:uuid}")
    async def choose(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, entitlement_id: UUID
    ) -> Template:
        """Choose a counter and a day."""
        return await _booking(runtime, request, principal, entitlement_id, BookForm())

    @post("/book/{entitlement_id:uuid}")
    async def book(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        entitlement_id: UUID,
        data: Annotated[BookForm, URL_FORM],
    ) -> Template | Redirect:
        """Take the number."""
        try:
            day = _day_of(data.day)
            row = await book_pass(principal.id, entitlement_id, data.counter, day, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in SHOWN_AGAIN:
                raise
            return await _booking(runtime, request, principal, entitlement_id, data, error=error)
        return Redirect(f"/app/passes/{row.id}", status_code=303)

    @get("/{pass_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Resident, pass_id: UUID) -> Template:
        """One number: how many are before it, and giving it back."""
        row = await my_pass(principal.id, pass_id)
        day = CounterPass.filter(scenario=row.scenario, counter=row.counter, day=row.day)
        before = await day.filter(number__lt=row.number, state__in=[*WAITING]).count()
        scene = runtime.part(Catalogue).scenes.get(row.scenario)
        name = counter_name(scene, row.counter)
        return page("passes/app_one.html", request, row=row, scene=scene, name=name, before=before, states=STATES)

    @post("/{pass_id:uuid}/cancel")
    async def cancel(self, runtime: Runtime, principal: Resident, pass_id: UUID) -> Redirect:
        """Give it back."""
        await cancel_pass(principal.id, pass_id, at=runtime.clock.now())
        return Redirect(f"/app/passes/{pass_id}", status_code=303)


def _day_of(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise InvalidField(field="day", zh="请选择日期。", en="Choose a day.") from error


def counter_name(scene: Manifest | None, key: str) -> Text:
    """Return a counter's name, or its key where the scene no longer has it."""
    terms = scene.gives if scene else None
    counters = terms.counters if isinstance(terms, FastTrack) else []
    return next((counter.name.text for counter in counters if counter.key == key), Text(key, key))


async def _booking(
    runtime: Runtime,
    request: AnyRequest,
    principal: Resident,
    entitlement_id: UUID,
    form: BookForm,
    *,
    error: DomainError | None = None,
) -> Template:
    held = await Entitlement.get_or_none(id=entitlement_id, resident_id=principal.id)
    if held is None:
        raise NotFound
    terms = terms_of(held)
    first, last = bookable_days(held, terms, runtime.clock.now())
    days = [first + timedelta(days=ahead) for ahead in range(max((last - first).days + 1, 0))]
    return page(
        "passes/app_book.html",
        request,
        status_code=error.status if error else 200,
        held=held,
        scene=runtime.part(Catalogue).promised(held.scenario, held.version),
        counters=[(counter.key, counter.name.text) for counter in terms.counters],
        days=days,
        form=form,
        error=error.explain(language_of(request)) if error else "",
    )


async def entitlement_piece(request: AnyRequest, about: dict[str, Any]) -> dict[str, Any] | None:
    """What the page of an entitlement says of its numbers."""
    held = about["held"]
    if held.benefit.get("kind") != FLOW:
        return None
    runtime: Runtime = request.app.state.runtime
    rows = await CounterPass.filter(entitlement_id=held.id).order_by("-day", "-number").limit(20)
    scene = runtime.part(Catalogue).promised(held.scenario, held.version)
    left = int(held.benefit["passes"]) - sum(row.state in (*WAITING, *USED) for row in rows)
    shown = [(row, counter_name(scene, row.counter)) for row in rows]
    return {"held": held, "rows": shown, "left": left, "states": STATES}
