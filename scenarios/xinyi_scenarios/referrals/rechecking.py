"""Look once a day whether a yes still holds; where it does not, its receiver is told to stop.

What cannot be told changes nothing: a silent bureau or a withdrawn consent to the read is no "no".
"""

from __future__ import annotations

from datetime import datetime, timedelta

from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions import decide_scene
from xinyi_scenarios.referrals.models import Referral
from xinyi_scenarios.referrals.offering import signer_of
from xinyi_scenarios.referrals.recalling import SYSTEM, recall
from xinyi_scenarios.requirements import Verdict

EVERY = timedelta(days=1)


async def recheck_grounds(runtime: Runtime, *, limit: int = 100) -> int:
    """Decide again what rests on a yes and was not looked at for a day. Returns how many answers were recalled."""
    now = runtime.clock.now()
    due = Referral.filter(slot="live", verdict="yes", recheck_at__lte=now).order_by("recheck_at")
    recalled = 0
    for row in await due.limit(limit):
        if await Referral.filter(id=row.id, slot="live", recheck_at=row.recheck_at).update(recheck_at=now + EVERY):
            recalled += await _recheck(runtime, row, now)
    return recalled


async def _recheck(runtime: Runtime, row: Referral, now: datetime) -> bool:
    try:
        decided = await decide_scene(runtime, row.resident_id, row.scenario)
    except NotFound:
        return False
    if decided.verdict is not Verdict.NOT_ELIGIBLE or not decided.rests_on_fresh_credit:
        return False
    async with transaction():
        return await recall(signer_of(runtime), row, "ground", actor=SYSTEM, at=now)
