"""What I hold, on a phone: the list, the code that refreshes itself, giving it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.response import Redirect, Response, Template
from markupsafe import Markup

from xinyi_platform.principals import Allow, Resident
from xinyi_platform.qr import draw_svg
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import page
from xinyi_platform.web.rendering import fill_slots
from xinyi_scenarios.entitlements.api import current_code
from xinyi_scenarios.entitlements.giving_back import give_back
from xinyi_scenarios.entitlements.reading import my_entitlement, my_entitlements
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.manifests import Catalogue

AnyRequest = Request[Any, Any, Any]
REFRESH_SECONDS = 60


class EntitlementPages(Controller):
    path = "/app/entitlements"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """What I hold and held."""
        rows = await my_entitlements(principal.id)
        scenes = runtime.part(Catalogue).scenes
        return page("entitlements/app_list.html", request, rows=rows, scenes=scenes)

    @get("/{entitlement_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Resident, entitlement_id: UUID) -> Template:
        """One of mine, with its code while it can be used and the orders that hang on it."""
        held = await my_entitlement(principal.id, entitlement_id)
        is_usable = held.state in USABLE and held.valid_until > runtime.clock.now()
        code = await _drawing(runtime, principal.id, entitlement_id) if is_usable else None
        return page(
            "entitlements/app_one.html",
            request,
            held=held,
            scene=runtime.part(Catalogue).promised(held.scenario, held.version),
            code=code,
            pieces=await fill_slots(request, "app.entitlement", {"held": held}),
            refresh_seconds=REFRESH_SECONDS,
        )

    @get("/{entitlement_id:uuid}/code")
    async def code(self, runtime: Runtime, principal: Resident, entitlement_id: UUID) -> Response[str]:
        """The drawing alone, fetched anew by the page."""
        signed = await current_code(runtime, principal.id, entitlement_id)
        return Response(draw_svg(signed.token), media_type="image/svg+xml", headers={"cache-control": "no-store"})

    @post("/{entitlement_id:uuid}/cancel")
    async def cancel(self, runtime: Runtime, principal: Resident, entitlement_id: UUID) -> Redirect:
        """Give it back."""
        await give_back(principal.id, entitlement_id, actor=principal.label, at=runtime.clock.now())
        return Redirect(f"/app/entitlements/{entitlement_id}", status_code=303)


async def _drawing(runtime: Runtime, resident_id: UUID, entitlement_id: UUID) -> Markup:
    signed = await current_code(runtime, resident_id, entitlement_id)
    return Markup(draw_svg(signed.token))  # noqa: S704  # paths that we drew ourselves


async def home_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """What the app's home says of benefits that can be used now."""
    runtime: Runtime = request.app.state.runtime
    now = runtime.clock.now()
    rows = [row for row in await my_entitlements(request.user.id) if row.state in USABLE and row.valid_until > now]
    return {"rows": rows, "scenes": runtime.part(Catalogue).scenes} if rows else None


ROUTES = (EntitlementPages,)
