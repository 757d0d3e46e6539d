"""The acts of the console as JSON: make a list from a spreadsheet, hand it in, review it, decide objections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body

from xinyi_platform.clock import local_date
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_platform.web import Form
from xinyi_rewards.honor_lists.asking import count_row, count_sheet
from xinyi_rewards.honor_lists.checking import check_sheet
from xinyi_rewards.honor_lists.making import (
    MOST_ERRORS,
    Keep,
    add_entry,
    error_row,
    find_list,
    make_list,
    make_list_of_one,
    record,
    remove_entry,
    title_of,
    typed_row,
)
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.honor_lists.noting import comment_on, note_look, story_of
from xinyi_rewards.honor_lists.objecting import decide_objection
from xinyi_rewards.honor_lists.reading import open_objections, staff_lists
from xinyi_rewards.honor_lists.reviewing import approve_list, refuse_list, send_back, submit_list, withdraw_list
from xinyi_rewards.honor_lists.states import DECIDERS, MAKERS
from xinyi_rewards.rewards.granting import publish_and_grant

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class ListForm(Form, kw_only=True, frozen=True):
    """`sheet`: xlsx or csv with the columns of the template; `keep` good leaves wrong rows out."""

    kind: str
    title: str
    sheet: UploadFile
    keep: Keep = "all"


class SheetForm(Form, kw_only=True, frozen=True):
    """`sheet`: xlsx or csv with the columns of the template."""

    kind: str
    sheet: UploadFile


class EntryRequest(Request, kw_only=True, frozen=True):
    """One person by identity number, or a shop of my area by its registered name and credit code."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=80, examples=["王小丽"])]
    number: Annotated[str, msgspec.Meta(min_length=18, max_length=18, examples=["410611199001010001"])]
    deed: Annotated[str, msgspec.Meta(min_length=1, max_length=200, examples=["照护独居老人两年"])]


class NewListOfOne(EntryRequest, kw_only=True, frozen=True):
    kind: Annotated[str, msgspec.Meta(max_length=40, examples=["red-good-neighbour"])]
    title: Annotated[str, msgspec.Meta(min_length=2, max_length=80, examples=["和睦社区好人榜"])]


class NewEntry(Answer, kw_only=True, frozen=True):
    id: UUID


class StoryLine(Answer, kw_only=True, frozen=True):
    """A comment, an entry added or removed, or a review (approve, send_back). `turn`: times handed in by then."""

    act: str
    text: str
    by: str
    turn: int
    at: datetime


class CommentRequest(Request, kw_only=True, frozen=True):
    comment: Reason


class ApprovalRequest(Request, kw_only=True, frozen=True):
    """`turn`: the list's when it was read; where it was changed since, nothing is approved."""

    turn: Annotated[int, msgspec.Meta(ge=0, le=10_000, examples=[1])]


class ObjectionDecision(Request, kw_only=True, frozen=True):
    verdict: Literal["uphold", "dismiss"]
    reason: Reason


class ListAnswer(Answer, kw_only=True, frozen=True):
    """One list: draft, in_review, approved or withdrawn; `comment` is the reviewer's when it was sent back.

    It is approved when `approvals` of other persons have reached `reviews_needed`. `turn` goes up when it is handed in
    and when evidence is attached in review.
    """

    id: UUID
    kind: str
    title: str
    division: str
    state: str
    comment: str
    turn: int
    approvals: int
    reviews_needed: int
    created_at: datetime
    entries: int


class SheetVerdict(Answer, kw_only=True, frozen=True):
    """What importing a sheet would do: rows that are good, how many errors, and the first 1,000 of them."""

    good: int
    errors: int
    rows: list[dict[str, object]]


class StaffEntry(Answer, kw_only=True, frozen=True):
    """One entry as staff see it, masked."""

    id: UUID
    name: str
    identity_number: str
    deed: str
    state: str
    display_suspended: bool
    publish_at: datetime | None
    valid_until: datetime | None


class OpenObjection(Answer, kw_only=True, frozen=True):
    """An objection that waits for its decision, by `decide_by` at the latest."""

    id: UUID
    entry: UUID
    kind: str
    name: str
    reason: str
    created_at: datetime
    decide_by: date


