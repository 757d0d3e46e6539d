"""Published lists for anybody, masked, and a resident's own entries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post, put
from litestar import Request as HttpRequest
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from xinyi_platform.principals import Allow, Anyone, Resident
from xinyi_platform.rate_limits import limit_caller
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_platform.web import Form
from xinyi_rewards.honor_lists.documents import MOST_FORM_BYTES
from xinyi_rewards.honor_lists.endings import reason_of_end
from xinyi_rewards.honor_lists.kinds import list_kinds
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.naming import NameForm, choose_name_form
from xinyi_rewards.honor_lists.objecting import add_documents, object_to_entry
from xinyi_rewards.honor_lists.parties import party_of
from xinyi_rewards.honor_lists.reading import (
    SEARCHES_A_MINUTE,
    SEARCHES_OF_ALL_A_MINUTE,
    PublicEntry,
    PublicList,
    my_entries,
    public_entries,
    public_lists,
    search_entries,
)
from xinyi_scenarios.manifests import Catalogue

AnyRequest = HttpRequest[Any, Any, Any]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class SearchRequest(Request, kw_only=True, frozen=True):
    """Exact name and the identity number's last four characters; not a browsing tool."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=30, examples=["王小丽"])]
    last_four: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{3}[0-9Xx]$", examples=["001X"])]


class ObjectionRequest(Request, kw_only=True, frozen=True):
    reason: Reason


class NameFormRequest(Request, kw_only=True, frozen=True):
    form: NameForm


class DocumentsForm(Form, kw_only=True, frozen=True):
    """JPEG, PNG or WebP, up to 5 MB each."""

    documents: list[UploadFile]


class ObjectionAnswer(Answer, kw_only=True, frozen=True):
    id: UUID
    state: str
    decide_by: date


class MyEntry(Answer, kw_only=True, frozen=True):
    """One entry about me. Of a mirrored one: who decided what, by which law, and how long it can stand.

    It can be repaired from `repairable_from` on and is over after `ends_on`, days in the city. `end_reason_zh` and
    `end_reason_en` say why it ended, empty while it stands.
    """

    id: UUID
    kind: str
    state: str
    display_suspended: bool
    deed: str
    published_at: datetime | None
    valid_until: datetime | None
    authority: str
    document_no: str
    legal_basis: str
    grade: str
    determined_on: date | None
    repairable_from: date | None
    ends_on: date | None
    committed_on: date | None
    name_form: str
    end_reason_zh: str
    end_reason_en: str


class HonorListController(Controller):
    path = "/api/v1/honor-lists"
    guards = [Allow(Anyone)]
    tags = ["honor-lists"]

    @get("/", operation_id="listHonorLists")
    async def kinds(self, runtime: Runtime) -> list[PublicList]:
        """The kinds of lists, their rules and sizes."""
        return await public_lists(list(list_kinds().values()), runtime.part(Catalogue), at=runtime.clock.now())

    @get("/{kind:str}/entries", operation_id="listHonorEntries")
    async def entries(
        self, runtime: Runtime, kind: str, page: Annotated[int, Parameter(ge=1, le=1_000)] = 1
    ) -> list[PublicEntry]:
        """One page of those of a list's entries that can be paged through (`browse`), masked."""
        return await public_entries(kind, page=page, at=runtime.clock.now())

    @post("/search", status_code=200, operation_id="searchHonorEntries")
    async def search(self, runtime: Runtime, request: AnyRequest, data: SearchRequest) -> list[PublicEntry]:
        """Find a person's shown entries by exact name and last four characters."""
        await limit_caller(
            request, "honor-search", times=SEARCHES_A_MINUTE, overall=SEARCHES_OF_ALL_A_MINUTE, per_seconds=60
        )
        return await search_entries(runtime.keys, name=data.name, last_four=data.last_four, at=runtime.clock.now())


class MyHonorController(Controller):
    path = "/api/v1/me/honors"
    guards = [Allow(Resident)]
    tags = ["honor-lists"]

    @get("/", operation_id="listMyHonors")
    async def mine(self, principal: Resident) -> list[MyEntry]:
        """My own entries."""
        return [_mine(row) for row in await my_entries(principal.id)]

    @put("/{entry_id:uuid}/name-form", status_code=204, operation_id="chooseNameForm")
    async def name_form(self, runtime: Runtime, principal: Resident, entry_id: UUID, data: NameFormRequest) -> None:
        """Choose how my name is published on a red list, from now on: masked, in full, or not at all."""
        await choose_name_form(runtime, entry_id, principal.id, data.form, at=runtime.clock.now())

    @post("/{entry_id:uuid}/objections", operation_id="objectToEntry")
    async def contest(
        self, runtime: Runtime, principal: Resident, entry_id: UUID, data: ObjectionRequest
    ) -> ObjectionAnswer:
        """Object to my entry; its display stops at once. Documents follow by `addObjectionDocuments`."""
        party, now = await party_of(principal), runtime.clock.now()
        filed = await object_to_entry(runtime, party, entry_id, reason=data.reason, at=now)
        return ObjectionAnswer(id=filed.id, state=filed.state, decide_by=filed.decide_by)


def _mine(row: HonorEntry) -> MyEntry:
    why = reason_of_end(row.end_reason)
    return MyEntry(
        id=row.id,
        kind=row.kind,
        state=row.state,
        display_suspended=row.display_suspended,
        deed=row.deed,
        published_at=row.published_at,
        valid_until=row.valid_until,
        authority=row.authority,
        document_no=row.document_no,
        legal_basis=row.legal_basis,
        grade=row.grade,
        determined_on=row.determined_on,
        repairable_from=row.repairable_from,
        ends_on=row.ends_on,
        committed_on=row.committed_on,
        name_form=row.name_form,
        end_reason_zh=why.zh,
        end_reason_en=why.en,
    )


class MyObjectionController(Controller):
    path = "/api/v1/me/objections"
    guards = [Allow(Resident)]
    tags = ["honor-lists"]

    @post(
        "/{objection_id:uuid}/documents",
        status_code=204,
        operation_id="addObjectionDocuments",
        request_max_body_size=MOST_FORM_BYTES,
    )
    async def documents(
        self,
        runtime: Runtime,
        principal: Resident,
        objection_id: UUID,
        data: Annotated[DocumentsForm, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> None:
        """Hand in pictures of documents for my open objection, up to six, in the place of those handed in before."""
        pictures = [await upload.read() for upload in data.documents]
        await add_documents(runtime, await party_of(principal), objection_id, pictures, at=runtime.clock.now())
