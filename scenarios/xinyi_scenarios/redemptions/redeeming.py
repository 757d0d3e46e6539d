"""Redeem an entitlement at a merchant, and undo a mistake once.

Redeeming reads nothing from the bureau: what was issued stays usable when the bureau is down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NoReturn
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_merchants.registry import MerchantFacts
from xinyi_platform.clock import SHANGHAI
from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict, Forbidden, NotFound, Unprocessable
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.manifests.flows import FLOWS
from xinyi_scenarios.participation import signed_up_merchants
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.redemptions.news import tell_merchant
from xinyi_scenarios.redemptions.spending import REVERSAL_HOURS, give_back_at_merchant, take_at_merchant
from xinyi_scenarios.requirements import Outcome
from xinyi_scenarios.requirements.using import asks_who_joined, findings_at_use

Channel = Literal["portal", "partner"]


class AlreadyRedeemed(Conflict):
    """The code has been used. Values: `redeemed_at`, local time as text."""

    code = "already_redeemed"
    text = Text("该权益已于{redeemed_at}核销,不能重复使用。", "This was already redeemed at {redeemed_at}.")


class NotUsable(Conflict):
    """The entitlement is in a state in which it cannot be used. Values: `state`."""

    code = "not_usable"
    text = Text("该权益当前不可使用(状态:{state})。", "This cannot be used now (state: {state}).")


class NotUsableHere(Forbidden):
    """The scene's benefit does not apply at this merchant. Values: `zh`, `en`."""

    code = "not_usable_here"
    text = Text("该权益不能在本店使用:{zh}", "This cannot be used at this shop: {en}")


class PriceNeeded(Unprocessable):
    """A percentage off needs the price it is taken from."""

    code = "price_needed"
    text = Text("请填写消费金额,以便计算优惠。", "Enter the price, so that the discount can be worked out.")


class AlreadyReversed(Conflict):
    """A redemption is reversed at most once."""

    code = "already_reversed"
    text = Text("该核销已冲正,不能再次冲正。", "This redemption has already been reversed.")


