"""Pages of lists: what is public, and the resident's own with her objections."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Template

from xinyi_platform.clock import local_date
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Anyone, Resident
from xinyi_platform.rate_limits import limit_caller
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, fill_slots, page
from xinyi_rewards.campaigns.offering import campaign_titles
from xinyi_rewards.honor_lists.documents import MOST_FORM_BYTES, documents_of
from xinyi_rewards.honor_lists.endings import reason_of_end
from xinyi_rewards.honor_lists.entry_pages import read_form
from xinyi_rewards.honor_lists.hanging import scenes_barred, scenes_given
from xinyi_rewards.honor_lists.kinds import kind_of, list_kinds
from xinyi_rewards.honor_lists.letters import letters_of
from xinyi_rewards.honor_lists.naming import NAME_FORMS, choose_name_form
from xinyi_rewards.honor_lists.objecting import object_to_entry, stops_display
from xinyi_rewards.honor_lists.parties import party_of
from xinyi_rewards.honor_lists.public_texts import how_to_object, terms_of
from xinyi_rewards.honor_lists.reading import (
    SEARCHES_A_MINUTE,
    SEARCHES_OF_ALL_A_MINUTE,
    kinds_listed,
    looks_at,
    my_entries,
    newest_objections,
    public_entries,
    public_lists,
    search_entries,
)
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.reading import rewards_by_entry
from xinyi_rewards.rewards.renewing import ask_again
from xinyi_scenarios.entitlements.ending import over_among
from xinyi_scenarios.manifests import Catalogue

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class SearchForm(Form, kw_only=True, frozen=True):
    name: str = ""
    last_four: str = ""


class ReasonForm(Form, kw_only=True, frozen=True):
    reason: str = ""
    verdict: str = ""


class NameChoice(Form, kw_only=True, frozen=True):
    form: str = ""


def reason_of(form: ReasonForm) -> str:
    """Return the reason of a form. Raises InvalidField (400)."""
    return checked_reason(form.reason)


def checked_reason(text: str) -> str:
    """Return a reason that somebody typed. Raises InvalidField (400)."""
    reason = text.strip()
    if not 1 <= len(reason) <= 400:
        raise InvalidField(field="reason", zh="请填写理由(1–400字)。", en="Give a reason (1 to 400 characters).")
    return reason


class PublicListPages(Controller):
    """Kept by no cache, so that what ends is gone with the next look."""

    path = "/lists"
    guards = [Allow(Anyone)]
    response_headers = {"Cache-Control": "no-store"}
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest) -> Template:
        """The kinds of lists."""
        lists = await public_lists(list(list_kinds().values()), runtime.part(Catalogue), at=runtime.clock.now())
        return page("honor_lists/public_index.html", request, lists=lists)

    @get("/{kind:str}")
    async def one(
        self,
        runtime: Runtime,
        request: AnyRequest,
        kind: str,
        number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1,
    ) -> Template:
        """One kind's rules and entries, masked."""
        found = kind_of(kind)
        entries = await public_entries(kind, page=number, at=runtime.clock.now())
        scenes = runtime.part(Catalogue)
        return page(
            "honor_lists/public_list.html",
            request,
            kind=found,
            terms=terms_of(found),
            objection=how_to_object(found),
            entries=entries,
            number=number,
            gives=[scenes.get(slug).name for slug in scenes_given(found, on=local_date(runtime.clock.now()))],
            bars=[scenes.get(slug).name for slug in scenes_barred(found, scenes)],
        )

    @post("/search", status_code=200)
    async def search(self, runtime: Runtime, request: AnyRequest, data: Annotated[SearchForm, URL_FORM]) -> Template:
        """Exact name and last four."""
        await limit_caller(
            request, "honor-search", times=SEARCHES_A_MINUTE, overall=SEARCHES_OF_ALL_A_MINUTE, per_seconds=60
        )
        found = await search_entries(runtime.keys, name=data.name, last_four=data.last_four, at=runtime.clock.now())
        return page("honor_lists/public_search.html", request, entries=found)


class MyHonorPages(Controller):
    path = "/app/honors"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def mine(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """My honors, what they gave, and my objections."""
        return await _mine(runtime, request, principal)

    @post("/{entry_id:uuid}/object", status_code=200, request_max_body_size=MOST_FORM_BYTES)
    async def contest(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, entry_id: UUID
    ) -> Template | Redirect:
        """Object to my entry, with documents; what is wrong is said and the words are kept."""
        texts, pictures = await read_form(request, "documents")
        try:
            reason, party = checked_reason(texts.get("reason", "")), await party_of(principal)
            await object_to_entry(runtime, party, entry_id, reason=reason, pictures=pictures, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in (400, 409, 413, 422):
                raise
            return await _mine(runtime, request, principal, typed={entry_id: texts.get("reason", "")}, error=error)
        return Redirect("/app/honors", status_code=303)

    @post("/{entry_id:uuid}/name")
    async def name(
        self, runtime: Runtime, principal: Resident, entry_id: UUID, data: Annotated[NameChoice, URL_FORM]
    ) -> Redirect:
        """Choose how my name is published."""
        await choose_name_form(runtime, entry_id, principal.id, data.form, at=runtime.clock.now())
        return Redirect("/app/honors", status_code=303)

    @post("/rewards/{grant_id:uuid}/ask")
    async def ask(self, runtime: Runtime, principal: Resident, grant_id: UUID) -> Redirect:
        """Have a reward that waits, or comes after one that is over, looked at now."""
        await ask_again(principal.id, grant_id, at=runtime.clock.now())
        await grant_due(runtime)
        return Redirect("/app/honors", status_code=303)


async def _mine(
    runtime: Runtime,
    request: AnyRequest,
    principal: Resident,
    *,
    typed: dict[UUID, str] | None = None,
    error: DomainError | None = None,
) -> Template:
    entries = await my_entries(principal.id)
    ids = [entry.id for entry in entries]
    objections, now = await newest_objections(entries), runtime.clock.now()
    rewards = await rewards_by_entry(ids)
    return page(
        "honor_lists/app_honors.html",
        request,
        status_code=error.status if error else 200,
        pieces={entry.id: await fill_slots(request, "listing", {"entry": entry}) for entry in entries},
        entries=entries,
        rewards=rewards,
        over=await over_among((grant.entitlement_id for grants in rewards.values() for grant in grants), at=now),
        campaigns=await campaign_titles(grant.policy for grants in rewards.values() for grant in grants),
        documents=await documents_of(ids),
        letters=await letters_of(ids),
        name_forms=NAME_FORMS,
        looks={entry.id: await looks_at(entry) for entry in entries},
        scenes=runtime.part(Catalogue),
        kinds={entry.kind: kind_of(entry.kind) for entry in entries},
        objections=objections,
        reasons={entry.id: reason_of_end(entry.end_reason) for entry in entries},
        stops={entry.id: stops_display(entry, objections, at=now) for entry in entries},
        typed=typed or {},
        error=error.explain(language_of(request)) if error else None,
    )


async def app_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """Show the honors card to those who are on a red list."""
    runtime: Runtime = request.app.state.runtime
    listed = await kinds_listed([request.user.id], "red", at=runtime.clock.now())
    return {} if listed[request.user.id] else None


ROUTES = (PublicListPages, MyHonorPages)
