"""Pages of lists: public, the resident's own, and the console where they are made, reviewed and contested."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Response, Template

from xinyi_platform.clock import local_date
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Anyone, Resident, Role, Staff
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, fill_slots, page
from xinyi_rewards.honor_lists.errors import RowsRefused
from xinyi_rewards.honor_lists.kinds import kind_of, list_kinds, red_kinds
from xinyi_rewards.honor_lists.making import MOST_ERRORS, check_sheet, error_row, find_list, make_list, title_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.objecting import decide_objection, object_to_entry
from xinyi_rewards.honor_lists.reading import (
    kinds_listed,
    my_entries,
    newest_objections,
    open_objections,
    public_entries,
    public_lists,
    search_entries,
    staff_lists,
)
from xinyi_rewards.honor_lists.reviewing import approve_list, send_back, submit_list, withdraw_list
from xinyi_rewards.honor_lists.sheets import Sheet, draw_template
from xinyi_rewards.honor_lists.states import DECIDERS, MAKERS
from xinyi_rewards.honor_lists.terms import policy_on
from xinyi_rewards.rewards.granting import ask_again, grant_due, publish_and_grant, rewards_by_entry
from xinyi_scenarios.manifests import Catalogue

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
FILE_FORM = Body(media_type=RequestEncodingType.MULTI_PART)


class SearchForm(Form, kw_only=True, frozen=True):
    name: str = ""
    last_four: str = ""


class UploadForm(Form, kw_only=True, frozen=True):
    kind: str
    title: str
    sheet: UploadFile
    keep: str = "all"
    act: str = "save"


class ReasonForm(Form, kw_only=True, frozen=True):
    reason: str = ""
    verdict: str = ""


def reason_of(form: ReasonForm) -> str:
    """Return the reason of a form. Raises InvalidField (400)."""
    reason = form.reason.strip()
    if not 1 <= len(reason) <= 400:
        raise InvalidField(field="reason", zh="请填写理由(1–400字)。", en="Give a reason (1 to 400 characters).")
    return reason


class PublicListPages(Controller):
    path = "/lists"
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest) -> Template:
        """The kinds of lists."""
        lists = await public_lists(list(list_kinds().values()), at=runtime.clock.now())
        return page("honor_lists/public_index.html", request, lists=lists)

    @get("/{kind:str}")
    async def one(
        self,
        runtime: Runtime,
        request: AnyRequest,
        kind: str,
        number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1,
    ) -> Template:
        """One kind's entries, masked, not for crawlers."""
        found = kind_of(kind)
        entries = await public_entries(kind, page=number, at=runtime.clock.now())
        headers = {"X-Robots-Tag": "noindex, nofollow"}
        return page(
            "honor_lists/public_list.html", request, headers=headers, kind=found, entries=entries, number=number
        )

    @post("/search", status_code=200)
    async def search(self, runtime: Runtime, request: AnyRequest, data: Annotated[SearchForm, URL_FORM]) -> Template:
        """Exact name and last four."""
        await limit(runtime.cache, "honor-search", times=120, per_seconds=60)
        found = await search_entries(runtime.keys, name=data.name, last_four=data.last_four, at=runtime.clock.now())
        return page("honor_lists/public_search.html", request, entries=found)


