"""The units and the money of campaigns: one conditional update takes both, and each goes back at most once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.campaigns.models import Campaign, CampaignUse
from xinyi_scenarios.entitlements.reading import ended_unused_among


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """One unit for one reward, and what it is worth at worst."""

    grant_id: UUID
    resident_id: UUID
    entitlement_id: UUID
    worth_fen: int


async def has_room(campaign_id: UUID, worth_fen: int, *, at: datetime) -> bool:
    """Tell whether one more unit could be had just now. Advice only: `take_unit` decides."""
    return await _open(campaign_id, worth_fen, at).exists()


async def take_unit(campaign_id: UUID, spend: Spend, *, at: datetime) -> bool:
    """Take one unit and its worth in the caller's transaction, which must roll back on False. Call it last."""
    await CampaignUse.create(
        id=new_id(),
        campaign_id=campaign_id,
        grant_id=spend.grant_id,
        resident_id=spend.resident_id,
        entitlement_id=spend.entitlement_id,
        worth_fen=spend.worth_fen,
        taken_at=at,
    )
    taken = await _open(campaign_id, spend.worth_fen, at).update(
        used=F("used") + 1, spent_fen=F("spent_fen") + spend.worth_fen
    )
    return bool(taken)


def _open(campaign_id: UUID, worth_fen: int, at: datetime) -> QuerySet[Campaign]:
    today = local_date(at)
    return everywhere(Campaign).filter(
        id=campaign_id,
        state="approved",
        first_on__lte=today,
        last_on__gte=today,
        used__lt=F("units"),
        spent_fen__lte=F("budget_fen") - worth_fen,
    )


async def give_units_back(grant_ids: Sequence[UUID], *, at: datetime) -> int:
    """Give the units of rewards back that ended unused, each once; joins the caller's transaction. Returns how many.

    Campaigns are taken in one order, so that two endings never wait for each other.
    """
    held = everywhere(CampaignUse).filter(grant_id__in=list(grant_ids), returned_at=None)
    returned = 0
    for use in await held.order_by("campaign_id", "id"):
        if await everywhere(CampaignUse).filter(id=use.id, returned_at=None).update(returned_at=at):
            campaign = everywhere(Campaign).filter(id=use.campaign_id)
            returned += await campaign.update(used=F("used") - 1, spent_fen=F("spent_fen") - use.worth_fen)
    return returned


async def return_unused(at: datetime, *, limit: int = 500) -> int:
    """Give back what residents gave back or let run out unused. Returns how many units."""
    held, returned, last = everywhere(CampaignUse).filter(returned_at=None).order_by("id"), 0, None
    while page := await (held.filter(id__gt=last) if last else held).limit(limit):
        over = await ended_unused_among([use.entitlement_id for use in page])
        gone = [use.grant_id for use in page if use.entitlement_id in over]
        if gone:
            async with transaction():
                returned += await give_units_back(gone, at=at)
        last = page[-1].id
    return returned
