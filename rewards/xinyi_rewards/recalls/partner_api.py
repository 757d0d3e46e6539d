"""Published entries for partners' systems, each reading on record; and the recalls that they acknowledge."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.params import QueryParameter
from litestar.response import Response

from xinyi_platform.idempotency import IdempotencyKey, answer_once
from xinyi_platform.principals import Allow, Anyone, Partner
from xinyi_platform.rate_limits import limit_caller
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.naming import shown_to_receivers
from xinyi_rewards.recalls.giving import entries_for, snapshot_of
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.recalls.reading import recalls_of
from xinyi_rewards.recalls.recalling import acknowledge
from xinyi_rewards.recalls.receiving import SCOPE

AnyRequest = Request[Any, Any, Any]
State = Literal["", "issued", "acknowledged"]
Cursor = Annotated[UUID | None, QueryParameter(name="after")]


class SharedEntry(Answer, kw_only=True, frozen=True):
    """One published entry, as the public sees it, with the number by which it will be recalled."""

    id: UUID
    kind: str
    name: str
    identity_number: str
    deed: str
    authority: str
    document_no: str
    legal_basis: str
    published_at: datetime | None
    valid_until: datetime | None
    ends_on: date | None


class SharedEntries(Answer, kw_only=True, frozen=True):
    """One page. `next` goes into `after` of the next request; None: this was the last."""

    entries: list[SharedEntry]
    next: UUID | None


class RecallAnswer(Answer, kw_only=True, frozen=True):
    """The word to stop using an entry: `statement` is a compact EdDSA JWS under a key of `/.well-known/jwks.json`."""

    id: UUID
    entry: UUID
    kind: str
    state: str
    statement: str
    issued_at: datetime
    acknowledge_by: datetime
    acknowledged_at: datetime | None


class ListSnapshotAnswer(Answer, kw_only=True, frozen=True):
    """A signed list of salted digests of entries' numbers: no name, no number of a person."""

    kind: str
    taken_at: datetime
    good_until: datetime
    entries: int
    snapshot: str


def _shared(row: HonorEntry) -> SharedEntry:
    shown = shown_to_receivers(row)
    return SharedEntry(
        id=row.id,
        kind=row.kind,
        name=shown.name,
        identity_number=shown.identity_number,
        deed=shown.deed,
        authority=row.authority,
        document_no=row.document_no,
        legal_basis=row.legal_basis,
        published_at=row.published_at,
        valid_until=row.valid_until,
        ends_on=row.ends_on,
    )


def answer_of(row: Recall) -> RecallAnswer:
    """Return a recall as its receiver sees it."""
    return RecallAnswer(
        id=row.id,
        entry=row.entry_id,
        kind=row.kind,
        state=row.state,
        statement=row.statement,
        issued_at=row.issued_at,
        acknowledge_by=row.chase_at,
        acknowledged_at=row.acknowledged_at,
    )


class PartnerListController(Controller):
    path = "/partner/v1/honor-lists"
    guards = [Allow(Partner, scope=SCOPE)]
    tags = ["partner"]

    @get("/{kind:str}/entries", operation_id="listSharedEntries")
    async def entries(self, runtime: Runtime, principal: Partner, kind: str, after: Cursor = None) -> SharedEntries:
        """One page of a kind's published entries; that I received them is on record, and their subjects see it.

        403 `recalls_open` while I let reminders of recalls pass.
        """
        given = await entries_for(principal.label, kind, after=after, at=runtime.clock.now())
        return SharedEntries(entries=[_shared(row) for row in given.entries], next=given.next_after)


class PartnerRecallController(Controller):
    path = "/partner/v1/recalls"
    guards = [Allow(Partner, scope=SCOPE)]
    tags = ["partner"]

    @get("/", operation_id="listRecalls")
    async def index(
        self, principal: Partner, chosen: Annotated[State, QueryParameter(name="state")] = ""
    ) -> list[RecallAnswer]:
        """My recalls, those that wait first."""
        return [answer_of(row) for row in await recalls_of([principal.label], state=chosen)]

    @post("/{recall_id:uuid}/acknowledge", status_code=200, operation_id="acknowledgeEntryRecall")
    async def acknowledge(
        self, runtime: Runtime, principal: Partner, recall_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """The entry is no longer used here."""

        async def act() -> object:
            return answer_of(
                await acknowledge(recall_id, [principal.label], actor=principal.label, at=runtime.clock.now())
            )

        return await answer_once(runtime, principal, f"recall ack {recall_id}", idempotency_key, {}, act)


class ListSnapshotApi(Controller):
    path = "/api/v1/honor-list-snapshots"
    guards = [Allow(Anyone)]
    tags = ["honor-lists"]

    @get("/{kind:str}", operation_id="getHonorListSnapshot")
    async def one(self, runtime: Runtime, request: AnyRequest, kind: str) -> Response[ListSnapshotAnswer]:
        """A kind's published entries, signed and dated, to check one without network. 404 for no kind."""
        await limit_caller(request, "list-snapshot", times=60, overall=3_000, per_seconds=60)
        made = await snapshot_of(runtime, kind, at=runtime.clock.now())
        answer = ListSnapshotAnswer(
            kind=kind, taken_at=made.taken_at, good_until=made.good_until, entries=made.entries, snapshot=made.token
        )
        return Response(answer, headers={"Cache-Control": "no-store"})


ROUTES = (PartnerListController, PartnerRecallController, ListSnapshotApi)
