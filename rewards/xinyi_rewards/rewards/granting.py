"""Give what a published red-list entry gives, and take it back when the entry ends.

A reward is an entitlement like any other: it comes from a scene's quota through the claims core and lies in the ledger.
What the list stands in for is not asked; the scene's other conditions are decided and stored with their reasons. A
campaign's reward takes a unit of the campaign as well, in the same transaction. What cannot be given waits with its
reason and is looked at again each night, or when the resident asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Subquery
from tortoise.functions import Count

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import Conflict, DomainError, NotFound
from xinyi_platform.guardianships import households
from xinyi_platform.identity import resident_basics
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.campaigns.offering import campaign_of
from xinyi_rewards.campaigns.spending import give_units_back
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import EntryEnded, EntryPublished, publish_due
from xinyi_rewards.rewards.deciding import Verdict, judge
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.offers import Budget, UsedUp, budget_of, find_policy, policies_on
from xinyi_rewards.rewards.policy import RewardPolicy, reward_policies
from xinyi_rewards.rewards.telling import tell_given
from xinyi_scenarios.claims import Claimed, ClaimOrder, settle_claims, terms_of
from xinyi_scenarios.claims.terms import Terms
from xinyi_scenarios.entitlements.changing import change_entitlement

AGAIN = timedelta(days=1)
_NOT_SHOWN = Text("名单有异议待处理", "The listing is contested")
_IN_HOUSEHOLD = Text(
    "同一家庭已有一份,结束后可再发放", "Somebody in your household holds one; after it ends there is another"
)
_ON_ITS_WAY = Text("即将发放", "On its way")
_POLICY_OVER = Text("该奖励政策已结束", "This reward is no longer given")


async def publish_and_grant(runtime: Runtime) -> None:
    """Publish what is due and give what hangs on it, right after an approval; the sweeps do the same."""
    await publish_due(runtime, busy_seconds=1)
    await grant_due(runtime)


async def promise_rewards(news: EntryPublished) -> None:
    """Put down what an entry gives, to be given by the next sweep; joins the publication's transaction."""
    if news.resident_id is not None:
        policies = await policies_on(local_date(news.at))
        await _promise([(news.entry_id, news.resident_id, news.kind)], policies, at=news.at)


async def refresh_rewards(runtime: Runtime, *, limit: int = 500) -> int:
    """Put down what policies that came later give to entries published before. Returns how many rewards were added."""
    now = runtime.clock.now()
    policies = await policies_on(local_date(now))
    return sum([await _promise_earlier(policy, now, limit) for policy in policies])


async def _promise_earlier(policy: RewardPolicy, now: datetime, limit: int) -> int:
    had = Subquery(RewardGrant.filter(policy=policy.slug).values("entry_id"))
    shown = everywhere(HonorEntry).filter(
        state="published", kind__in=policy.kinds, resident_id__isnull=False, valid_until__gt=now
    )
    left, added, last = shown.exclude(id__in=had).order_by("id"), 0, None
    while (
        rows := await (left.filter(id__gt=last) if last else left).limit(limit).values_list("id", "resident_id", "kind")
    ):
        added += await _promise(rows, [policy], at=now)
        last = rows[-1][0]
    return added


async def _promise(entries: Sequence[tuple[UUID, UUID, str]], policies: Sequence[RewardPolicy], *, at: datetime) -> int:
    found = await resident_basics([resident_id for _, resident_id, _ in entries])
    homes = {resident_id: basics.division for resident_id, basics in found.items()}
    rows = [
        _row(entry_id, resident_id, policy, at)
        for entry_id, resident_id, kind in entries
        for policy in policies
        if kind in policy.kinds and policy.reaches(homes.get(resident_id, ""))
    ]
    return len(await bulk_insert(RewardGrant, rows, skip_conflicts=True))


