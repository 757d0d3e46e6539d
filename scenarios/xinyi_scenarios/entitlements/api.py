"""A resident's entitlements over HTTP: list, look, show the code, cancel."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from litestar import Controller, get, post

from xinyi_platform.principals import Allow, Resident
from xinyi_platform.qr import draw_svg
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_scenarios.entitlements.codes import SignedCode, sign_code
from xinyi_scenarios.entitlements.giving_back import give_back
from xinyi_scenarios.entitlements.reading import EntitlementAnswer, answer_of, my_entitlement, my_entitlements
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.redemptions.redeeming import NotUsable


class CodeAnswer(Answer, kw_only=True, frozen=True):
    """A code for the screen: the signed token, its drawing as SVG, and when to fetch the next one."""

    token: str
    svg: str
    expires_at: datetime


async def current_code(runtime: Runtime, resident_id: UUID, entitlement_id: UUID) -> SignedCode:
    """Sign the code of one's own usable entitlement. Raises NotFound (404) and NotUsable (409)."""
    held = await my_entitlement(resident_id, entitlement_id)
    now = runtime.clock.now()
    if held.state not in USABLE or held.valid_until <= now:
        raise NotUsable(state=held.state if held.state not in USABLE else "expired")
    return sign_code(runtime.keys, code=held.code, scenario=held.scenario, now=now)


class EntitlementController(Controller):
    path = "/api/v1"
    guards = [Allow(Resident)]
    tags = ["entitlements"]

    @get("/me/entitlements", operation_id="listMyEntitlements")
    async def list_mine(self, principal: Resident) -> list[EntitlementAnswer]:
        """My entitlements, newest first."""
        return await my_entitlements(principal.id)

    @get("/entitlements/{entitlement_id:uuid}", operation_id="getEntitlement")
    async def show(self, principal: Resident, entitlement_id: UUID) -> EntitlementAnswer:
        """One of my entitlements."""
        return await my_entitlement(principal.id, entitlement_id)

    @get("/entitlements/{entitlement_id:uuid}/qr", operation_id="getEntitlementCode")
    async def code(self, runtime: Runtime, principal: Resident, entitlement_id: UUID) -> CodeAnswer:
        """The code to show, good for two minutes."""
        signed = await current_code(runtime, principal.id, entitlement_id)
        return CodeAnswer(token=signed.token, svg=draw_svg(signed.token, level="M"), expires_at=signed.expires_at)

    @post("/entitlements/{entitlement_id:uuid}/cancel", status_code=200, operation_id="cancelEntitlement")
    async def cancel(self, runtime: Runtime, principal: Resident, entitlement_id: UUID) -> EntitlementAnswer:
        """Give an unused entitlement back; its unit returns to the quota."""
        row = await give_back(principal.id, entitlement_id, actor=principal.label, at=runtime.clock.now())
        return answer_of(row)
