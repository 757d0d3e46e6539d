"""Repair over HTTP, for a resident's own app."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Response

from xinyi_platform.clock import local_date
from xinyi_platform.idempotency import IdempotencyKey, answer_once
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_rewards.honor_lists.parties import entry_of, party_of
from xinyi_rewards.repairs.checking import conditions_of, is_repairable_kind
from xinyi_rewards.repairs.deferring import ask_deferral, may_defer
from xinyi_rewards.repairs.models import MeasureDeferral, RepairRequest
from xinyi_rewards.repairs.policy import repair_policy
from xinyi_rewards.repairs.reading import deferral_about, requests_about
from xinyi_rewards.repairs.requesting import MOST_FORM_BYTES, Filing, file_request, withdraw_request

Words = Annotated[str, msgspec.Meta(min_length=5, max_length=1_000, examples=["已全部履行判决义务。"])]
Version = Annotated[str, msgspec.Meta(max_length=16, examples=["2026-1"])]


class NewRepair(Request, kw_only=True, frozen=True):
    """What was corrected. `signed`: the version of the commitment that was read and agreed to."""

    statement: Words
    signed: Version


class NewRepairWithPapers(NewRepair, kw_only=True, frozen=True):
    """The same as a form with 1 to 6 pictures of documents (JPEG, PNG or WebP)."""

    papers: list[UploadFile]


class NewDeferral(Request, kw_only=True, frozen=True):
    """How and until when it will be corrected. `signed`: the version of the promise that was read and agreed to."""

    plan: Words
    due_on: date
    signed: Version


class ConditionAnswer(Answer, kw_only=True, frozen=True):
    """One condition. `is_met` null: only the determining unit can tell."""

    zh: str
    en: str
    is_met: bool | None
    note_zh: str
    note_en: str


class RepairAnswer(Answer, kw_only=True, frozen=True):
    """One request: filed, sent_back, passed_on, granted, refused, withdrawn or lapsed. Days are the city's.

    `filed_at` is when it was filed first, `refiled_at` when it was completed last after it had been sent back.
    """

    id: UUID
    state: str
    filed_at: datetime
    refiled_at: datetime | None
    pass_on_by: date
    official_number: str
    decide_by: date | None
    is_extended: bool
    decided_on: date | None
    reason: str


class DeferralAnswer(Answer, kw_only=True, frozen=True):
    """A promise: asked, accepted, refused, kept, broken or lapsed."""

    state: str
    due_on: date
    reason: str


class RepairOverview(Answer, kw_only=True, frozen=True):
    """The self-check of one entry, what was asked about it, and the texts that would be signed."""

    conditions: list[ConditionAnswer]
    may_file: bool
    may_defer: bool
    commitment_version: str
    commitment_zh: list[str]
    commitment_en: list[str]
    deferral_version: str
    requests: list[RepairAnswer]
    deferral: DeferralAnswer | None


def answer_of(row: RepairRequest) -> RepairAnswer:
    """Return a request as its subject sees it."""
    return RepairAnswer(
        id=row.id,
        state=row.state,
        filed_at=row.filed_at,
        refiled_at=row.refiled_at,
        pass_on_by=row.pass_on_by,
        official_number=row.official_number,
        decide_by=row.decide_by,
        is_extended=row.is_extended,
        decided_on=row.decided_on,
        reason=row.reason,
    )


def deferral_answer(row: MeasureDeferral) -> DeferralAnswer:
    """Return a deferral as its subject sees it."""
    return DeferralAnswer(state=row.state, due_on=row.due_on, reason=row.reason)


class MyRepairController(Controller):
    path = "/api/v1/me/honors/{entry_id:uuid}/repair"
    guards = [Allow(Resident)]
    tags = ["honor-lists"]

    @get("/", operation_id="getRepair")
    async def show(self, runtime: Runtime, principal: Resident, entry_id: UUID) -> RepairOverview:
        """What the repair of my entry needs, and how my requests stand."""
        party, now = await party_of(principal), runtime.clock.now()
        entry = await entry_of(party, entry_id)
        requests, deferral = await requests_about(party, entry_id), await deferral_about(party, entry_id)
        conditions = conditions_of(entry, today=local_date(now)) if is_repairable_kind(entry) else []
        is_open = any(row.slot == "open" and row.state != "sent_back" for row in requests)
        policy = repair_policy()
        return RepairOverview(
            conditions=[
                ConditionAnswer(
                    zh=one.text.zh, en=one.text.en, is_met=one.is_met, note_zh=one.note.zh, note_en=one.note.en
                )
                for one in conditions
            ],
            may_file=bool(conditions) and entry.state == "published" and conditions[0].is_met is True and not is_open,
            may_defer=may_defer(entry, at=now) and deferral is None,
            commitment_version=policy.commitment.version,
            commitment_zh=policy.commitment.zh,
            commitment_en=policy.commitment.en,
            deferral_version=policy.deferral.version,
            requests=[answer_of(row) for row in requests],
            deferral=deferral_answer(deferral) if deferral else None,
        )

    @post("/", operation_id="fileRepair")
    async def file(
        self, runtime: Runtime, principal: Resident, entry_id: UUID, data: NewRepair, key: IdempotencyKey = None
    ) -> Response[Any]:
        """File a request without papers, or complete the one that was sent back."""
        filing = Filing(statement=data.statement, signed=data.signed)
        return await _file_once(runtime, principal, entry_id, filing, key, data)

    @post("/with-papers", operation_id="fileRepairWithPapers", request_max_body_size=MOST_FORM_BYTES)
    async def file_with_papers(
        self,
        runtime: Runtime,
        principal: Resident,
        entry_id: UUID,
        data: Annotated[NewRepairWithPapers, Body(media_type=RequestEncodingType.MULTI_PART)],
        key: IdempotencyKey = None,
    ) -> Response[Any]:
        """The same with pictures of documents; one that cannot be read refuses the whole."""
        papers = [await upload.read() for upload in data.papers]
        filing = Filing(statement=data.statement, signed=data.signed, papers=papers)
        body = b"\0".join([data.statement.encode(), data.signed.encode(), *papers])
        return await _file_once(runtime, principal, entry_id, filing, key, body)

    @post("/withdraw", status_code=200, operation_id="withdrawRepair")
    async def withdraw(self, runtime: Runtime, principal: Resident, entry_id: UUID) -> RepairAnswer:
        """Take my open request back."""
        return answer_of(await withdraw_request(await party_of(principal), entry_id, at=runtime.clock.now()))

    @post("/deferral", operation_id="askDeferral")
    async def defer(
        self, runtime: Runtime, principal: Resident, entry_id: UUID, data: NewDeferral, key: IdempotencyKey = None
    ) -> Response[Any]:
        """Promise to correct by a day, for which the measure may wait."""

        async def act() -> object:
            row = await ask_deferral(
                await party_of(principal),
                entry_id,
                plan=data.plan,
                due_on=data.due_on,
                signed=data.signed,
                at=runtime.clock.now(),
            )
            return deferral_answer(row)

        return await answer_once(runtime, principal, f"defer {entry_id}", key, data, act, status=201)


async def _file_once(
    runtime: Runtime, principal: Resident, entry_id: UUID, filing: Filing, key: str | None, body: object
) -> Response[Any]:
    async def act() -> object:
        return answer_of(
            await file_request(runtime, await party_of(principal), entry_id, filing, at=runtime.clock.now())
        )

    return await answer_once(runtime, principal, f"repair {entry_id}", key, body, act, status=201)
