"""Help over HTTP, for a resident's own app."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post
from litestar.response import Response

from xinyi_platform.idempotency import IdempotencyKey, answer_once
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_rewards.assistance.agency import AgencyWish, ask_agency, confirm_draft, return_draft, withdraw_agency
from xinyi_rewards.assistance.booking import book_place, give_place_back, help_entry
from xinyi_rewards.assistance.models import AgencyRequest
from xinyi_rewards.assistance.policy import help_policy, help_services
from xinyi_rewards.assistance.reading import TrainingSeen, agency_about, looks_at_agency, trainings_for
from xinyi_rewards.assistance.states import HELPED
from xinyi_rewards.honor_lists.parties import party_of
from xinyi_rewards.repairs.api import RepairAnswer, Version, answer_of
from xinyi_rewards.repairs.policy import repair_policy

Words = Annotated[str, msgspec.Meta(min_length=5, max_length=1_000, examples=["想了解需要哪些材料,请帮忙准备。"])]
Contact = Annotated[str, msgspec.Meta(min_length=5, max_length=60, examples=["13800000001"])]
Reason = Annotated[str, msgspec.Meta(min_length=2, max_length=400, examples=["还款日期写错了。"])]
Draft = Annotated[int, msgspec.Meta(ge=1, le=32_000)]


class NewAgency(Request, kw_only=True, frozen=True):
    """What is wanted and how I am reached. `signed`: the authorisation's version that was read and agreed to."""

    wish: Words
    contact: Contact
    signed: Version


class DraftReturn(Request, kw_only=True, frozen=True):
    """What is wrong with the draft."""

    reason: Reason


class DraftConfirmation(Request, kw_only=True, frozen=True):
    """`draft`: the number of the draft that I read; `signed`: the credit commitment's version that I sign with it."""

    draft: Draft
    signed: Version


class HelpServiceAnswer(Answer, kw_only=True, frozen=True):
    """One kind of help, free of charge. `answer_working_days`: by when staff answer; 0 is at once."""

    slug: str
    name_zh: str
    name_en: str
    what_zh: str
    what_en: str
    free_zh: str
    free_en: str
    answer_working_days: int


class TrainingAnswer(Answer, kw_only=True, frozen=True):
    """One training: planned or cancelled. An online `place` is empty until I hold a place.

    `number` is my booking's, and my certificate's once I attended; empty where I hold no place.
    """

    id: UUID
    title: str
    place: str
    is_online: bool
    division: str
    state: str
    starts_at: datetime
    ends_at: datetime
    places_left: int
    reason: str
    number: str
    attended_at: datetime | None


class AgencyAnswer(Answer, kw_only=True, frozen=True):
    """One request: asked, taken, prepared, filed, closed, withdrawn or lapsed. Days are the city's.

    `statement` is the draft of number `draft`, to be confirmed while the request is prepared; nothing is filed before.
    `looks`: how often staff looked at it or read how I am reached.
    """

    id: UUID
    state: str
    wish: str
    contact: str
    asked_at: datetime
    answer_by: date
    prepare_by: date | None
    appointment_at: datetime | None
    appointment_place: str
    draft: int
    statement: str
    reason: str
    looks: int


class HelpOverview(Answer, kw_only=True, frozen=True):
    """What help there is about an entry, what I booked, and the texts that would be signed."""

    services: list[HelpServiceAnswer]
    may_book: bool
    may_ask: bool
    authorisation_version: str
    authorisation_zh: list[str]
    authorisation_en: list[str]
    commitment_version: str
    commitment_zh: list[str]
    commitment_en: list[str]
    trainings: list[TrainingAnswer]
    requests: list[AgencyAnswer]


def training_answer(seen: TrainingSeen) -> TrainingAnswer:
    """Return a training as its subject sees it."""
    row, mine = seen.row, seen.mine
    return TrainingAnswer(
        id=row.id,
        title=row.title,
        place=seen.place,
        is_online=row.is_online,
        division=row.division,
        state=row.state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        places_left=seen.left,
        reason=row.reason,
        number=mine.number if mine else "",
        attended_at=mine.attended_at if mine else None,
    )


