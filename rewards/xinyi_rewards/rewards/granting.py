"""Give what a published red-list entry gives.

A reward is an entitlement like any other: it comes from a scene's quota through the claims core and lies in the ledger.
What the list stands in for is not asked; the scene's other conditions are decided and stored with their reasons. A
campaign's reward takes a unit of the campaign as well, in the same transaction. What cannot be given waits with its
reason and is looked at again each night, or when the resident asks; what fails holds nothing else up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from xinyi_platform.clock import local_date, start_of_local_day
from xinyi_platform.database import transaction
from xinyi_platform.errors import DomainError
from xinyi_platform.guardianships import households
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.campaigns.offering import campaign_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import publish_due
from xinyi_rewards.rewards.deciding import Verdict, judge
from xinyi_rewards.rewards.ending import end_of_ended, end_waiting
from xinyi_rewards.rewards.holding import hold
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.offers import Budget, NotNow, budget_of, find_policy
from xinyi_rewards.rewards.policy import RewardPolicy
from xinyi_rewards.rewards.telling import tell_given
from xinyi_scenarios.claims import Claimed, ClaimOrder, settle_claims, terms_of
from xinyi_scenarios.claims.terms import Terms
from xinyi_scenarios.quotas import next_period_on
from xinyi_scenarios.quotas.periods import EVER

AGAIN = timedelta(days=1)
FAILED_AGAIN = timedelta(minutes=10)
"""After a failure the next look is ten minutes away, after each further one twice as far, up to a day."""
log = structlog.get_logger(__name__)
_NOT_SHOWN = Text("该条目暂停展示,核查中", "The listing is on hold while it is looked into")
_POLICY_OVER = Text("该奖励政策已结束", "This reward is no longer given")
_THIS_TURN = Text("本期已发放过一次", "It was given in this period")
_FROM_ON = Text("本期已发放过一次,{on}起发放下一次", "It was given in this period; there is another from {on}")
_FAILED = Text("系统暂时无法发放,将自动重试", "It could not be given just now and is tried again by itself")


async def publish_and_grant(runtime: Runtime) -> None:
    """Publish what is due and give what hangs on it, right after an approval; the sweeps do the same.

    The approval stands whatever becomes of this: what fails here is logged and left to the sweeps.
    """
    try:
        await publish_due(runtime, busy_seconds=1)
        await grant_due(runtime)
    except Exception as failure:
        log.error("publish_and_grant_failed", exc_info=failure)


async def grant_due(runtime: Runtime, *, limit: int = 500) -> int:
    """Give what waits and is due for another look. Returns how many were given; what its entry has left behind ends."""
    now = runtime.clock.now()
    due = await RewardGrant.filter(state="waiting", try_at__lte=now).order_by("try_at", "id").limit(limit)
    groups: dict[str, list[RewardGrant]] = defaultdict(list)
    for grant in await end_of_ended(due, at=now):
        groups[grant.policy].append(grant)
    return sum([await _grant_apart(runtime, slug, grants, now) for slug, grants in groups.items()])


async def _grant_apart(runtime: Runtime, slug: str, grants: Sequence[RewardGrant], now: datetime) -> int:
    """Give a policy's rewards; where that fails each by itself, and what fails alone is put off."""
    try:
        return await _grant_group(runtime, slug, grants, now)
    except Exception as failure:
        if len(grants) == 1:
            log.error("reward_failed", grant=str(grants[0].id), policy=slug, error=type(failure).__name__)
            await _wait(grants[0], _FAILED, now, again_at=now + min(AGAIN, FAILED_AGAIN * 2 ** min(grants[0].tries, 8)))
            return 0
    return sum([await _grant_apart(runtime, slug, [grant], now) for grant in grants])


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one policy gives in one sweep: the scene's terms, what of it may be given, and for which turn.

    A turn is the scene's period; a campaign gives to each but once.
    """

    terms: Terms
    budget: Budget
    now: datetime

    @property
    def turn(self) -> str:
        return EVER if self.budget.campaign_id else self.terms.period

    def taken(self) -> NotNow:
        """Return the refusal of a second one in the same turn."""
        on = next_period_on(self.turn)
        return NotNow(_FROM_ON.format(on=on), start_of_local_day(on)) if on else NotNow(_THIS_TURN)


async def _grant_group(runtime: Runtime, slug: str, grants: Sequence[RewardGrant], now: datetime) -> int:
    policy = await find_policy(slug)
    if policy is None and campaign_of(slug):
        await end_waiting(slug, reason=_POLICY_OVER, at=now)
        return 0
    if policy is None or not policy.holds_on(local_date(now)):
        return await _all_wait(grants, _POLICY_OVER, now)
    residents = list({grant.resident_id for grant in grants})
    try:
        terms = await terms_of(runtime, policy.scene, residents, at=now, whatever_hour=True)
        offer = _Offer(terms, budget_of(runtime, policy), now)
    except DomainError as error:
        return await _all_wait(grants, _words(error), now)
    verdicts = await judge(runtime, policy, residents, at=now)
    return await _grant_each(grants, offer, verdicts, await _homes(policy, residents))


async def _homes(policy: RewardPolicy, residents: Sequence[UUID]) -> dict[UUID, frozenset[UUID]]:
    return await households(residents) if policy.once_a_household else {}


async def _grant_each(
    grants: Sequence[RewardGrant],
    offer: _Offer,
    verdicts: dict[UUID, Verdict],
    homes: dict[UUID, frozenset[UUID]],
) -> int:
    given = 0
    for grant in grants:
        verdict = verdicts[grant.resident_id]
        refusal = verdict.refusal or await offer.budget.shortage(at=offer.now)
        if refusal is not None:
            await _wait(grant, refusal, offer.now, decision_id=verdict.decision_id)
        else:
            given += await _give(grant, offer, verdict, homes.get(grant.resident_id, frozenset()))
    return given


async def _all_wait(grants: Sequence[RewardGrant], reason: Text, now: datetime) -> int:
    for grant in grants:
        await _wait(grant, reason, now)
    return 0


async def _give(grant: RewardGrant, offer: _Offer, verdict: Verdict, household: Collection[UUID]) -> bool:
    """Give one reward in one transaction, or have it wait with the reason."""
    try:
        async with transaction():
            return await _give_now(grant, offer, verdict, household)
    except NotNow as refused:
        await _wait(grant, refused.reason, offer.now, decision_id=verdict.decision_id, again_at=refused.again_at)
    return False


async def _give_now(grant: RewardGrant, offer: _Offer, verdict: Verdict, household: Collection[UUID]) -> bool:
    """Joins the caller's transaction. Raises NotNow, with which all of it must roll back."""
    now = offer.now
    # The entry's row is locked: one that ends meanwhile either finds the grant given or is found ended.
    shown = everywhere(HonorEntry).filter(
        id=grant.entry_id, state="published", display_suspended=False, valid_until__gt=now
    )
    entry = await shown.select_for_update().first()
    if entry is None:
        raise NotNow(_NOT_SHOWN)
    if not await RewardGrant.filter(id=grant.id, state="waiting").update(state="waiting"):
        return False
    await hold(grant, household)
    # Whoever gave one of this turn held it as well, so that no other is about to.
    if await RewardGrant.filter(resident_id=grant.resident_id, policy=grant.policy, turn=offer.turn).exists():
        raise offer.taken()
    until = now + timedelta(days=offer.terms.validity_days)
    order = _order(grant, offer.terms, now, min(until, entry.valid_until or until))
    answer = (await settle_claims([order]))[0]
    if not isinstance(answer, Claimed):
        raise NotNow(_words(answer))
    await _set_given(grant, answer.held.id, offer.turn, verdict, now)
    await offer.budget.take(grant.id, grant.resident_id, answer.held.id, at=now)
    return True


