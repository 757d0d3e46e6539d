"""Give the reward of a published red-list entry, and take it back when the entry ends.

A reward is an entitlement like any other: it comes from a scene's quota through the claims core, and lies in the
ledger. A sweep gives what a full quota or a stop held up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import Subquery

from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.kinds import kind_of, red_kinds
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import EntryEnded, publish_due
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_scenarios.claims import Claimed, ClaimOrder, ClaimsClosed, settle_claims, terms_of
from xinyi_scenarios.entitlements.changing import change_entitlement


async def publish_and_grant(runtime: Runtime) -> None:
    """Publish what is due and give what hangs on it, right after an approval; the sweeps do the same."""
    await publish_due(runtime)
    await grant_due(runtime)


async def grant_due(runtime: Runtime, *, limit: int = 500) -> int:
    """Give each published, uncontested entry of a known resident its reward, once. Returns how many were given."""
    rewarding = [kind.slug for kind in red_kinds() if kind.reward_scene]
    given = Subquery(RewardGrant.all().values("entry_id"))
    entries = (
        await HonorEntry.filter(
            state="published", display_suspended=False, kind__in=rewarding, resident_id__isnull=False
        )
        .exclude(id__in=given)
        .order_by("published_at")
        .limit(limit)
    )
    return sum([await grant_reward(runtime, entry, at=runtime.clock.now()) for entry in entries])


async def grant_reward(runtime: Runtime, entry: HonorEntry, *, at: datetime) -> bool:
    """Give one entry's reward; False where none is left, she holds it already, or the entry is over."""
    slug = kind_of(entry.kind).reward_scene
    if entry.resident_id is None or not slug:
        return False
    try:
        terms = await terms_of(runtime, slug, [entry.resident_id], at=at, whatever_hour=True)
    except ClaimsClosed:
        return False
    order = ClaimOrder(
        scenario=slug,
        version=terms.version,
        resident_id=entry.resident_id,
        period=terms.period,
        quota_id=terms.quota_id,
        benefit={**terms.benefit, "reward_of": str(entry.id)},
        valid_until=at + timedelta(days=terms.validity_days),
        scope=f"reward:{entry.id}",
        key="grant",
        fingerprint=str(entry.id),
        at=at,
        holds=terms.holds[entry.resident_id],
        times=terms.times,
    )
    async with transaction():
        # The update takes the row's lock: an entry that ends meanwhile either finds the grant or is found ended.
        if not await HonorEntry.filter(id=entry.id, state="published", display_suspended=False).update(
            state="published"
        ):
            return False
        answer = (await settle_claims([order]))[0]
        if not isinstance(answer, Claimed):
            return False
        await RewardGrant.create(
            id=new_id(),
            entry_id=entry.id,
            resident_id=entry.resident_id,
            scenario=slug,
            entitlement_id=answer.held.id,
            granted_at=at,
        )
    return True


async def withdraw_reward(ended: EntryEnded) -> None:
    """Take an unused reward back when its entry ends; joins the ending's transaction."""
    grant = await RewardGrant.get_or_none(entry_id=ended.entry_id)
    if grant is None:
        return
    try:
        await change_entitlement(
            grant.entitlement_id, "withdraw", actor="rewards", at=ended.at, reason=f"entry ended: {ended.reason}"
        )
    except Conflict:
        return


async def reward_of(entry_id: UUID) -> UUID | None:
    """Return the entitlement that an entry gave, or None."""
    grant = await RewardGrant.get_or_none(entry_id=entry_id)
    return grant.entitlement_id if grant else None
