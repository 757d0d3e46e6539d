"""Redemptions for partner systems. Every POST takes an Idempotency-Key and may be repeated safely."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, post
from litestar.response import Response

from xinyi_merchants.registry import find_merchant_by_code
from xinyi_platform.idempotency import IdempotencyKey, answer_once
from xinyi_platform.principals import Allow, Partner
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_scenarios.entitlements.codes import read_code
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.redemptions.redeeming import Use, redeem_entitlement
from xinyi_scenarios.redemptions.undoing import undo_redemption


class RedeemRequest(Request, kw_only=True, frozen=True):
    """`code`: what was scanned or typed. `price_fen`: the price before the benefit, where there is one.

    `merchant`: the public code of the merchant where it is used; needed for what holds only in certain trades or
    at honest merchants.
    """

    code: Annotated[str, msgspec.Meta(max_length=1024)]
    price_fen: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] | None = None
    merchant: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class ReverseRequest(Request, kw_only=True, frozen=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class RedemptionAnswer(Answer, kw_only=True, frozen=True):
    """One redemption. `discount_fen` is what the benefit took off `price_fen`."""

    id: UUID
    scenario: str
    price_fen: int | None
    discount_fen: int | None
    redeemed_at: datetime
    reversed_at: datetime | None


def answer_of(row: Redemption) -> RedemptionAnswer:
    return RedemptionAnswer(
        id=row.id,
        scenario=row.scenario,
        price_fen=row.price_fen,
        discount_fen=row.discount_fen,
        redeemed_at=row.redeemed_at,
        reversed_at=row.reversed_at,
    )


class PartnerRedemptionController(Controller):
    path = "/partner/v1/redemptions"
    guards = [Allow(Partner, scope="redemptions")]
    tags = ["partner"]

    @post("/", operation_id="partnerRedeem")
    async def redeem(
        self,
        runtime: Runtime,
        principal: Partner,
        data: RedeemRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Redeem an entitlement that the partner's own machine has read."""

        async def act() -> RedemptionAnswer:
            now = runtime.clock.now()
            merchant = await find_merchant_by_code(data.merchant) if data.merchant else None
            use = Use(merchant=merchant, actor=principal.label, channel="partner", price_fen=data.price_fen, at=now)
            row = await redeem_entitlement(read_code(runtime.keys, data.code, now=now), use)
            return answer_of(row)

        return await answer_once(runtime, principal, "redeem", idempotency_key, data, act, status=201)

    @post("/{redemption_id:uuid}/reverse", operation_id="partnerReverse")
    async def reverse(
        self,
        runtime: Runtime,
        principal: Partner,
        redemption_id: UUID,
        data: ReverseRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Undo one's own redemption, once."""

        async def act() -> RedemptionAnswer:
            row = await undo_redemption(
                runtime, redemption_id, merchant_id=None, actor=principal.label, reason=data.reason
            )
            return answer_of(row)

        return await answer_once(runtime, principal, f"reverse {redemption_id}", idempotency_key, data, act)