class ReversalTooLate(Conflict):
    """Reversal is for mistakes, within a day. Values: `hours`."""

    code = "reversal_too_late"
    text = Text("核销超过{hours}小时,不能冲正。", "A redemption can be reversed within {hours} hours only.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Where, by whom and for what price an entitlement is used. `price_fen` None: the benefit has no price."""

    merchant: MerchantFacts | None
    actor: str
    channel: Channel
    price_fen: int | None
    at: datetime


def discount_of(benefit: dict[str, object], price_fen: int | None) -> int | None:
    """Return what a benefit takes off a price, in fen, rounded down and never more than its cap or the price.

    None for a benefit that has no money's worth at the till. Raises PriceNeeded (422).
    """
    percent, value = benefit.get("percent_off"), benefit.get("value_fen")
    if not isinstance(percent, int) and not isinstance(value, int):
        return None
    if price_fen is None:
        raise PriceNeeded
    off = price_fen * percent // 100 if isinstance(percent, int) else int(str(value))
    cap = benefit.get("cap_fen")
    return min(off, price_fen, cap if isinstance(cap, int) else off)


async def refuse_elsewhere(held: Entitlement, merchant: MerchantFacts | None, at: datetime) -> None:
    """Raise NotUsableHere, with every reason, where a requirement of the use is not met or cannot be told."""
    joined: frozenset[str] = frozenset()
    if merchant and asks_who_joined(held.benefit) and await signed_up_merchants(held.scenario, [merchant.id]):
        joined = frozenset({held.scenario})
    findings = findings_at_use(held.scenario, held.benefit, merchant, at, joined)
    unmet = [finding for finding in findings if finding.outcome is not Outcome.MET]
    if unmet:
        zh, en = ";".join(f.reason.zh for f in unmet), "; ".join(f.reason.en for f in unmet)
        raise NotUsableHere(zh=f"{zh}。", en=f"{en}.")


def refuse_other_flows(benefit: dict[str, object]) -> None:
    """Raise NotUsableHere for what is not used up by its code: a deposit waiver, a pass, a commitment, a referral."""
    flow = FLOWS.get(str(benefit.get("kind", "voucher")))
    if not flow.at_tills:
        raise NotUsableHere(zh=flow.elsewhere.zh, en=flow.elsewhere.en)


async def redeem_entitlement(code: str, use: Use) -> Redemption:
    """Use an entitlement by its public code, exactly once.

    Raises NotFound (404), AlreadyRedeemed, NotUsable, MerchantSoldOut (409), NotUsableHere (403), PriceNeeded (422).
    """
    async with transaction():
        held = await Entitlement.get_or_none(code=code)
        if held is None:
            raise NotFound
        await refuse_use(held, use.merchant, use.channel, at=use.at)
        discount_fen = discount_of(held.benefit, use.price_fen)
        redemption = await _enter(held, use, discount_fen)
        holds = await take_at_merchant(held, redemption.merchant_id, discount_fen, at=use.at)
        if holds:
            await Redemption.filter(id=redemption.id).update(holds=[hold.stored() for hold in holds])
        await change_entitlement(
            held.id,
            "redeem",
            actor=use.actor,
            at=use.at,
            detail={"redemption": str(redemption.id), "channel": use.channel},
        )
        await tell_merchant("made", redemption, at=use.at)
    return redemption


async def refuse_use(held: Entitlement, merchant: MerchantFacts | None, channel: Channel, *, at: datetime) -> None:
    """Raise what would refuse a use now and here: AlreadyRedeemed, NotUsable (409) or NotUsableHere (403)."""
    await _refuse_unusable(held, at)
    if held.benefit.get("partners_only") and channel == "portal":
        raise NotUsableHere(zh="请在服务提供方处使用。", en="use it at the provider's own counter.")
    refuse_other_flows(held.benefit)
    if merchant and merchant.status != "open":
        raise NotUsableHere(
            zh="本店已停业或被吊销,请到其他商户使用。",
            en="this shop has closed or lost its licence; use it at another.",
        )
    await refuse_elsewhere(held, merchant, at)


async def _refuse_unusable(held: Entitlement, at: datetime) -> None:
    if held.state == "redeemed":
        await _refuse_used(held.id)
    if held.state not in USABLE:
        raise NotUsable(state=held.state)
    if held.valid_until <= at:
        raise NotUsable(state="expired")


async def _refuse_used(entitlement_id: UUID) -> NoReturn:
    live = await Redemption.get_or_none(entitlement_id=entitlement_id, slot="live")
    at = live.redeemed_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if live else ""
    raise AlreadyRedeemed(redeemed_at=at)


async def _enter(held: Entitlement, use: Use, discount_fen: int | None) -> Redemption:
    try:
        async with transaction():
            return await Redemption.create(
                id=new_id(),
                entitlement_id=held.id,
                scenario=held.scenario,
                merchant_id=use.merchant.id if use.merchant else None,
                actor=use.actor,
                channel=use.channel,
                price_fen=use.price_fen,
                discount_fen=discount_fen,
                redeemed_at=use.at,
            )
    except IntegrityError:
        await _refuse_used(held.id)


def _is_own(row: Redemption, merchant_id: UUID | None, actor: str) -> bool:
    return row.merchant_id == merchant_id if merchant_id else row.channel == "partner" and row.actor == actor


async def reverse_redemption(
    redemption_id: UUID, *, merchant_id: UUID | None, actor: str, reason: str, at: datetime
) -> Redemption:
    """Undo one redemption at this merchant (or, with None, by this partner), exactly once and within a day.

    Raises NotFound (404; also for another's redemption), AlreadyReversed and ReversalTooLate (409).
    """
    async with transaction():
        row = await Redemption.get_or_none(id=redemption_id)
        if row is None or not _is_own(row, merchant_id, actor):
            raise NotFound
        if row.redeemed_at + timedelta(hours=REVERSAL_HOURS) < at:
            raise ReversalTooLate(hours=REVERSAL_HOURS)
        changed = await Redemption.filter(id=row.id, slot="live", settled_at=None).update(
            slot=str(row.id), reversed_at=at, reversed_by=actor, reversal_reason=reason
        )
        if not changed:
            raise ReversalTooLate(hours=REVERSAL_HOURS) if row.settled_at else AlreadyReversed
        await change_entitlement(
            row.entitlement_id,
            "reverse",
            actor=actor,
            at=at,
            reason=reason,
            detail={"redemption": str(row.id)},
        )
        await give_back_at_merchant(row, at=at)
        await tell_merchant("reversed", row, at=at)
    return await Redemption.get(id=redemption_id)
