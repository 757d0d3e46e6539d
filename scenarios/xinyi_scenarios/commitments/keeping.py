"""Keep a promise, or not: papers come in and are judged, the due date may move once, and the end is settled.

Each act locks the commitment first and then takes in what the calendar has done meanwhile, so that a sweep that comes
late changes nothing for anybody. Rows are taken in one order: commitment, papers, entitlement.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_scenarios.commitments.deadlines import after_refusal, covered_until, is_past, next_reminder, repair_day
from xinyi_scenarios.commitments.errors import (
    AlreadyExtended,
    AlreadyGranted,
    CommitmentRuns,
    ExtensionTooLong,
    PapersMissing,
    RepairOver,
)
from xinyi_scenarios.commitments.models import CommitmentPaper, SignedCommitment
from xinyi_scenarios.commitments.states import KEPT, MISSING, OPEN, advance, advance_paper
from xinyi_scenarios.commitments.telling import tell
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import TRANSITIONS as ENTITLEMENT

SYSTEM = "job:commitments"


async def hand_in(
    commitment_id: UUID, key: str, *, actor: str, channel: str, at: datetime, file_id: UUID | None = None
) -> SignedCommitment:
    """Take a paper in: uploaded by the resident, or received at the counter by the office.

    Raises NotFound (404), TransitionForbidden and RepairOver (409).
    """
    async with transaction():
        row = await open_commitment(commitment_id, at=at)
        paper = await _paper(row, key)
        advance(row.state, "paper")
        target = advance_paper(paper.state, "hand_in")
        if row.state == "broken" and row.repair_until is not None and is_past(row.repair_until, at):
            raise RepairOver(until=row.repair_until.isoformat())
        await CommitmentPaper.filter(id=paper.id).update(
            state=target, channel=channel, file_id=file_id, handed_in_at=at, judged_at=None, judged_by="", reason=""
        )
        await tell(row, "hand_in", actor=actor, at=at, paper=key, text=channel)
    return row


async def confirm_paper(commitment_id: UUID, key: str, *, actor: str, at: datetime) -> SignedCommitment:
    """Confirm a paper that was handed in; the last one settles the promise. Raises NotFound, TransitionForbidden."""
    async with transaction():
        row = await open_commitment(commitment_id, at=at)
        paper = await _paper(row, key)
        advance(row.state, "paper")
        await _confirm(row, [paper], actor, at)
        await _settle(row, actor, at)
    return await SignedCommitment.get(id=commitment_id)


async def fulfil(commitment_id: UUID, *, actor: str, at: datetime) -> SignedCommitment:
    """Confirm everything that was handed in, and settle the promise. Raises NotFound (404), PapersMissing (409)."""
    async with transaction():
        row = await open_commitment(commitment_id, at=at)
        advance(row.state, "paper")
        papers = await CommitmentPaper.filter(commitment_id=row.id)
        missing = sum(paper.state in MISSING for paper in papers)
        if missing:
            raise PapersMissing(missing=missing)
        await _confirm(row, [paper for paper in papers if paper.state == "handed_in"], actor, at)
        await _settle(row, actor, at)
    return await SignedCommitment.get(id=commitment_id)


async def refuse_paper(commitment_id: UUID, key: str, *, reason: str, actor: str, at: datetime) -> SignedCommitment:
    """Send a paper back with the reason; some days are always left to hand it in again."""
    async with transaction():
        row = await open_commitment(commitment_id, at=at)
        paper = await _paper(row, key)
        advance(row.state, "paper")
        target = advance_paper(paper.state, "refuse")
        await CommitmentPaper.filter(id=paper.id).update(state=target, judged_at=at, judged_by=actor, reason=reason)
        if row.state == "signed":
            await _move_limit(row, after_refusal(row.due_on, at), at)
        elif row.repair_until is not None:
            await _move_limit(row, after_refusal(row.repair_until, at), at)
        await tell(row, "refuse", actor=actor, at=at, paper=key, text=reason)
    return await SignedCommitment.get(id=commitment_id)


async def grant_on_promise(commitment_id: UUID, *, actor: str, at: datetime) -> SignedCommitment:
    """Record that the office has granted what was applied for; from now on the promise cannot be withdrawn."""
    async with transaction():
        row = await open_commitment(commitment_id, at=at)
        advance(row.state, "grant")
        if row.granted_at is None:
            await SignedCommitment.filter(id=row.id).update(granted_at=at)
            await tell(row, "grant", actor=actor, at=at)
    return await SignedCommitment.get(id=commitment_id)


async def extend(commitment_id: UUID, *, days: int, reason: str, actor: str, at: datetime) -> SignedCommitment:
    """Move the due date once, by at most as many days as there were. Raises AlreadyExtended, ExtensionTooLong."""
    async with transaction():
        row = await open_commitment(commitment_id, at=at)
        advance(row.state, "extend")
        if row.extended_at is not None:
            raise AlreadyExtended
        most = (row.first_due_on - local_date(row.signed_at)).days
        if not 1 <= days <= most:
            raise ExtensionTooLong(most=most)
        await SignedCommitment.filter(id=row.id).update(extended_at=at, extended_by=actor, extension_reason=reason)
        await _move_limit(row, row.due_on + timedelta(days=days), at)
        await tell(row, "extend", actor=actor, at=at, text=reason)
    return await SignedCommitment.get(id=commitment_id)


async def withdraw(commitment_id: UUID, *, actor: str, at: datetime) -> SignedCommitment:
    """Take a promise back while nothing was granted on it; its unit returns. Raises AlreadyGranted (409)."""
    async with transaction():
        row = await open_commitment(commitment_id, at=at)
        advance(row.state, "withdraw")
        if row.granted_at is not None:
            raise AlreadyGranted
        await _step(row, "withdraw", actor, at, ended_at=at)
        await _follow_up(row, ("cancel",), actor, at, "the commitment was withdrawn")
    return await SignedCommitment.get(id=commitment_id)


async def open_commitment(commitment_id: UUID, *, at: datetime) -> SignedCommitment:
    """Lock a commitment and take in what the calendar has done, in the caller's transaction. Raises NotFound."""
    row = await _lock(commitment_id, at)
    await _catch_up(row, at)
    return row


