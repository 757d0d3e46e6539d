"""Hand a campaign in, review it, stop it, and end it by its last day."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField
from xinyi_platform.jobs.apart import done_apart
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.campaigns.errors import CampaignChanged, CampaignOver, OwnCampaign
from xinyi_rewards.campaigns.models import Campaign
from xinyi_rewards.campaigns.offering import slug_of
from xinyi_rewards.campaigns.planning import find_campaign, move, own_campaign, record
from xinyi_rewards.campaigns.states import advance
from xinyi_rewards.rewards.ending import end_waiting

_STOPPED = Text("活动已停止:", "The campaign was stopped: ")
_OVER = Text("活动已结束", "The campaign is over")


async def submit_campaign(campaign_id: UUID, staff: Staff, *, at: datetime) -> None:
    """Hand one's own draft in.

    Raises NotFound (404), OnlyItsPlanner (403), TransitionForbidden and CampaignChanged (409).
    """
    row = await own_campaign(campaign_id, staff)
    async with transaction():
        await move(row, "submit", at=at, comment="")
        await record("submit", row.id, staff.label, at)


async def withdraw_campaign(campaign_id: UUID, staff: Staff, *, at: datetime) -> None:
    """Take one's own back before it is approved. Raises as `submit_campaign`."""
    row = await own_campaign(campaign_id, staff)
    async with transaction():
        await move(row, "withdraw", at=at)
        await record("withdraw", row.id, staff.label, at)


async def approve_campaign(campaign_id: UUID, reviewer: Staff, *, at: datetime) -> None:
    """Approve what another person planned; from its first day on it gives by itself.

    Raises NotFound (404), OwnCampaign (403), TransitionForbidden, CampaignOver and CampaignChanged (409).
    """
    row = await _of_another(campaign_id, reviewer)
    advance(row.state, "approve")
    if row.last_on < local_date(at):
        raise CampaignOver
    async with transaction():
        await move(row, "approve", at=at, approver_person=reviewer.person)
        await record("approve", row.id, reviewer.label, at, units=row.units, budget_fen=row.budget_fen)


async def send_campaign_back(campaign_id: UUID, reviewer: Staff, *, comment: str, at: datetime) -> None:
    """Return it to its planner with a comment.

    Raises NotFound (404), OwnCampaign (403), InvalidField (400), TransitionForbidden and CampaignChanged (409).
    """
    row, text = await _of_another(campaign_id, reviewer), comment.strip()
    if not 1 <= len(text) <= 400:
        raise InvalidField(field="comment", zh="请填写意见(1–400字)。", en="Give a comment (1 to 400 characters).")
    async with transaction():
        await move(row, "send_back", at=at, comment=text)
        await record("send_back", row.id, reviewer.label, at, comment=text)


async def stop_campaign(campaign_id: UUID, staff: Staff, *, reason: str, at: datetime) -> None:
    """Stop an approved campaign with the reason: what waits for it ends, what was given stays.

    Raises NotFound (404), InvalidField (400), TransitionForbidden and CampaignChanged (409).
    """
    row, text = await find_campaign(campaign_id, staff), reason.strip()
    if not 2 <= len(text) <= 200:
        raise InvalidField(field="reason", zh="请填写停止原因(2–200字)。", en="Give the reason (2 to 200 characters).")
    state = advance(row.state, "stop")
    async with transaction():
        # Rewards first, then the campaign, as a grant takes them; and by its state alone, since grants go on meanwhile.
        why = Text(_STOPPED.zh + text, _STOPPED.en + text)
        await end_waiting(slug_of(row.id), reason=why, at=at)
        if not await Campaign.filter(id=row.id, state=row.state).update(state=state, reason=text, changed_at=at):
            raise CampaignChanged
        await record("stop", row.id, staff.label, at, reason=text)


async def end_due(at: datetime, *, limit: int = 500) -> int:
    """End the campaigns whose last day is over, with what waits for them. Returns how many."""
    over = everywhere(Campaign).filter(state="approved", last_on__lt=local_date(at)).order_by("last_on", "id")
    return sum(
        [await done_apart(_end(row, at), "campaign_end_failed", campaign=row.id) for row in await over.limit(limit)]
    )


async def _end(row: Campaign, at: datetime) -> bool:
    await end_waiting(slug_of(row.id), reason=_OVER, at=at)
    same = everywhere(Campaign).filter(id=row.id, state=row.state)
    if not await same.update(state=advance(row.state, "end"), changed_at=at):
        return False
    ended = await everywhere(Campaign).get(id=row.id)
    await record("end", row.id, "job:campaigns", at, used=ended.used, spent_fen=ended.spent_fen)
    return True


async def _of_another(campaign_id: UUID, reviewer: Staff) -> Campaign:
    row = await find_campaign(campaign_id, reviewer)
    if row.maker_person == reviewer.person:
        raise OwnCampaign
    return row
