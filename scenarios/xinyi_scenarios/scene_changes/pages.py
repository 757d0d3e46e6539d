"""Pages of the console on scenes: all of them as they stand, one of them, and the changes that wait."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.divisions import is_city
from xinyi_platform.errors import DomainError
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.flows import FLOWS
from xinyi_scenarios.scene_changes.counting import (
    holders_of,
    running_loans,
    running_quotas,
    standings_of,
)
from xinyi_scenarios.scene_changes.deciding import approve_change, find_change, refuse_change, withdraw_change
from xinyi_scenarios.scene_changes.models import SceneChange
from xinyi_scenarios.scene_changes.reading import (
    changes_of,
    decided_changes,
    differences_in,
    is_mine,
    place_of,
    summary_of,
    waiting_changes,
)
from xinyi_scenarios.scene_changes.states import DECIDERS, KINDS, PROPOSERS, STATES

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class RefusalForm(Form, kw_only=True, frozen=True):
    reason: str = ""


def listed(changes: list[SceneChange], staff: Staff) -> dict[str, Any]:
    """Return what the table of changes needs beside them."""
    return {
        "kinds": KINDS,
        "states": STATES,
        "summaries": {change.id: summary_of(change) for change in changes},
        "mine": {change.id for change in changes if is_mine(change, staff)},
    }


async def scene_page(runtime: Runtime, request: AnyRequest, slug: str, *, error: DomainError | None = None) -> Template:
    """Return the page of one scene, with what was wrong with a proposal made there."""
    catalogue, now = runtime.part(Catalogue), runtime.clock.now()
    scene, staff = catalogue.get(slug), request.user
    quotas = await running_quotas(slug, at=now)
    changes = await changes_of(slug)
    language = language_of(request)
    districts = [(str(row.id), f"{place_of(row.scope).read(language)} {row.period}") for row in quotas if row.scope]
    return page(
        "scene_changes/console_scene.html",
        request,
        status_code=error.status if error else 200,
        error=error.explain(language) if error else "",
        scene=scene,
        flow=FLOWS.get(scene.flow).label,
        is_on=catalogue.is_on(slug),
        versions=catalogue.versions(slug),
        standing=(await standings_of([scene], at=now))[slug],
        holders=await holders_of(slug),
        quotas=quotas,
        places={row.id: place_of(row.scope) for row in quotas},
        districts=districts,
        loans=await running_loans(quotas),
        changes=changes,
        may_propose=not staff.roles.isdisjoint(PROPOSERS),
        **listed(changes, staff),
    )


class ConsoleScenePages(Controller):
    path = "/console/scenes"
    guards = [Allow(Staff, roles=DECIDERS, city=True)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest) -> Template:
        """All scenes as they stand, also those that are off and those that were not loaded."""
        catalogue = runtime.part(Catalogue)
        scenes = catalogue.everything()
        standings = await standings_of(scenes, at=runtime.clock.now())
        rows = [
            {
                "scene": scene,
                "flow": FLOWS.get(scene.flow).label,
                "is_on": catalogue.is_on(scene.slug),
                "next": next((v for v in catalogue.versions(scene.slug) if v.version > scene.version), None),
                "standing": standings[scene.slug],
            }
            for scene in scenes
        ]
        return page(
            "scene_changes/console_scenes.html",
            request,
            rows=rows,
            refused=catalogue.refused,
            waiting=len(await waiting_changes()),
        )

    @get("/{slug:str}")
    async def one(self, runtime: Runtime, request: AnyRequest, slug: str) -> Template:
        """One scene: versions, running quotas, changes."""
        return await scene_page(runtime, request, slug)


class ConsoleChangePages(Controller):
    path = "/console/scenes/changes"
    guards = [Allow(Staff, roles=DECIDERS, city=True)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Staff) -> Template:
        """What waits, and what was decided last."""
        waiting, decided = await waiting_changes(), await decided_changes()
        return page(
            "scene_changes/console_changes.html",
            request,
            waiting=waiting,
            decided=decided,
            **listed(waiting + decided, principal),
        )

    @get("/{change_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, change_id: UUID) -> Template:
        """One change with its difference, to be decided."""
        return await self._show(runtime, request, principal, change_id)

    @post("/{change_id:uuid}/approve", status_code=200)
    async def approve(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, change_id: UUID
    ) -> Template | Redirect:
        """Approve another person's change."""
        try:
            await approve_change(runtime, change_id, principal, at=runtime.clock.now())
        except DomainError as error:
            return await self._show(runtime, request, principal, change_id, error=error)
        return Redirect(f"/console/scenes/changes/{change_id}", status_code=303)

    @post("/{change_id:uuid}/refuse", status_code=200)
    async def refuse(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        change_id: UUID,
        data: Annotated[RefusalForm, URL_FORM],
    ) -> Template | Redirect:
        """Refuse another person's change, with the reason."""
        try:
            await refuse_change(change_id, principal, reason=data.reason, at=runtime.clock.now())
        except DomainError as error:
            return await self._show(runtime, request, principal, change_id, error=error)
        return Redirect(f"/console/scenes/changes/{change_id}", status_code=303)

    @post("/{change_id:uuid}/withdraw", status_code=200)
    async def withdraw(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, change_id: UUID
    ) -> Template | Redirect:
        """Withdraw a change of one's own."""
        try:
            await withdraw_change(change_id, principal, at=runtime.clock.now())
        except DomainError as error:
            return await self._show(runtime, request, principal, change_id, error=error)
        return Redirect(f"/console/scenes/changes/{change_id}", status_code=303)

    async def _show(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        change_id: UUID,
        *,
        error: DomainError | None = None,
    ) -> Template:
        change = await find_change(change_id)
        return page(
            "scene_changes/console_change.html",
            request,
            status_code=error.status if error else 200,
            error=error.explain(language_of(request)) if error else "",
            change=change,
            kind=KINDS[change.kind],
            state=STATES[change.state],
            summary=summary_of(change),
            differences=differences_in(change, runtime.part(Catalogue)),
            holders=await holders_of(change.slug),
            is_mine=is_mine(change, principal),
        )


async def console_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """Say on the console's home how many changes wait, to those who decide them."""
    if request.user.roles.isdisjoint(DECIDERS) or not is_city(request.user.division):
        return None
    return {"waiting": len(await waiting_changes())}


ROUTES = (ConsoleScenePages, ConsoleChangePages)
