"""Take rewards back whose ground is gone: with their entry at once, by the rule for minors each night.

An entry, its rewards and what they gave are locked in this order, as where they are given, so that an end and the
undoing of a use at the same moment find each other. What is used stays used; where that use is undone after the end,
the entitlement is withdrawn in the same transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.jobs.apart import done_apart
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.campaigns.spending import give_units_back
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import EntryEnded, lock_entry
from xinyi_rewards.honor_lists.states import ENDED
from xinyi_rewards.rewards.deciding import refused_minors
from xinyi_rewards.rewards.holding import let_go
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.offers import policy_behind
from xinyi_rewards.rewards.promising import promise_again
from xinyi_rewards.rewards.telling import tell_taken_back
from xinyi_scenarios.entitlements.changing import EntitlementChanged, Sequel, change_entitlement

_ATTEMPTS = 8
_NEXT_NIGHT = timedelta(days=1)
_ENTRY_OVER = Text("红名单的列入已结束", "The place on the red list has ended")


async def withdraw_rewards(ended: EntryEnded) -> None:
    """Take the unused rewards of an entry back when it ends; joins the ending's transaction."""
    of_entry = RewardGrant.filter(entry_id=ended.entry_id, state__in=["waiting", "given"])
    grants = await of_entry.order_by("policy", "id").select_for_update()
    await let_go([grant.id for grant in grants])
    unused = [grant.id for grant in grants if await _end(grant, f"entry ended: {ended.reason}", at=ended.at)]
    await give_units_back(unused, at=ended.at)


async def _end(grant: RewardGrant, why: str, *, at: datetime, **words: object) -> bool:
    """End one whose row is locked. Returns whether something unused was taken back."""
    taken_back = grant.entitlement_id is not None and await _withdraw(grant.entitlement_id, why, at=at)
    turn = {"turn": str(grant.id)} if taken_back else {}
    await RewardGrant.filter(id=grant.id).update(state="ended", try_at=None, ended_at=at, **turn, **words)
    return taken_back


async def _withdraw(entitlement_id: UUID, why: str, *, at: datetime) -> bool:
    """Withdraw what is not used; False where it is used, given back or over. Raises EntitlementChanged (409)."""
    for _ in range(_ATTEMPTS):
        try:
            await change_entitlement(entitlement_id, "withdraw", actor="rewards", at=at, reason=why[:200])
        except TransitionForbidden:
            return False
        except EntitlementChanged:  # somebody was quicker by one step: it is read again
            continue
        return True
    raise EntitlementChanged


async def follow_reversal(entitlement_id: UUID, event: str, at: datetime) -> Sequel | None:
    """Have a reward whose use is undone after its end withdrawn with that; locks it before the entitlement."""
    if event != "reverse":
        return None
    grant = await RewardGrant.filter(entitlement_id=entitlement_id).select_for_update().first()
    if grant is None or grant.state == "given":
        return None
    await RewardGrant.filter(id=grant.id).update(turn=str(grant.id))
    return Sequel("withdraw", "the reward has ended")


async def end_waiting(policy: str, *, reason: Text, at: datetime) -> int:
    """End what waits for a policy that is over for good, with the reason; what was given stays. Returns how many."""
    waiting = RewardGrant.filter(policy=policy, state="waiting")
    return await waiting.update(
        state="ended", try_at=None, ended_at=at, reason_zh=reason.zh[:400], reason_en=reason.en[:800]
    )


async def end_of_ended(grants: Sequence[RewardGrant], *, at: datetime) -> list[RewardGrant]:
    """End those of some waiting rewards whose entry is over, put down while it ended. Returns the others."""
    ids = list({grant.entry_id for grant in grants})
    over = set(await everywhere(HonorEntry).filter(id__in=ids, state__in=ENDED).values_list("id", flat=True))
    if over:
        late = RewardGrant.filter(entry_id__in=list(over), state="waiting")
        await late.update(state="ended", try_at=None, ended_at=at, reason_zh=_ENTRY_OVER.zh, reason_en=_ENTRY_OVER.en)
    return [grant for grant in grants if grant.entry_id not in over]


async def end_groundless(runtime: Runtime, *, limit: int = 500) -> int:
    """Judge again what is given: its entry still stands, and a minor still may have it. Returns how many ended.

    A policy or a campaign that is over takes nothing back.
    """
    now, ended, last = runtime.clock.now(), 0, None
    given = RewardGrant.filter(state="given").order_by("id")
    while page := await (given.filter(id__gt=last) if last else given).limit(limit):
        for grant_id, reason in (await _groundless(page, now)).items():
            ended += await done_apart(_end_with_reason(grant_id, reason, now), "reward_end_failed", grant=grant_id)
        last = page[-1].id
    return ended


async def _groundless(page: Sequence[RewardGrant], now: datetime) -> Mapping[UUID, Text]:
    """Return those of some rewards whose ground is gone, with the reason."""
    ids = list({grant.entry_id for grant in page})
    standing = set(await everywhere(HonorEntry).filter(id__in=ids, state="published").values_list("id", flat=True))
    found = {grant.id: _ENTRY_OVER for grant in page if grant.entry_id not in standing}
    by_policy: dict[str, list[RewardGrant]] = defaultdict(list)
    for grant in page:
        by_policy[grant.policy].append(grant)
    for slug, grants in by_policy.items():
        policy = await policy_behind(slug)
        if policy is not None:
            refused = await refused_minors(policy, [grant.resident_id for grant in grants], at=now)
            found |= {grant.id: refused[grant.resident_id] for grant in grants if grant.resident_id in refused}
    return found


async def _end_with_reason(grant_id: UUID, reason: Text, now: datetime) -> bool:
    """End one reward and tell its resident; joins the transaction."""
    entry = await lock_entry((await RewardGrant.get(id=grant_id)).entry_id)
    grant = await RewardGrant.filter(id=grant_id, state="given").select_for_update().first()
    if grant is None:
        return False
    await let_go([grant.id])
    taken_back = await _end(grant, reason.en, at=now, reason_zh=reason.zh, reason_en=reason.en)
    if entry.state == "published":
        await promise_again(grant, reason=reason, at=now, try_at=now + _NEXT_NIGHT)
    if taken_back:
        await tell_taken_back(grant, reason, at=now)
        await give_units_back([grant.id], at=now)
    return True