def _row(entry_id: UUID, resident_id: UUID, policy: RewardPolicy, at: datetime) -> dict[str, object]:
    row_id = new_id()
    return {
        "id": row_id,
        "entry_id": entry_id,
        "resident_id": resident_id,
        "policy": policy.slug,
        "scenario": policy.scene,
        "state": "waiting",
        "slot": str(row_id),
        "reason_zh": "",
        "reason_en": "",
        "made_at": at,
        "try_at": at,
        "tries": 0,
    }


async def ask_again(resident_id: UUID, grant_id: UUID, *, at: datetime) -> None:
    """Have a reward that waits looked at by the next sweep. Raises NotFound (404), also for what is given or over."""
    mine = RewardGrant.filter(id=grant_id, resident_id=resident_id, state="waiting")
    if not await mine.update(try_at=at):
        raise NotFound


async def grant_due(runtime: Runtime, *, limit: int = 500) -> int:
    """Give what waits and is due for another look. Returns how many were given."""
    now = runtime.clock.now()
    due = await RewardGrant.filter(state="waiting", try_at__lte=now).order_by("try_at", "id").limit(limit)
    groups: dict[str, list[RewardGrant]] = defaultdict(list)
    for grant in due:
        groups[grant.policy].append(grant)
    return sum([await _grant_group(runtime, slug, grants, now) for slug, grants in groups.items()])


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one policy gives in one sweep: the scene's terms, and what of it may be given."""

    terms: Terms
    budget: Budget
    now: datetime


async def _grant_group(runtime: Runtime, slug: str, grants: Sequence[RewardGrant], now: datetime) -> int:
    policy = await find_policy(slug)
    if policy is None and campaign_of(slug):
        await end_waiting(slug, at=now)
        return 0
    if policy is None or not policy.holds_on(local_date(now)):
        return await _all_wait(grants, _POLICY_OVER, now)
    residents = list({grant.resident_id for grant in grants})
    try:
        terms = await terms_of(runtime, policy.scene, residents, at=now, whatever_hour=True)
        offer = _Offer(terms, budget_of(runtime, policy), now)
    except DomainError as error:
        return await _all_wait(grants, error.text, now)
    verdicts = await judge(runtime, policy, residents, at=now)
    homes = await households(residents) if policy.once_a_household else {}
    given = 0
    for grant in grants:
        verdict = verdicts[grant.resident_id]
        refusal = verdict.refusal or await offer.budget.shortage(at=now)
        if refusal is not None:
            await _wait(grant, refusal, now, decision_id=verdict.decision_id)
        else:
            given += await _give(grant, offer, verdict, homes.get(grant.resident_id))
    return given


async def _all_wait(grants: Sequence[RewardGrant], reason: Text, now: datetime) -> int:
    for grant in grants:
        await _wait(grant, reason, now)
    return 0


async def _give(grant: RewardGrant, offer: _Offer, verdict: Verdict, home: UUID | None) -> bool:
    """Give one reward in one transaction, or have it wait with the reason."""
    now = offer.now
    try:
        async with transaction():
            # The update takes the row's lock: an entry that ends meanwhile either finds the grant or is found ended.
            shown = everywhere(HonorEntry).filter(
                id=grant.entry_id, state="published", display_suspended=False, valid_until__gt=now
            )
            if not await shown.update(state="published"):
                await _wait(grant, _NOT_SHOWN, now)
                return False
            slot = str(home or grant.id)
            if not await RewardGrant.filter(id=grant.id, state="waiting").update(slot=slot):
                return False
            answer = (await settle_claims([_order(grant, offer.terms, now)]))[0]
            if isinstance(answer, Claimed):
                await _set_given(grant, answer.held.id, verdict, now)
                await offer.budget.take(grant.id, grant.resident_id, answer.held.id, at=now)
                return True
            await RewardGrant.filter(id=grant.id).update(slot=str(grant.id))
            await _wait(grant, _refusal(answer), now, decision_id=verdict.decision_id)
    except IntegrityError:
        await _wait(grant, _IN_HOUSEHOLD, now)
    except UsedUp as short:
        await _wait(grant, short.reason, now, decision_id=verdict.decision_id)
    return False


