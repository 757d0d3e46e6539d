"""Support as JSON: for staff who put a use down, and the shops that are promoted today for anybody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import QueryParameter

from xinyi_platform.clock import local_date
from xinyi_platform.principals import Allow, Anyone, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_rewards.support.models import SupportGrant, SupportUse
from xinyi_rewards.support.pages import CLERKS, shop_of
from xinyi_rewards.support.policy import MOST_FEN, support_policies
from xinyi_rewards.support.reading import promoted, support_of
from xinyi_rewards.support.using import put_down_use, reverse_use


class SupportAnswer(Answer, kw_only=True, frozen=True):
    """One policy of a shop: waiting, granted, suspended, ended or expired, with the reason; days are included."""

    id: UUID
    policy: str
    name_zh: str
    name_en: str
    state: str
    reason_zh: str
    reason_en: str
    starts_on: date
    ends_on: date
    cap_fen: int
    used_fen: int


class SupportUseRequest(Request, kw_only=True, frozen=True):
    """`reference`: the unit's own number of the use."""

    amount_fen: Annotated[int, msgspec.Meta(gt=0, le=MOST_FEN, examples=[2000])]
    reference: Annotated[str, msgspec.Meta(min_length=2, max_length=40, examples=["SC-2026-001"])]


class SupportUseAnswer(Answer, kw_only=True, frozen=True):
    id: UUID
    amount_fen: int
    reference: str
    used_at: datetime


class SupportReversal(Request, kw_only=True, frozen=True):
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=200, examples=["金额录错"])]


class PromotedShop(Answer, kw_only=True, frozen=True):
    code: str
    name: str
    trade: str
    division: str
    address: str


class StaffSupportController(Controller):
    path = "/staff/v1/support"
    guards = [Allow(Staff, roles=CLERKS)]
    tags = ["support"]

    @get("/merchants/{code:str}", operation_id="getMerchantSupport")
    async def of_shop(self, principal: Staff, code: str) -> list[SupportAnswer]:
        """The support of a shop of my area, with reasons."""
        return [_answer(grant) for grant in await support_of((await shop_of(code, principal)).id)]

    @post("/{support_id:uuid}/uses", operation_id="useSupport")
    async def use(
        self, runtime: Runtime, principal: Staff, support_id: UUID, data: SupportUseRequest
    ) -> SupportUseAnswer:
        """Put a use down: once a reference, never over the cap."""
        use: SupportUse = await put_down_use(
            support_id, principal, amount_fen=data.amount_fen, reference=data.reference, at=runtime.clock.now()
        )
        return SupportUseAnswer(id=use.id, amount_fen=use.amount_fen, reference=use.reference, used_at=use.used_at)

    @post("/uses/{use_id:uuid}/reverse", status_code=204, operation_id="reverseSupportUse")
    async def reverse(self, runtime: Runtime, principal: Staff, use_id: UUID, data: SupportReversal) -> None:
        """Undo a use, exactly once."""
        await reverse_use(use_id, principal, reason=data.reason, at=runtime.clock.now())


class PromotedController(Controller):
    path = "/api/v1/promoted-merchants"
    guards = [Allow(Anyone)]
    tags = ["support"]

    @get("/", operation_id="listPromotedMerchants")
    async def index(
        self, runtime: Runtime, division: Annotated[str, QueryParameter(pattern=r"^[0-9]{0,12}$")] = ""
    ) -> list[PromotedShop]:
        """Honest shops that are promoted today, in an order that changes each day and nobody buys."""
        shops = await promoted(on=local_date(runtime.clock.now()), division=division)
        return [
            PromotedShop(code=s.code, name=s.name, trade=s.trade, division=s.division, address=s.address) for s in shops
        ]


def _answer(grant: SupportGrant) -> SupportAnswer:
    policy = support_policies().get(grant.policy)
    return SupportAnswer(
        id=grant.id,
        policy=grant.policy,
        name_zh=policy.name_zh if policy else grant.policy,
        name_en=policy.name_en if policy else grant.policy,
        state=grant.state,
        reason_zh=grant.reason_zh,
        reason_en=grant.reason_en,
        starts_on=grant.starts_on,
        ends_on=grant.ends_on,
        cap_fen=grant.cap_fen,
        used_fen=grant.used_fen,
    )


ROUTES = (StaffSupportController, PromotedController)
