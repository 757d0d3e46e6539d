"""Deposit-free orders on a phone: what is out and due when, what waits for a yes, and what was told to the bureau."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.response import Redirect, Template

from xinyi_platform.language import Text
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import page
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.orders.models import OrderOutcome, ServiceOrder
from xinyi_scenarios.orders.serving import answer_order
from xinyi_scenarios.orders.states import OPEN

AnyRequest = Request[Any, Any, Any]
STATES: dict[str, Text] = {
    "created": Text("已创建", "Created"),
    "doing": Text("使用中", "In use"),
    "done": Text("已完成", "Done"),
    "revoked": Text("已撤销", "Revoked"),
    "expired": Text("已失效", "Expired"),
}
OUTCOMES: dict[str, Text] = {
    "due": Text("将按您的授权反馈给信用平台", "Will be told to the bureau, as you consented"),
    "told": Text("已按您的授权反馈给信用平台", "Was told to the bureau, as you consented"),
    "withheld": Text("未授权,没有反馈给信用平台", "Not told to the bureau: you have not consented"),
    "given_up": Text("未能反馈给信用平台", "Could not be told to the bureau"),
}


class OrderPages(Controller):
    path = "/app/orders"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """My orders: what is out first, then the newest."""
        rows = await ServiceOrder.filter(resident_id=principal.id).order_by("-created_at").limit(100)
        ordered = sorted(rows, key=lambda row: row.state not in OPEN)
        told = {row.order_id: row.state for row in await OrderOutcome.filter(resident_id=principal.id)}
        scenes = runtime.part(Catalogue).scenes
        return page(
            "orders/app_list.html", request, rows=ordered, told=told, scenes=scenes, states=STATES, outcomes=OUTCOMES
        )

    @post("/{order_id:uuid}/confirm")
    async def confirm(self, runtime: Runtime, principal: Resident, order_id: UUID) -> Redirect:
        """Say yes."""
        await answer_order(principal.id, order_id, agrees=True, at=runtime.clock.now())
        return Redirect("/app/orders", status_code=303)

    @post("/{order_id:uuid}/decline")
    async def decline(self, runtime: Runtime, principal: Resident, order_id: UUID) -> Redirect:
        """Say no."""
        await answer_order(principal.id, order_id, agrees=False, at=runtime.clock.now())
        return Redirect("/app/orders", status_code=303)


async def entitlement_piece(request: AnyRequest, about: dict[str, Any]) -> dict[str, Any] | None:
    """What the page of a waiver says of the orders on it."""
    held = about["held"]
    if held.benefit.get("kind") != "waiver":
        return None
    rows = await ServiceOrder.filter(entitlement_id=held.id).order_by("-created_at").limit(20)
    return {"rows": rows, "states": STATES}
