"""What is listed about a shop, as its owners and managers see it, and their objection."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_merchants.registry import merchant_of_operator
from xinyi_platform.principals import Allow, Duty, Operator, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import fill_slots, page
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.objecting import object_for_merchant
from xinyi_rewards.honor_lists.pages import ReasonForm, reason_of
from xinyi_rewards.honor_lists.reading import entries_about_merchant, newest_objections
from xinyi_rewards.honor_lists.states import SHOWN

AnyRequest = Request[Any, Any, Any]


class PortalListingPages(Controller):
    path = "/portal/listings"
    guards = [Allow(Operator)]
    include_in_schema = False

    @get("/")
    async def mine(self, request: AnyRequest, principal: Operator) -> Template:
        """What is or was listed about my shop, and my objections."""
        entries = await entries_about_merchant((await merchant_of_operator(principal.id)).id)
        return page(
            "honor_lists/portal_listings.html",
            request,
            entries=entries,
            pieces={entry.id: await fill_slots(request, "listing", {"entry": entry}) for entry in entries},
            kinds={entry.kind: kind_of(entry.kind) for entry in entries},
            objections=await newest_objections(entries),
        )

    @post("/{entry_id:uuid}/object")
    async def contest(
        self,
        runtime: Runtime,
        principal: Operator,
        entry_id: UUID,
        data: Annotated[ReasonForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Redirect:
        """Object for my shop."""
        shop, now = await merchant_of_operator(principal.id), runtime.clock.now()
        await object_for_merchant(runtime, entry_id, shop.id, actor=principal.label, reason=reason_of(data), at=now)
        return Redirect("/portal/listings", status_code=303)


async def listing_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """How many entries about the shop are noticed or published; no card where there is none."""
    caller = caller_of(request)
    if not isinstance(caller, Operator) or Duty.RUN not in caller.duties:
        return None
    entries = await entries_about_merchant((await merchant_of_operator(caller.id)).id)
    listed = sum(entry.state in SHOWN for entry in entries)
    return {"listed": listed} if listed else None
