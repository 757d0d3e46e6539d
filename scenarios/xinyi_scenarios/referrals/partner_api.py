"""Referrals for the receivers' systems: fetch, acknowledge, tell the outcome, check, stop using."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import QueryParameter
from litestar.response import Response

from xinyi_platform.idempotency import IdempotencyKey, answer_once
from xinyi_platform.principals import Allow, Partner
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_scenarios.referrals.models import Referral
from xinyi_scenarios.referrals.offering import SCOPE, signer_of
from xinyi_scenarios.referrals.reading import referrals_of_partner
from xinyi_scenarios.referrals.states import LIVE
from xinyi_scenarios.referrals.using import acknowledge, acknowledge_recall, check_answer, fetch, report_outcome

State = Literal["", "offered", "delivered", "acknowledged", "recalled", "recall_acknowledged"]


class OutcomeRequest(Request, kw_only=True, frozen=True):
    """What became of it; shown to the resident."""

    outcome: Literal["accepted", "declined"]


class VerifyRequest(Request, kw_only=True, frozen=True):
    """`token` is an answer as it was received."""

    token: Annotated[str, msgspec.Meta(max_length=4096)]


class VerifyAnswer(Answer, kw_only=True, frozen=True):
    """VALID, EXPIRED, RECALLED, or CANNOT_TELL for what is no answer to this receiver."""

    result: str


class ReferralAnswer(Answer, kw_only=True, frozen=True):
    """One referral. `answer` is the signed answer while it may be used, `recall` the signed word to stop."""

    id: UUID
    subject: str
    scenario: str
    state: str
    answer: str
    recall: str
    offered_at: datetime
    expires_at: datetime
    acknowledged_at: datetime | None
    recalled_at: datetime | None
    outcome: str


def answer_of(row: Referral) -> ReferralAnswer:
    """Return a referral as its receiver sees it: a pseudonym and no reason for a recall."""
    return ReferralAnswer(
        id=row.id,
        subject=row.pseudonym,
        scenario=row.scenario,
        state=row.state,
        answer=row.answer if row.state in LIVE else "",
        recall=row.recall,
        offered_at=row.offered_at,
        expires_at=row.expires_at,
        acknowledged_at=row.acknowledged_at,
        recalled_at=row.recalled_at,
        outcome=row.outcome,
    )


class PartnerReferralController(Controller):
    path = "/partner/v1/referrals"
    guards = [Allow(Partner, scope=SCOPE)]
    tags = ["partner"]

    @get("/", operation_id="listReferrals")
    async def index(
        self, principal: Partner, chosen: Annotated[State, QueryParameter(name="state")] = ""
    ) -> list[ReferralAnswer]:
        """My referrals, newest first, without the answers: those are fetched one by one."""
        rows = await referrals_of_partner(principal.id, state=chosen)
        return [msgspec.structs.replace(answer_of(row), answer="") for row in rows]

    @get("/{referral_id:uuid}", operation_id="getReferral")
    async def show(self, runtime: Runtime, principal: Partner, referral_id: UUID) -> ReferralAnswer:
        """One of my referrals with its signed answer, or with the word to stop using it."""
        return answer_of(await fetch(principal.id, referral_id, at=runtime.clock.now()))

    @post("/{referral_id:uuid}/ack", status_code=200, operation_id="acknowledgeReferral")
    async def ack(
        self, runtime: Runtime, principal: Partner, referral_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """The answer was received and is relied on."""

        async def act() -> Referral:
            return await acknowledge(principal.id, referral_id, at=runtime.clock.now())

        return await _once(runtime, principal, f"referral ack {referral_id}", idempotency_key, {}, act)

    @post("/{referral_id:uuid}/recall-ack", status_code=200, operation_id="acknowledgeRecall")
    async def recall_ack(
        self, runtime: Runtime, principal: Partner, referral_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """The answer is no longer used."""

        async def act() -> Referral:
            return await acknowledge_recall(principal.id, referral_id, at=runtime.clock.now())

        return await _once(runtime, principal, f"referral recall-ack {referral_id}", idempotency_key, {}, act)

    @post("/{referral_id:uuid}/outcome", status_code=200, operation_id="reportReferralOutcome")
    async def outcome(
        self,
        runtime: Runtime,
        principal: Partner,
        referral_id: UUID,
        data: OutcomeRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """What became of it, if one wants to tell."""

        async def act() -> Referral:
            at = runtime.clock.now()
            return await report_outcome(principal.id, referral_id, outcome=data.outcome, at=at)

        return await _once(runtime, principal, f"referral outcome {referral_id}", idempotency_key, data, act)

    @post("/verify", status_code=200, operation_id="verifyReferral")
    async def verify(self, runtime: Runtime, principal: Partner, data: VerifyRequest) -> VerifyAnswer:
        """Whether an answer may still be used. Changes nothing, so it takes no key."""
        at = runtime.clock.now()
        result = await check_answer(signer_of(runtime), data.token, partner_id=principal.id, at=at)
        return VerifyAnswer(result=result)


async def _once(
    runtime: Runtime,
    principal: Partner,
    route: str,
    key: str | None,
    data: object,
    act: Callable[[], Awaitable[Referral]],
) -> Response[Any]:
    async def run() -> object:
        return answer_of(await act())

    return await answer_once(runtime, principal, route, key, data, run)
