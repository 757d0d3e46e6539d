"""Referrals over HTTP for the resident who has an answer told."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.response import Response

from xinyi_platform.idempotency import IdempotencyKey, answer_once
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_scenarios.referrals.models import Referral
from xinyi_scenarios.referrals.offering import Choice, offer_referral, own_entitlement, receivers_for, terms_of
from xinyi_scenarios.referrals.reading import my_referral, referrals_of_resident, show_all
from xinyi_scenarios.referrals.recalling import take_back


class ReceiverAnswer(Answer, kw_only=True, frozen=True):
    """Somebody who may be chosen, and the consent that it needs."""

    id: UUID
    name: str
    kind: str
    consent: str


class OfferRequest(Request, kw_only=True, frozen=True):
    """`consent_version` is that of the text which was read, `agree` the tick on it.

    `tell_a_no`: she knows that the answer would be no and wants it told.
    """

    receiver: UUID
    consent_version: Annotated[int, msgspec.Meta(ge=1, examples=[1])]
    agree: Annotated[bool, msgspec.Meta(examples=[True])]
    tell_a_no: bool = False


class MyReferralAnswer(Answer, kw_only=True, frozen=True):
    """One answer that I had told: who got it, what it says, whether it may still be used, and what became of it."""

    id: UUID
    entitlement_id: UUID
    scenario: str
    receiver: str
    verdict: str
    state: str
    offered_at: datetime
    expires_at: datetime
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    outcome: str
    recall_reason: str
    recalled_at: datetime | None
    ended_at: datetime | None


async def answers_of(runtime: Runtime, rows: list[Referral]) -> list[MyReferralAnswer]:
    """Return referrals as they are told to the person concerned."""
    same = set(MyReferralAnswer.__struct_fields__) - {"receiver"}
    return [
        MyReferralAnswer(receiver=shown.receiver, **{name: getattr(shown.row, name) for name in same})
        for shown in await show_all(runtime, rows)
    ]


class ReferralController(Controller):
    path = "/api/v1"
    guards = [Allow(Resident)]
    tags = ["entitlements"]

    @get("/entitlements/{entitlement_id:uuid}/referral-receivers", operation_id="listReferralReceivers")
    async def receivers(self, principal: Resident, entitlement_id: UUID) -> list[ReceiverAnswer]:
        """Who may be told, one at a time."""
        terms = terms_of(await own_entitlement(principal.id, entitlement_id))
        return [
            ReceiverAnswer(id=one.id, name=one.name, kind=one.kind, consent=terms.consent)
            for one in await receivers_for(terms)
        ]

    @post("/entitlements/{entitlement_id:uuid}/referral", operation_id="offerReferral")
    async def offer(
        self,
        runtime: Runtime,
        principal: Resident,
        entitlement_id: UUID,
        data: OfferRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Have one receiver told yes or no, with the separate consent for it."""

        async def act() -> Referral:
            choice = Choice(
                partner_id=data.receiver,
                consent_version=data.consent_version,
                agree=data.agree,
                tell_a_no=data.tell_a_no,
            )
            return await offer_referral(runtime, principal.id, entitlement_id, choice)

        body = msgspec.json.encode(data)
        return await _once(runtime, principal, f"referral {entitlement_id}", idempotency_key, body, act, status=201)

    @get("/me/referrals", operation_id="listMyReferrals")
    async def list_mine(self, runtime: Runtime, principal: Resident) -> list[MyReferralAnswer]:
        """Who got what about me, newest first."""
        return await answers_of(runtime, await referrals_of_resident(principal.id))

    @get("/me/referrals/{referral_id:uuid}", operation_id="getMyReferral")
    async def show(self, runtime: Runtime, principal: Resident, referral_id: UUID) -> MyReferralAnswer:
        """One of them."""
        return (await answers_of(runtime, [await my_referral(principal.id, referral_id)]))[0]

    @post("/me/referrals/{referral_id:uuid}/withdraw", status_code=200, operation_id="withdrawReferral")
    async def withdraw(
        self, runtime: Runtime, principal: Resident, referral_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Take an answer back; the receiver is told to stop using it."""

        async def act() -> Referral:
            return await take_back(runtime, principal.id, referral_id)

        return await _once(runtime, principal, f"referral withdraw {referral_id}", idempotency_key, b"", act)


async def _once(
    runtime: Runtime, principal: Resident, route: str, key: str | None, body: bytes, act: Any, *, status: int = 200
) -> Response[Any]:
    async def run() -> object:
        return (await answers_of(runtime, [await act()]))[0]

    return await answer_once(runtime, principal, route, key, body, run, status=status)
