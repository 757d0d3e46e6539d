"""The sweep over commitments: break what is late, remind before it is, and close what has lost its ground."""

from __future__ import annotations

from datetime import date, datetime

from tortoise.expressions import Subquery

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.commitments.deadlines import next_reminder
from xinyi_scenarios.commitments.keeping import SYSTEM, break_if_due, withdraw
from xinyi_scenarios.commitments.models import CommitmentPaper, SignedCommitment
from xinyi_scenarios.commitments.states import MISSING, OPEN
from xinyi_scenarios.commitments.telling import tell
from xinyi_scenarios.entitlements.models import Entitlement

BATCH = 200
_ENDED = ("cancelled", "expired", "withdrawn")


async def settle_due(runtime: Runtime) -> int:
    """Do one bounded piece; it may run twice and late without harm. Returns how many commitments it settled."""
    now = runtime.clock.now()
    return await _break_late(now) + await _remind(now) + await _close_groundless(now)


async def _break_late(now: datetime) -> int:
    late = CommitmentPaper.filter(
        state__in=list(MISSING), commitment__state="signed", commitment__due_on__lt=local_date(now)
    )
    papers = await late.limit(BATCH).only("id", "commitment_id")
    settled = 0
    for commitment_id in sorted({paper.commitment_id for paper in papers}):
        try:
            settled += await break_if_due(commitment_id, at=now)
        except Conflict:
            continue  # the entitlement moved at the same moment; the next beat takes it
    return settled


async def _remind(now: datetime) -> int:
    """Send what is due by today, each once; whoever has handed everything in is left alone."""
    today = local_date(now)
    due = SignedCommitment.filter(state__in=list(OPEN), next_remind_on__lte=today).order_by("next_remind_on")
    settled = 0
    for row in await due.limit(BATCH):
        async with transaction():
            settled += await _remind_one(row, today, now)
    return settled


async def _remind_one(row: SignedCommitment, today: date, now: datetime) -> int:
    limit = row.due_on if row.state == "signed" else row.repair_until
    again = next_reminder(limit, row.remind_days, today) if limit else None
    same = SignedCommitment.filter(id=row.id, state=row.state, next_remind_on=row.next_remind_on)
    if not await same.update(next_remind_on=again):
        return 0
    missing = await CommitmentPaper.filter(commitment_id=row.id, state__in=list(MISSING)).count()
    if not missing or limit is None or limit < today:
        return 0
    await tell(row, "remind", actor=SYSTEM, at=now, text=f"{missing} · {limit.isoformat()}")
    return 1


async def _close_groundless(now: datetime) -> int:
    """Withdraw promises on which nothing was granted and whose entitlement has ended on another ground."""
    ended = Subquery(Entitlement.filter(state__in=list(_ENDED)).values("id"))
    rows = await SignedCommitment.filter(state="signed", granted_at=None, entitlement_id__in=ended).limit(BATCH)
    settled = 0
    for row in rows:
        try:
            await withdraw(row.id, actor=SYSTEM, at=now)
        except Conflict:
            continue
        settled += 1
    return settled
