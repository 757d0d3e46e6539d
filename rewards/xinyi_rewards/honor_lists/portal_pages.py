"""What is listed about a shop, as its owners and managers see it, and their objection."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.response import Redirect, Template

from xinyi_merchants.registry import merchant_of_operator
from xinyi_platform.errors import DomainError
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Duty, Operator, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import fill_slots, page
from xinyi_rewards.honor_lists.documents import MOST_FORM_BYTES, documents_of
from xinyi_rewards.honor_lists.endings import reason_of_end
from xinyi_rewards.honor_lists.entry_pages import read_form
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.letters import letters_of
from xinyi_rewards.honor_lists.objecting import object_to_entry, stops_display
from xinyi_rewards.honor_lists.pages import checked_reason
from xinyi_rewards.honor_lists.parties import party_of
from xinyi_rewards.honor_lists.reading import entries_about_merchant, newest_objections
from xinyi_rewards.honor_lists.shop_news import news_of
from xinyi_rewards.honor_lists.states import SHOWN

AnyRequest = Request[Any, Any, Any]


class PortalListingPages(Controller):
    path = "/portal/listings"
    guards = [Allow(Operator)]
    include_in_schema = False

    @get("/")
    async def mine(self, request: AnyRequest, principal: Operator) -> Template:
        """What is or was listed about my shop, and my objections."""
        return await _mine(request, principal)

    @post("/{entry_id:uuid}/object", status_code=200, request_max_body_size=MOST_FORM_BYTES)
    async def contest(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, entry_id: UUID
    ) -> Template | Redirect:
        """Object for my shop, with documents; what is wrong is said and the words are kept."""
        texts, pictures = await read_form(request, "documents")
        try:
            reason, party = checked_reason(texts.get("reason", "")), await party_of(principal)
            await object_to_entry(runtime, party, entry_id, reason=reason, pictures=pictures, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in (400, 409, 413, 422):
                raise
            return await _mine(request, principal, typed={entry_id: texts.get("reason", "")}, error=error)
        return Redirect("/portal/listings", status_code=303)


async def _mine(
    request: AnyRequest,
    principal: Operator,
    *,
    typed: dict[UUID, str] | None = None,
    error: DomainError | None = None,
) -> Template:
    entries = await entries_about_merchant((await merchant_of_operator(principal.id)).id)
    ids = [entry.id for entry in entries]
    objections, runtime = await newest_objections(entries), request.app.state.runtime
    return page(
        "honor_lists/portal_listings.html",
        request,
        status_code=error.status if error else 200,
        entries=entries,
        pieces={entry.id: await fill_slots(request, "listing", {"entry": entry}) for entry in entries},
        documents=await documents_of(ids),
        letters=await letters_of(ids),
        kinds={entry.kind: kind_of(entry.kind) for entry in entries},
        objections=objections,
        reasons={entry.id: reason_of_end(entry.end_reason) for entry in entries},
        stops={entry.id: stops_display(entry, objections, at=runtime.clock.now()) for entry in entries},
        typed=typed or {},
        error=error.explain(language_of(request)) if error else None,
    )


async def listing_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """What happened to the shop's listings in the last month, and how many stand; no card where there is neither."""
    caller = caller_of(request)
    if not isinstance(caller, Operator) or Duty.RUN not in caller.duties:
        return None
    runtime: Runtime = request.app.state.runtime
    news, entries = await news_of((await merchant_of_operator(caller.id)).id, at=runtime.clock.now())
    listed = sum(entry.state in SHOWN for entry in entries)
    return {"listed": listed, "news": news} if listed or news else None
