"""Close rewards that are over, and let the next one come while the entry lasts and the policy holds.

Over is what was given back, has run out, or was used and can no longer be undone. The next one comes with the scene's
next period, at most one a period; what a scene or a campaign gives once ever is given once.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from xinyi_platform.clock import local_date, start_of_local_day
from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_platform.jobs.apart import done_apart
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.publishing import lock_entry
from xinyi_rewards.rewards.holding import let_go
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.offers import find_policy
from xinyi_rewards.rewards.promising import promise_again
from xinyi_scenarios.entitlements.ending import over_among
from xinyi_scenarios.quotas import next_period_on

_NEXT = Text("上一份已使用或结束,{on}起可发放下一份", "The last one is used or over; there is another from {on}")


async def renew_rewards(runtime: Runtime, *, limit: int = 500) -> int:
    """Close the rewards that are over and put down what comes next. Returns how many were closed."""
    now, closed, last = runtime.clock.now(), 0, None
    given = RewardGrant.filter(state="given").order_by("id")
    while page := await (given.filter(id__gt=last) if last else given).limit(limit):
        over = await over_among([grant.entitlement_id for grant in page], at=now)
        for grant in page:
            if grant.entitlement_id in over:
                closed += await done_apart(_close(grant, now), "reward_renewal_failed", grant=grant.id)
        last = page[-1].id
    return closed


async def ask_again(resident_id: UUID, grant_id: UUID, *, at: datetime) -> None:
    """Have a reward that waits looked at by the next sweep, and what comes after one that is over put down.

    Raises NotFound (404), also for what is held, or has ended.
    """
    mine = RewardGrant.filter(id=grant_id, resident_id=resident_id)
    if await mine.filter(state="waiting").update(try_at=at):
        return
    grant = await mine.get_or_none(state="given")
    if grant is None or not await over_among([grant.entitlement_id], at=at):
        raise NotFound
    await _close(grant, at)


def _next_on(grant: RewardGrant, now: datetime) -> date | None:
    """Return the first day of the next turn, today for one that has no turn of its own; None: never again."""
    return local_date(now) if grant.turn == str(grant.id) else next_period_on(grant.turn)


async def _close(grant: RewardGrant, now: datetime) -> bool:
    async with transaction():
        entry = await lock_entry(grant.entry_id)
        held = RewardGrant.filter(id=grant.id, state="given")
        if not await held.update(state="closed", ended_at=now):
            return False
        await let_go([grant.id])
        policy, next_on = await find_policy(grant.policy), _next_on(grant, now)
        lasts = entry.state == "published" and entry.valid_until is not None and entry.valid_until > now
        if lasts and next_on is not None and policy is not None and policy.holds_on(local_date(now)):
            try_at = max(now, start_of_local_day(next_on))
            await promise_again(grant, reason=_NEXT.format(on=next_on), at=now, try_at=try_at)
    return True