async def _set_given(grant: RewardGrant, entitlement_id: UUID, turn: str, verdict: Verdict, now: datetime) -> None:
    await RewardGrant.filter(id=grant.id).update(
        state="given",
        turn=turn,
        entitlement_id=entitlement_id,
        decision_id=verdict.decision_id,
        reason_zh=verdict.ground.zh,
        reason_en=verdict.ground.en,
        granted_at=now,
        try_at=None,
    )
    await tell_given(grant, at=now)


def _order(grant: RewardGrant, terms: Terms, now: datetime, valid_until: datetime) -> ClaimOrder:
    """Return the claim; it rests on the list, not on a decision that would be made again each day."""
    return ClaimOrder(
        scenario=grant.scenario,
        version=terms.version,
        resident_id=grant.resident_id,
        period=terms.period,
        quota_id=terms.quota_id,
        benefit={**terms.benefit, "reward_of": str(grant.entry_id)},
        valid_until=valid_until,
        scope=f"reward:{grant.id}",
        key="grant",
        fingerprint=str(grant.id),
        at=now,
        holds=terms.holds[grant.resident_id],
        times=terms.times,
    )


def _words(answer: Exception) -> Text:
    """Return what an error says, with its values filled in."""
    if isinstance(answer, DomainError):
        return answer.text.format(**answer.values)
    return Text("暂不能发放", "It cannot be given right now")


async def _wait(
    grant: RewardGrant,
    reason: Text,
    now: datetime,
    *,
    decision_id: UUID | None = None,
    again_at: datetime | None = None,
) -> None:
    await RewardGrant.filter(id=grant.id, state="waiting").update(
        reason_zh=reason.zh[:400],
        reason_en=reason.en[:800],
        decision_id=decision_id,
        try_at=again_at or now + AGAIN,
        tries=grant.tries + 1,
    )
