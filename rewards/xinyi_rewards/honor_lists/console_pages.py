"""The console's pages of lists: made, changed, talked about, reviewed and contested."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_platform.clock import local_date
from xinyi_platform.errors import Conflict, DomainError
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_rewards.honor_lists.asking import count_row
from xinyi_rewards.honor_lists.checking import subjects_of
from xinyi_rewards.honor_lists.documents import documents_of
from xinyi_rewards.honor_lists.errors import RowsRefused
from xinyi_rewards.honor_lists.kinds import kind_of, list_kinds, red_kinds
from xinyi_rewards.honor_lists.making import (
    add_entry,
    find_list,
    make_list_of_one,
    record,
    remove_entry,
    title_of,
    typed_row,
)
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.noting import changes_since_last_turn, comment_on, note_look, story_of
from xinyi_rewards.honor_lists.objecting import decide_objection
from xinyi_rewards.honor_lists.pages import ReasonForm, reason_of
from xinyi_rewards.honor_lists.reading import (
    open_objections,
    staff_lists,
)
from xinyi_rewards.honor_lists.reviewing import (
    approve_list,
    has_reviewed,
    refuse_list,
    send_back,
    submit_list,
    withdraw_list,
)
from xinyi_rewards.honor_lists.sheets import COLUMNS, draw_template
from xinyi_rewards.honor_lists.states import DECIDERS, FEED_PERSON, MAKERS
from xinyi_rewards.honor_lists.terms import policy_on
from xinyi_rewards.rewards.granting import publish_and_grant

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class UploadForm(Form, kw_only=True, frozen=True):
    kind: str
    title: str
    sheet: UploadFile
    keep: str = "all"
    act: str = "save"


class EntryForm(Form, kw_only=True, frozen=True):
    """One entry that is typed; `kind` and `title` are of the list that begins with it."""

    kind: str = ""
    title: str = ""
    name: str = ""
    number: str = ""
    deed: str = ""


class ApproveForm(Form, kw_only=True, frozen=True):
    """`turn`: as which the list was read."""

    turn: str = ""


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
    async def template(self, kind: str = "") -> Response[bytes]:
        """An empty sheet with the right columns: of persons, or of shops where the kind is a list of shops."""
        return Response(
            draw_template(subjects_of(kind_of(kind)) if kind else "resident"),
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            headers={"Content-Disposition": 'attachment; filename="honor-list.xlsx"'},
        )

    @post("/single", status_code=200)
    async def make_one(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[EntryForm, URL_FORM]
    ) -> Template | Redirect:
        """Make a draft with one entry that was typed."""
        now = runtime.clock.now()
        try:
            await count_row(runtime.cache, principal)
            made = await make_list_of_one(
                runtime.keys,
                principal,
                kind=data.kind,
                title=title_of(data.title),
                row=typed_row(name=data.name, number=data.number, deed=data.deed),
                at=now,
                today=local_date(now),
            )
        except DomainError as error:
            if error.status not in (400, 403, 404, 409, 422, 429):
                raise
            return new_list_page(request, principal, single=data, error=error)
        return Redirect(f"/console/lists/{made.id}", status_code=303)

    @get("/{list_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, list_id: UUID) -> Template:
        """One list with its entries, its story and what I may do with it; that I looked is on record."""
        return await _list_page(runtime, request, principal, list_id)

    @post("/{list_id:uuid}/entries", status_code=200)
    async def add(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        list_id: UUID,
        data: Annotated[EntryForm, URL_FORM],
    ) -> Template | Redirect:
        """Add one entry to a draft of mine."""
        now, row = runtime.clock.now(), typed_row(name=data.name, number=data.number, deed=data.deed)
        try:
            await count_row(runtime.cache, principal)
            await add_entry(runtime.keys, list_id, principal, row, at=now, today=local_date(now))
        except DomainError as error:
            if error.status not in (400, 409, 422, 429):
                raise
            return await _list_page(runtime, request, principal, list_id, form=data, error=error)
        return Redirect(f"/console/lists/{list_id}", status_code=303)

    @post("/{list_id:uuid}/entries/{entry_id:uuid}/remove")
    async def remove(self, runtime: Runtime, principal: Staff, list_id: UUID, entry_id: UUID) -> Redirect:
        """Take one entry out of a draft of mine."""
        await remove_entry(list_id, entry_id, principal, at=runtime.clock.now())
        return Redirect(f"/console/lists/{list_id}", status_code=303)

    @post("/{list_id:uuid}/comment")
    async def comment(
        self, runtime: Runtime, principal: Staff, list_id: UUID, data: Annotated[ReasonForm, URL_FORM]
    ) -> Redirect:
        """Say something about a list of my area."""
        made = await find_list(list_id, principal)
        await comment_on(made, principal, reason_of(data), at=runtime.clock.now())
        return Redirect(f"/console/lists/{list_id}", status_code=303)

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


async def _list_page(
    runtime: Runtime,
    request: AnyRequest,
    principal: Staff,
    list_id: UUID,
    *,
    form: EntryForm | None = None,
    error: DomainError | None = None,
) -> Template:
    made, now = await find_list(list_id, principal), runtime.clock.now()
    await record(made, "view", principal, now)
    entries = await HonorEntry.filter(honor_list_id=made.id).order_by("created_at", "id").limit(500)
    mine, story, kind = made.maker_person == principal.person, await story_of(made), kind_of(made.kind)
    may_judge, reviewed = not mine and kind.may_review(principal.roles), await has_reviewed(made, principal)
    return page(
        "honor_lists/console_list.html",
        request,
        status_code=error.status if error else 200,
        made=made,
        entries=entries,
        total=await HonorEntry.filter(honor_list_id=made.id).count(),
        kind=kind,
        columns=COLUMNS[subjects_of(kind)],
        documents=await documents_of([entry.id for entry in entries if entry.authority]),
        may_attach=mine and made.state in ("draft", "in_review") and kind.colour == "black",
        story=[{"title": one.title, "at": one.at, "text": f"{one.by} {one.text}".strip()} for one in story],
        changes=changes_since_last_turn(made, story),
        grades=policy_on(local_date(now)).grades,
        may_change=mine and made.state == "draft" and kind.colour == "red",
        may_submit=mine and made.state == "draft",
        may_withdraw=mine and made.state in ("draft", "in_review"),
        may_comment=made.state in ("draft", "in_review"),
        may_review=may_judge and made.state == "in_review" and not reviewed,
        is_reviewed=reviewed and made.state == "in_review",
        may_refuse=may_judge and made.state in ("draft", "in_review"),
        is_from_feed=made.maker_person == FEED_PERSON,
        is_own_review=mine and made.state == "in_review",
        form=form,
        error=error.explain(language_of(request)) if error else None,
        rows=error.values["rows"] if isinstance(error, RowsRefused) else [],
    )


def new_list_page(
    request: AnyRequest,
    principal: Staff,
    *,
    form: UploadForm | None = None,
    single: EntryForm | None = None,
    error: DomainError | None = None,
) -> Template:
    """Return the forms of a new list, with what was typed and what was wrong."""
    return page(
        "honor_lists/console_new.html",
        request,
        status_code=error.status if error else 200,
        kinds=[kind for kind in red_kinds() if kind.may_make(principal.roles)],
        form=form,
        single=single,
        error=error.explain(language_of(request)) if error else None,
        rows=error.values["rows"] if isinstance(error, RowsRefused) else [],
    )


class ConsoleReviewPages(Controller):
    path = "/console/lists/{list_id:uuid}"
    guards = [Allow(Staff, roles=MAKERS)]
    include_in_schema = False

    @post("/approve", status_code=200)
    async def approve(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        list_id: UUID,
        data: Annotated[ApproveForm, URL_FORM],
    ) -> Template | Redirect:
        """Approve it as it was read; what needs no notice is published at once."""
        turn = int(data.turn) if data.turn.isdecimal() and len(data.turn) < 5 else -1
        try:
            await approve_list(runtime, list_id, principal, turn=turn, at=runtime.clock.now())
        except Conflict as error:
            return await _list_page(runtime, request, principal, list_id, error=error)
        await publish_and_grant(runtime)
        return Redirect(f"/console/lists/{list_id}", status_code=303)

    @post("/send-back")
    async def back(
        self, runtime: Runtime, principal: Staff, list_id: UUID, data: Annotated[ReasonForm, URL_FORM]
    ) -> Redirect:
        """Return it with a comment."""
        await send_back(list_id, principal, comment=reason_of(data), at=runtime.clock.now())
        return Redirect(f"/console/lists/{list_id}", status_code=303)

    @post("/refuse")
    async def refuse(
        self, runtime: Runtime, principal: Staff, list_id: UUID, data: Annotated[ReasonForm, URL_FORM]
    ) -> Redirect:
        """Give it up with the reason; its entries free their places."""
        await refuse_list(list_id, principal, comment=reason_of(data), at=runtime.clock.now())
        return Redirect(f"/console/lists/{list_id}", status_code=303)


class ConsoleObjectionPages(Controller):
    path = "/console/objections"
    guards = [Allow(Staff, roles=DECIDERS)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Staff) -> Template:
        """The open objections of my area by their date; that I looked is on record."""
        rows = await open_objections(principal)
        await note_look([row.entry_id for row in rows], principal, at=runtime.clock.now())
        papers = await documents_of([row.entry_id for row in rows])
        return page(
            "honor_lists/console_objections.html",
            request,
            objections=rows,
            own={row.id for row in rows if row.entry.honor_list.maker_person == principal.person},
            kinds=list_kinds(),
            documents=papers,
        )

    @post("/{objection_id:uuid}")
    async def decide(
        self, runtime: Runtime, principal: Staff, objection_id: UUID, data: Annotated[ReasonForm, URL_FORM]
    ) -> Redirect:
        """Uphold or dismiss, with the reason."""
        await decide_objection(
            runtime,
            objection_id,
            principal,
            upheld={"uphold": True, "dismiss": False}.get(data.verdict),
            reason=reason_of(data),
            at=runtime.clock.now(),
        )
        return Redirect("/console/objections", status_code=303)


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


ROUTES = (ConsoleListPages, ConsoleReviewPages, ConsoleObjectionPages)