async def _set_given(grant: RewardGrant, entitlement_id: UUID, verdict: Verdict, now: datetime) -> None:
    await RewardGrant.filter(id=grant.id).update(
        state="given",
        entitlement_id=entitlement_id,
        decision_id=verdict.decision_id,
        reason_zh=verdict.ground.zh,
        reason_en=verdict.ground.en,
        granted_at=now,
        try_at=None,
    )
    await tell_given(grant, at=now)


def _order(grant: RewardGrant, terms: Terms, now: datetime) -> ClaimOrder:
    """Return the claim; it rests on the list, not on a decision that would be made again each day."""
    return ClaimOrder(
        scenario=grant.scenario,
        version=terms.version,
        resident_id=grant.resident_id,
        period=terms.period,
        quota_id=terms.quota_id,
        benefit={**terms.benefit, "reward_of": str(grant.entry_id)},
        valid_until=now + timedelta(days=terms.validity_days),
        scope=f"reward:{grant.id}",
        key="grant",
        fingerprint=str(grant.id),
        at=now,
        holds=terms.holds[grant.resident_id],
        times=terms.times,
    )


def _refusal(answer: Exception) -> Text:
    return answer.text if isinstance(answer, DomainError) else Text("暂不能发放", "It cannot be given right now")


async def _wait(grant: RewardGrant, reason: Text, now: datetime, *, decision_id: UUID | None = None) -> None:
    await RewardGrant.filter(id=grant.id, state="waiting").update(
        reason_zh=reason.zh[:400],
        reason_en=reason.en[:800],
        decision_id=decision_id,
        try_at=now + AGAIN,
        tries=grant.tries + 1,
    )


async def withdraw_rewards(ended: EntryEnded) -> None:
    """Take the unused rewards of an entry back when it ends; joins the ending's transaction."""
    unused: list[UUID] = []
    for grant in await RewardGrant.filter(entry_id=ended.entry_id).exclude(state="ended").order_by("policy"):
        await RewardGrant.filter(id=grant.id).update(state="ended", slot=str(grant.id), try_at=None, ended_at=ended.at)
        if grant.entitlement_id is None:
            continue
        try:
            await change_entitlement(
                grant.entitlement_id, "withdraw", actor="rewards", at=ended.at, reason=f"entry ended: {ended.reason}"
            )
        except Conflict:  # used up, given back or over already
            continue
        unused.append(grant.id)
    await give_units_back(unused, at=ended.at)


async def end_waiting(policy: str, *, at: datetime) -> int:
    """End what waits for a policy that is over for good; what was given stays. Returns how many."""
    waiting = RewardGrant.filter(policy=policy, state="waiting")
    return await waiting.update(state="ended", try_at=None, ended_at=at)


async def not_given(policy: str) -> list[tuple[Text, int]]:
    """Return why rewards of a policy were not given (yet), with how many each, the most first."""
    rows = RewardGrant.filter(policy=policy, entitlement_id=None).annotate(n=Count("id"))
    found = await rows.group_by("reason_zh", "reason_en").order_by("-n").values_list("reason_zh", "reason_en", "n")
    return [(Text(zh, en) if zh else _ON_ITS_WAY, n) for zh, en, n in found]


async def rewards_by_entry(entry_ids: Sequence[UUID]) -> dict[UUID, list[RewardGrant]]:
    """Return the rewards of entries, in the order of the policies."""
    places = {slug: place for place, slug in enumerate(reward_policies())}
    found: dict[UUID, list[RewardGrant]] = {entry_id: [] for entry_id in entry_ids}
    for grant in await RewardGrant.filter(entry_id__in=list(entry_ids)):
        found[grant.entry_id].append(grant)
    for grants in found.values():
        grants.sort(key=lambda grant: places.get(grant.policy, len(places)))
    return found