class StaffListController(Controller):
    path = "/staff/v1/honor-lists"
    guards = [Allow(Staff, roles=MAKERS)]
    tags = ["honor-lists"]

    @get("/", operation_id="listStaffLists")
    async def index(self, principal: Staff) -> list[ListAnswer]:
        """The lists of my area, newest first."""
        return [await answer_of(made) for made in await staff_lists(principal)]

    @post("/", operation_id="makeList")
    async def make(
        self,
        runtime: Runtime,
        principal: Staff,
        data: Annotated[ListForm, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> ListAnswer:
        """Make a draft from a spreadsheet: all rows, or none with every wrong row named."""
        await count_sheet(runtime.cache, principal)
        now = runtime.clock.now()
        made = await make_list(
            runtime.keys,
            principal,
            kind=data.kind,
            title=title_of(data.title),
            content=await data.sheet.read(),
            filename=data.sheet.filename,
            at=now,
            today=local_date(now),
            keep=data.keep,
        )
        return await answer_of(made)

    @post("/single", operation_id="makeListOfOne")
    async def make_one(self, runtime: Runtime, principal: Staff, data: NewListOfOne) -> ListAnswer:
        """Make a draft with one entry that was typed."""
        await count_row(runtime.cache, principal)
        now = runtime.clock.now()
        made = await make_list_of_one(
            runtime.keys,
            principal,
            kind=data.kind,
            title=title_of(data.title),
            row=typed_row(name=data.name, number=data.number, deed=data.deed),
            at=now,
            today=local_date(now),
        )
        return await answer_of(made)

    @post("/check", status_code=200, operation_id="checkSheet")
    async def check(
        self,
        runtime: Runtime,
        principal: Staff,
        data: Annotated[SheetForm, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> SheetVerdict:
        """Tell how many rows are good and what is wrong with the others; nothing is kept."""
        await count_sheet(runtime.cache, principal)
        sheet = await check_sheet(
            runtime.keys,
            principal,
            kind=data.kind,
            content=await data.sheet.read(),
            filename=data.sheet.filename,
            today=local_date(runtime.clock.now()),
            at=runtime.clock.now(),
        )
        return SheetVerdict(
            good=len(sheet.rows), errors=len(sheet.errors), rows=[error_row(e) for e in sheet.errors[:MOST_ERRORS]]
        )

    @get("/{list_id:uuid}", operation_id="getStaffList")
    async def one(self, principal: Staff, list_id: UUID) -> ListAnswer:
        """One list of my area."""
        return await answer_of(await find_list(list_id, principal))

    @get("/{list_id:uuid}/entries", operation_id="listStaffEntries")
    async def entries(self, runtime: Runtime, principal: Staff, list_id: UUID) -> list[StaffEntry]:
        """Its entries; that I looked is on record."""
        made = await find_list(list_id, principal)
        await record(made, "view", principal, runtime.clock.now())
        rows = await HonorEntry.filter(honor_list_id=made.id).order_by("created_at", "id").limit(5_000)
        return [
            StaffEntry(
                id=row.id,
                name=row.name_masked,
                identity_number=row.identity_masked,
                deed=row.deed,
                state=row.state,
                display_suspended=row.display_suspended,
                publish_at=row.publish_at,
                valid_until=row.valid_until,
            )
            for row in rows
        ]

    @post("/{list_id:uuid}/entries", operation_id="addListEntry")
    async def add(self, runtime: Runtime, principal: Staff, list_id: UUID, data: EntryRequest) -> NewEntry:
        """Add one entry to a draft of mine."""
        await count_row(runtime.cache, principal)
        now, row = runtime.clock.now(), typed_row(name=data.name, number=data.number, deed=data.deed)
        return NewEntry(id=await add_entry(runtime.keys, list_id, principal, row, at=now, today=local_date(now)))

    @delete("/{list_id:uuid}/entries/{entry_id:uuid}", operation_id="removeListEntry")
    async def remove(self, runtime: Runtime, principal: Staff, list_id: UUID, entry_id: UUID) -> None:
        """Take one entry out of a draft of mine."""
        await remove_entry(list_id, entry_id, principal, at=runtime.clock.now())

    @get("/{list_id:uuid}/story", operation_id="getListStory")
    async def story(self, runtime: Runtime, principal: Staff, list_id: UUID) -> list[StoryLine]:
        """What was said and changed about a list, oldest first; that I looked is on record."""
        made = await find_list(list_id, principal)
        await record(made, "view", principal, runtime.clock.now())
        return [
            StoryLine(act=one.act, text=one.text, by=one.by, turn=one.turn, at=one.at) for one in await story_of(made)
        ]

    @post("/{list_id:uuid}/comments", status_code=204, operation_id="commentOnList")
    async def comment(self, runtime: Runtime, principal: Staff, list_id: UUID, data: CommentRequest) -> None:
        """Say something about a list of my area that is not decided yet."""
        await comment_on(await find_list(list_id, principal), principal, data.comment, at=runtime.clock.now())

    @post("/{list_id:uuid}/submit", status_code=200, operation_id="submitList")
    async def submit(self, runtime: Runtime, principal: Staff, list_id: UUID) -> ListAnswer:
        """Hand a draft of mine in for review."""
        await submit_list(list_id, principal, at=runtime.clock.now())
        return await answer_of(await find_list(list_id, principal))

    @post("/{list_id:uuid}/withdraw", status_code=200, operation_id="withdrawList")
    async def withdraw(self, runtime: Runtime, principal: Staff, list_id: UUID) -> ListAnswer:
        """Take back a list of mine that is not approved yet."""
        await withdraw_list(list_id, principal, at=runtime.clock.now())
        return await answer_of(await find_list(list_id, principal))


class StaffReviewController(Controller):
    path = "/staff/v1/honor-lists/{list_id:uuid}"
    guards = [Allow(Staff, roles=MAKERS)]
    tags = ["honor-lists"]

    @post("/approve", status_code=200, operation_id="approveList")
    async def approve(self, runtime: Runtime, principal: Staff, list_id: UUID, data: ApprovalRequest) -> ListAnswer:
        """Approve a list that somebody else made, as I read it; what needs no notice is published at once."""
        await approve_list(runtime, list_id, principal, turn=data.turn, at=runtime.clock.now())
        await publish_and_grant(runtime)
        return await answer_of(await find_list(list_id, principal))

    @post("/send-back", status_code=200, operation_id="sendListBack")
    async def back(self, runtime: Runtime, principal: Staff, list_id: UUID, data: CommentRequest) -> ListAnswer:
        """Return a list to its maker with a comment."""
        await send_back(list_id, principal, comment=data.comment, at=runtime.clock.now())
        return await answer_of(await find_list(list_id, principal))

    @post("/refuse", status_code=200, operation_id="refuseList")
    async def refuse(self, runtime: Runtime, principal: Staff, list_id: UUID, data: CommentRequest) -> ListAnswer:
        """Give up a list that somebody else made and that is not approved; its entries free their places."""
        await refuse_list(list_id, principal, comment=data.comment, at=runtime.clock.now())
        return await answer_of(await find_list(list_id, principal))


class StaffObjectionController(Controller):
    path = "/staff/v1/objections"
    guards = [Allow(Staff, roles=DECIDERS)]
    tags = ["honor-lists"]

    @get("/", operation_id="listOpenObjections")
    async def index(self, runtime: Runtime, principal: Staff) -> list[OpenObjection]:
        """The open objections of my area, the most urgent first; that I looked is on record."""
        rows = await open_objections(principal)
        await note_look([row.entry_id for row in rows], principal, at=runtime.clock.now())
        return [
            OpenObjection(
                id=row.id,
                entry=row.entry_id,
                kind=row.entry.kind,
                name=row.entry.name_masked,
                reason=row.reason,
                created_at=row.created_at,
                decide_by=row.decide_by,
            )
            for row in rows
        ]

    @post("/{objection_id:uuid}/decide", status_code=204, operation_id="decideObjection")
    async def decide(self, runtime: Runtime, principal: Staff, objection_id: UUID, data: ObjectionDecision) -> None:
        """Uphold it, which ends the entry, or dismiss it, which shows the entry again."""
        upheld, now = data.verdict == "uphold", runtime.clock.now()
        await decide_objection(runtime, objection_id, principal, upheld=upheld, reason=data.reason, at=now)


async def answer_of(made: HonorList) -> ListAnswer:
    """Return a list as it is told to staff."""
    return ListAnswer(
        id=made.id,
        kind=made.kind,
        title=made.title,
        division=made.division,
        state=made.state,
        comment=made.comment,
        turn=made.turn,
        approvals=made.approvals,
        reviews_needed=made.reviews_needed,
        created_at=made.created_at,
        entries=await HonorEntry.filter(honor_list_id=made.id).count(),
    )


ROUTES = (StaffListController, StaffReviewController, StaffObjectionController)
