"""Give what a published red-list entry gives, and take it back when the entry ends.

A reward is an entitlement like any other: it comes from a scene's quota through the claims core and lies in the ledger.
What the list stands in for is not asked; the scene's other conditions are decided and stored with their reasons. What
cannot be given waits with its reason and is looked at again each night, or when the resident asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Subquery

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import Conflict, DomainError, NotFound
from xinyi_platform.guardianships import households
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import EntryEnded, EntryPublished, publish_due
from xinyi_rewards.rewards.deciding import Verdict, judge
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.policy import RewardPolicy, reward_policies, rewards_of
from xinyi_rewards.rewards.telling import tell_given
from xinyi_scenarios.claims import Claimed, ClaimOrder, settle_claims, terms_of
from xinyi_scenarios.claims.terms import Terms
from xinyi_scenarios.entitlements.changing import change_entitlement

AGAIN = timedelta(days=1)
_NOT_SHOWN = Text("名单有异议待处理", "The listing is contested")
_IN_HOUSEHOLD = Text(
    "同一家庭已有一份,结束后可再发放", "Somebody in your household holds one; after it ends there is another"
)
_POLICY_OVER = Text("该奖励政策已结束", "This reward is no longer given")


async def publish_and_grant(runtime: Runtime) -> None:
    """Publish what is due and give what hangs on it, right after an approval; the sweeps do the same."""
    await publish_due(runtime, busy_seconds=1)
    await grant_due(runtime)


async def promise_rewards(news: EntryPublished) -> None:
    """Put down what an entry gives, to be given by the next sweep; joins the publication's transaction."""
    if news.resident_id is not None:
        await _promise([(news.entry_id, news.resident_id, news.kind)], at=news.at)


async def refresh_rewards(runtime: Runtime, *, limit: int = 500) -> int:
    """Put down what policies that came later give to entries published before. Returns how many rewards were added."""
    now, added = runtime.clock.now(), 0
    for policy in reward_policies().values():
        if not policy.holds_on(local_date(now)):
            continue
        had = Subquery(RewardGrant.filter(policy=policy.slug).values("entry_id"))
        entries = everywhere(HonorEntry).filter(
            state="published", kind__in=policy.kinds, resident_id__isnull=False, valid_until__gt=now
        )
        rows = await entries.exclude(id__in=had).limit(limit).values_list("id", "resident_id", "kind")
        added += await _promise(rows, at=now)
    return added


async def _promise(entries: Sequence[tuple[UUID, UUID, str]], *, at: datetime) -> int:
    rows = [
        _row(entry_id, resident_id, policy, at)
        for entry_id, resident_id, kind in entries
        for policy in rewards_of(kind, on=local_date(at))
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


async def _grant_group(runtime: Runtime, slug: str, grants: Sequence[RewardGrant], now: datetime) -> int:
    policy = reward_policies().get(slug)
    if policy is None or not policy.holds_on(local_date(now)):
        for grant in grants:
            await _wait(grant, _POLICY_OVER, now)
        return 0
    residents = list({grant.resident_id for grant in grants})
    try:
        terms = await terms_of(runtime, policy.scene, residents, at=now, whatever_hour=True)
    except DomainError as error:
        for grant in grants:
            await _wait(grant, error.text, now)
        return 0
    verdicts = await judge(runtime, policy, residents, at=now)
    homes = await households(residents) if policy.once_a_household else {}
    given = 0
    for grant in grants:
        verdict = verdicts[grant.resident_id]
        if verdict.refusal is not None:
            await _wait(grant, verdict.refusal, now, decision_id=verdict.decision_id)
        else:
            given += await _give(grant, terms, verdict, homes.get(grant.resident_id), now)
    return given


async def _give(grant: RewardGrant, terms: Terms, verdict: Verdict, home: UUID | None, now: datetime) -> bool:
    """Give one reward in one transaction, or have it wait with the reason."""
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
            answer = (await settle_claims([_order(grant, terms, now)]))[0]
            if isinstance(answer, Claimed):
                await RewardGrant.filter(id=grant.id).update(
                    state="given",
                    entitlement_id=answer.held.id,
                    decision_id=verdict.decision_id,
                    reason_zh=verdict.ground.zh,
                    reason_en=verdict.ground.en,
                    granted_at=now,
                    try_at=None,
                )
                await tell_given(grant, at=now)
                return True
            await RewardGrant.filter(id=grant.id).update(slot=str(grant.id))
            await _wait(grant, _refusal(answer), now, decision_id=verdict.decision_id)
    except IntegrityError:
        await _wait(grant, _IN_HOUSEHOLD, now)
    return False


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
    for grant in await RewardGrant.filter(entry_id=ended.entry_id).exclude(state="ended"):
        await RewardGrant.filter(id=grant.id).update(state="ended", slot=str(grant.id), try_at=None, ended_at=ended.at)
        if grant.entitlement_id is None:
            continue
        try:
            await change_entitlement(
                grant.entitlement_id, "withdraw", actor="rewards", at=ended.at, reason=f"entry ended: {ended.reason}"
            )
        except Conflict:  # used up, given back or over already
            continue


async def rewards_by_entry(entry_ids: Sequence[UUID]) -> dict[UUID, list[RewardGrant]]:
    """Return the rewards of entries, in the order of the policies."""
    places = {slug: place for place, slug in enumerate(reward_policies())}
    found: dict[UUID, list[RewardGrant]] = {entry_id: [] for entry_id in entry_ids}
    for grant in await RewardGrant.filter(entry_id__in=list(entry_ids)):
        found[grant.entry_id].append(grant)
    for grants in found.values():
        grants.sort(key=lambda grant: places.get(grant.policy, len(places)))
    return found