async def agency_answer(row: AgencyRequest) -> AgencyAnswer:
    """Return a request as its subject sees it, with the masked way to reach her."""
    return AgencyAnswer(
        id=row.id,
        state=row.state,
        wish=row.wish,
        contact=row.contact_masked,
        asked_at=row.asked_at,
        answer_by=row.answer_by,
        prepare_by=row.prepare_by,
        appointment_at=row.appointment_at,
        appointment_place=row.appointment_place,
        draft=row.draft,
        statement=row.statement,
        reason=row.reason,
        looks=(await looks_at_agency([row]))[row.id],
    )


class MyHelpController(Controller):
    path = "/api/v1/me/help/{entry_id:uuid}"
    guards = [Allow(Resident)]
    tags = ["honor-lists"]

    @get("/", operation_id="getHelp")
    async def show(self, runtime: Runtime, principal: Resident, entry_id: UUID) -> HelpOverview:
        """What help there is about my entry, and how what I booked stands."""
        party = await party_of(principal)
        entry, requests = await help_entry(party, entry_id), await agency_about(party, entry_id)
        authorisation, commitment, is_helped = (
            help_policy().authorisation,
            repair_policy().commitment,
            entry.state in HELPED,
        )
        services = msgspec.convert(
            [msgspec.structs.asdict(service) for service in help_services().values()], list[HelpServiceAnswer]
        )
        return HelpOverview(
            services=services,
            may_book=is_helped,
            may_ask=is_helped and not any(row.slot == "open" for row in requests),
            authorisation_version=authorisation.version,
            authorisation_zh=authorisation.zh,
            authorisation_en=authorisation.en,
            commitment_version=commitment.version,
            commitment_zh=commitment.zh,
            commitment_en=commitment.en,
            trainings=[training_answer(seen) for seen in await trainings_for(party, at=runtime.clock.now())],
            requests=[await agency_answer(row) for row in requests],
        )

    @post("/sessions/{training_id:uuid}/place", status_code=204, operation_id="bookTraining")
    async def book(self, runtime: Runtime, principal: Resident, entry_id: UUID, training_id: UUID) -> None:
        """Hold a place; safe to repeat."""
        await book_place(await party_of(principal), entry_id, training_id, at=runtime.clock.now())

    @delete("/sessions/{training_id:uuid}/place", operation_id="giveTrainingBack")
    async def give_back(self, runtime: Runtime, principal: Resident, entry_id: UUID, training_id: UUID) -> None:
        """Give my place back before it begins."""
        await give_place_back(await party_of(principal), entry_id, training_id, at=runtime.clock.now())

    @post("/agency", operation_id="askAgency")
    async def ask(
        self, runtime: Runtime, principal: Resident, entry_id: UUID, data: NewAgency, key: IdempotencyKey = None
    ) -> Response[Any]:
        """Ask staff to prepare the repair of my entry; free of charge."""

        async def act() -> object:
            asked = AgencyWish(wish=data.wish, contact=data.contact, signed=data.signed)
            party = await party_of(principal)
            return await agency_answer(await ask_agency(runtime, party, entry_id, asked, at=runtime.clock.now()))

        return await answer_once(runtime, principal, f"agency {entry_id}", key, data, act, status=201)

    @post("/agency/withdraw", status_code=200, operation_id="withdrawAgency")
    async def withdraw(self, runtime: Runtime, principal: Resident, entry_id: UUID) -> AgencyAnswer:
        """Take my open request and its authorisation back."""
        return await agency_answer(await withdraw_agency(await party_of(principal), entry_id, at=runtime.clock.now()))

    @post("/agency/return-draft", status_code=200, operation_id="returnDraft")
    async def send_back(self, runtime: Runtime, principal: Resident, entry_id: UUID, data: DraftReturn) -> AgencyAnswer:
        """Send the draft back, saying what is wrong."""
        party = await party_of(principal)
        return await agency_answer(await return_draft(party, entry_id, reason=data.reason, at=runtime.clock.now()))

    @post("/agency/confirm-draft", operation_id="confirmDraft")
    async def confirm(
        self,
        runtime: Runtime,
        principal: Resident,
        entry_id: UUID,
        data: DraftConfirmation,
        key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Confirm the draft and sign the commitment: the repair is filed, as if I had written it."""

        async def act() -> RepairAnswer:
            party, now = await party_of(principal), runtime.clock.now()
            return answer_of(
                await confirm_draft(runtime, party, entry_id, draft=data.draft, signed=data.signed, at=now)
            )

        return await answer_once(runtime, principal, f"confirm draft {entry_id}", key, data, act, status=201)