async def break_if_due(commitment_id: UUID, *, at: datetime) -> bool:
    """Break one promise whose due date has passed. False where somebody was first, or nothing is due."""
    async with transaction():
        return await _catch_up(await _lock(commitment_id, at), at)


async def _lock(commitment_id: UUID, at: datetime) -> SignedCommitment:
    if not await SignedCommitment.filter(id=commitment_id).update(changed_at=at):
        raise NotFound
    return await SignedCommitment.get(id=commitment_id)


async def _catch_up(row: SignedCommitment, at: datetime) -> bool:
    """Break a promise that is late. What was handed in and waits for the office is not late."""
    if row.state != "signed" or not is_past(row.due_on, at) or not await _missing(row):
        return False
    await _break(row, at)
    return True


async def _missing(row: SignedCommitment) -> bool:
    return await CommitmentPaper.exists(commitment_id=row.id, state__in=list(MISSING))


async def _break(row: SignedCommitment, at: datetime) -> None:
    until = repair_day(row.due_on, row.repair_days)
    again = next_reminder(until, row.remind_days, local_date(at))
    await _step(row, "break", SYSTEM, at, broken_at=at, repair_until=until, next_remind_on=again)
    await _follow_up(row, ("suspend",), SYSTEM, at, "the commitment was not kept in time")


async def _settle(row: SignedCommitment, actor: str, at: datetime) -> None:
    """End a promise whose papers are all confirmed: what was promised is used up, exactly once."""
    if await CommitmentPaper.filter(commitment_id=row.id).exclude(state="confirmed").exists():
        return
    await _step(row, "fulfil" if row.state == "signed" else "repair", actor, at, ended_at=at, next_remind_on=None)
    await _follow_up(row, ("resume", "redeem"), actor, at, "the commitment was kept")


async def _confirm(row: SignedCommitment, papers: Iterable[CommitmentPaper], actor: str, at: datetime) -> None:
    for paper in papers:
        target = advance_paper(paper.state, "confirm")
        await CommitmentPaper.filter(id=paper.id).update(state=target, judged_at=at, judged_by=actor)
        await tell(row, "confirm", actor=actor, at=at, paper=paper.key)


async def _step(row: SignedCommitment, event: str, actor: str, at: datetime, **values: object) -> None:
    """Take an edge; `row`, which the caller has locked, is as it is afterwards."""
    row.update_from_dict({"state": advance(row.state, event), **values})
    await row.save(update_fields=["state", *values])
    await tell(row, event, actor=actor, at=at)


async def _move_limit(row: SignedCommitment, limit: date, at: datetime) -> None:
    """Set the day that runs now, with its reminders; the entitlement stays valid for it."""
    field, last = ("repair_until", limit)
    if row.state == "signed":
        field, last = "due_on", repair_day(limit, row.repair_days)
    if getattr(row, field) == limit:
        return
    reminder = next_reminder(limit, row.remind_days, local_date(at))
    row.update_from_dict({field: limit, "next_remind_on": reminder})
    await row.save(update_fields=[field, "next_remind_on"])
    until = covered_until(last)
    await Entitlement.filter(id=row.entitlement_id, valid_until__lt=until).update(valid_until=until)


async def _follow_up(row: SignedCommitment, events: Iterable[str], actor: str, at: datetime, reason: str) -> None:
    """Take the entitlement along, by the edges that it has: one that ended on another ground stays ended."""
    for event in events:
        held = await Entitlement.get(id=row.entitlement_id)
        if event in ENTITLEMENT[held.state]:
            await change_entitlement(
                held.id, event, actor=actor, at=at, reason=reason, detail={"commitment": str(row.id)}
            )


async def guard_entitlement(held: Entitlement, event: str, _: str, __: datetime) -> None:
    """Refuse to give back or use up what a running promise hangs on. A flow's say on changes of its entitlements."""
    if event not in ("cancel", "redeem"):
        return
    promise = await SignedCommitment.get_or_none(entitlement_id=held.id)
    runs = promise is not None and promise.state in OPEN
    if runs or (event == "redeem" and (promise is None or promise.state not in KEPT)):
        raise CommitmentRuns


async def _paper(row: SignedCommitment, key: str) -> CommitmentPaper:
    paper = await CommitmentPaper.get_or_none(commitment_id=row.id, key=key)
    if paper is None:
        raise NotFound
    return paper
