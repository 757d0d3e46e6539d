"""Forget what a case no longer needs: pictures of what has ended at once, the rest of its record after its term.

From the moment a version ends nobody can open its pictures; this job takes their names away, and the host removes files
that nothing names.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.making import record
from xinyi_rewards.cases.models import CasePicture, CaseVersion, ExemplaryCase
from xinyi_rewards.cases.policy import case_policy

ENDED = ("superseded", "withdrawn")
MOST_AT_ONCE = 500


async def forget_ended(runtime: Runtime) -> int:
    """Remove what is over. Returns how many things went."""
    now = runtime.clock.now()
    gone = await CasePicture.filter(version_id__in=await _ended()).delete()
    return gone + await _forget_records(now)


async def _ended() -> list[UUID]:
    shown = await CasePicture.filter(version__state__in=ENDED).limit(MOST_AT_ONCE)
    return [row.version_id for row in shown]


async def _forget_records(now: datetime) -> int:
    """Remove versions whose term is over, with whom they showed; a case goes with its last version."""
    over = CaseVersion.filter(state__in=ENDED, ended_at__lte=now - case_policy().keep_ended)
    rows = await over.limit(MOST_AT_ONCE)
    for version in rows:
        async with transaction():
            await record(version, "forget", "job:cases", now)
            await CaseVersion.filter(id=version.id).delete()
            if not await CaseVersion.filter(case_id=version.case_id).exists():
                await ExemplaryCase.filter(id=version.case_id).delete()
    return len(rows)