class MyHonorPages(Controller):
    path = "/app/honors"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def mine(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """My honors, what they gave, and my objections."""
        entries = await my_entries(principal.id)
        rewards = await rewards_by_entry([entry.id for entry in entries])
        kinds = {entry.kind: kind_of(entry.kind) for entry in entries}
        objections = await newest_objections(entries)
        return page(
            "honor_lists/app_honors.html",
            request,
            pieces={entry.id: await fill_slots(request, "listing", {"entry": entry}) for entry in entries},
            entries=entries,
            rewards=rewards,
            scenes=runtime.part(Catalogue),
            kinds=kinds,
            objections=objections,
        )

    @post("/{entry_id:uuid}/object")
    async def contest(
        self, runtime: Runtime, principal: Resident, entry_id: UUID, data: Annotated[ReasonForm, URL_FORM]
    ) -> Redirect:
        """Object to my entry."""
        await object_to_entry(runtime, entry_id, principal.id, reason=reason_of(data), at=runtime.clock.now())
        return Redirect("/app/honors", status_code=303)

    @post("/rewards/{grant_id:uuid}/ask")
    async def ask(self, runtime: Runtime, principal: Resident, grant_id: UUID) -> Redirect:
        """Have a reward that waits looked at now."""
        await ask_again(principal.id, grant_id, at=runtime.clock.now())
        await grant_due(runtime)
        return Redirect("/app/honors", status_code=303)


class ConsoleListPages(Controller):
    path = "/console/lists"
    guards = [Allow(Staff, roles=MAKERS)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Staff) -> Template:
        """The lists of my area."""
        lists = await staff_lists(principal)
        return page(
            "honor_lists/console_lists.html",
            request,
            lists=lists,
            kinds=list_kinds(),
            may_mirror=Role.CREDIT_OFFICE in principal.roles,
        )

    @get("/template.xlsx")
    async def template(self) -> Response[bytes]:
        """An empty sheet with the right columns."""
        return Response(
            draw_template(),
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            headers={"Content-Disposition": 'attachment; filename="honor-list.xlsx"'},
        )

    @get("/new")
    async def new(self, request: AnyRequest) -> Template:
        """The upload form."""
        return _new(request)

    @post("/new", status_code=200)
    async def make(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[UploadForm, FILE_FORM]
    ) -> Template | Redirect:
        """Make a draft; every wrong row is shown and nothing is kept."""
        now = runtime.clock.now()
        try:
            content, today = await data.sheet.read(), local_date(now)
            if data.act == "check":
                sheet = await check_sheet(
                    runtime.keys, kind=data.kind, content=content, filename=data.sheet.filename, today=today
                )
                return _new(request, form=data, sheet=sheet)
            made = await make_list(
                runtime.keys,
                principal,
                kind=data.kind,
                title=title_of(data.title),
                content=content,
                filename=data.sheet.filename,
                at=now,
                today=today,
                keep="good" if data.keep == "good" else "all",
            )
        except DomainError as error:
            if error.status not in (400, 403, 409, 422):
                raise
            return _new(request, form=data, error=error)
        return Redirect(f"/console/lists/{made.id}", status_code=303)

    @get("/{list_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, list_id: UUID) -> Template:
        """One list with its entries and what I may do with it."""
        made = await find_list(list_id, principal)
        entries = await HonorEntry.filter(honor_list_id=made.id).order_by("created_at", "id").limit(500)
        mine = made.maker_person == principal.person
        return page(
            "honor_lists/console_list.html",
            request,
            made=made,
            entries=entries,
            kind=kind_of(made.kind),
            grades=policy_on(local_date(runtime.clock.now())).grades,
            may_submit=mine and made.state == "draft",
            may_withdraw=mine and made.state in ("draft", "in_review"),
            may_review=not mine and made.state == "in_review" and Role.REVIEWER in principal.roles,
            is_own_review=mine and made.state == "in_review",
        )

    @post("/{list_id:uuid}/submit")
    async def submit(self, runtime: Runtime, principal: Staff, list_id: UUID) -> Redirect:
        """Hand it in."""
        await submit_list(list_id, principal, at=runtime.clock.now())
        return Redirect(f"/console/lists/{list_id}", status_code=303)

    @post("/{list_id:uuid}/withdraw")
    async def withdraw(self, runtime: Runtime, principal: Staff, list_id: UUID) -> Redirect:
        """Take it back before it is approved."""
        await withdraw_list(list_id, principal, at=runtime.clock.now())
        return Redirect(f"/console/lists/{list_id}", status_code=303)


def _new(
    request: AnyRequest, *, form: UploadForm | None = None, error: DomainError | None = None, sheet: Sheet | None = None
) -> Template:
    rows = error.values["rows"] if isinstance(error, RowsRefused) else []
    if sheet:
        rows = [error_row(wrong) for wrong in sheet.errors[:MOST_ERRORS]]
    return page(
        "honor_lists/console_new.html",
        request,
        status_code=error.status if error else 200,
        kinds=red_kinds(),
        form=form,
        error=error.explain(language_of(request)) if error else None,
        sheet=sheet,
        rows=rows,
    )


class ConsoleReviewPages(Controller):
    path = "/console/lists/{list_id:uuid}"
    guards = [Allow(Staff, roles=[Role.REVIEWER])]
    include_in_schema = False

    @post("/approve")
    async def approve(self, runtime: Runtime, principal: Staff, list_id: UUID) -> Redirect:
        """Approve it; what needs no notice is published at once."""
        await approve_list(runtime, list_id, principal, at=runtime.clock.now())
        await publish_and_grant(runtime)
        return Redirect(f"/console/lists/{list_id}", status_code=303)

    @post("/send-back")
    async def back(
        self, runtime: Runtime, principal: Staff, list_id: UUID, data: Annotated[ReasonForm, URL_FORM]
    ) -> Redirect:
        """Return it with a comment."""
        await send_back(list_id, principal, comment=reason_of(data), at=runtime.clock.now())
        return Redirect(f"/console/lists/{list_id}", status_code=303)


class ConsoleObjectionPages(Controller):
    path = "/console/objections"
    guards = [Allow(Staff, roles=DECIDERS)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Staff) -> Template:
        """The open objections of my area by their date."""
        rows = await open_objections(principal)
        return page("honor_lists/console_objections.html", request, objections=rows, kinds=list_kinds())

    @post("/{objection_id:uuid}")
    async def decide(
        self, runtime: Runtime, principal: Staff, objection_id: UUID, data: Annotated[ReasonForm, URL_FORM]
    ) -> Redirect:
        """Uphold or dismiss, with the reason."""
        await decide_objection(
            runtime,
            objection_id,
            principal,
            upheld=data.verdict == "uphold",
            reason=reason_of(data),
            at=runtime.clock.now(),
        )
        return Redirect("/console/objections", status_code=303)


async def app_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """Show the honors card to those who are on a red list."""
    runtime: Runtime = request.app.state.runtime
    listed = await kinds_listed([request.user.id], "red", at=runtime.clock.now())
    return {} if listed[request.user.id] else None


async def console_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """What waits in the console, for those who work on lists."""
    if request.user.roles.isdisjoint(MAKERS):
        return None
    waiting = [made for made in await staff_lists(request.user) if made.state == "in_review"]
    return {
        "waiting": len(waiting),
        "objections": len(await open_objections(request.user)),
        "may_decide": not request.user.roles.isdisjoint(DECIDERS),
    }


ROUTES = (PublicListPages, MyHonorPages, ConsoleListPages, ConsoleReviewPages, ConsoleObjectionPages)
