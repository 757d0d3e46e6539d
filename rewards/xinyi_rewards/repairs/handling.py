"""What staff do with a request: pass it on to 信用中国, send it back, and mirror what the determining unit decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound, TransitionForbidden
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_platform.workdays import add_working_days
from xinyi_rewards.honor_lists.mirroring import withdraw_mirrored
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import EntryEnded, end_entry
from xinyi_rewards.honor_lists.states import UNSEEN
from xinyi_rewards.honor_lists.texts import kept_text
from xinyi_rewards.repairs.errors import ExtendedAlready
from xinyi_rewards.repairs.holding import hold_entry, require_another
from xinyi_rewards.repairs.models import RepairRequest
from xinyi_rewards.repairs.policy import repair_policy
from xinyi_rewards.repairs.requesting import move

Verdict = Literal["grant", "refuse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDecision:
    """What the determining unit decided, by which document, and which `person` entered it (`bureau` for the feed)."""

    verdict: Verdict
    document: str
    decided_on: date
    reason: str
    source: Literal["credit_office", "bureau"]
    person: str


async def find_request(request_id: UUID, staff: Staff) -> RepairRequest:
    """Return a request of the area that a member of staff serves. Raises NotFound (404) for any other."""
    row = await RepairRequest.get_or_none(id=request_id)
    if row is None or not area_of(staff).covers(row.division):
        raise NotFound
    return row


def required(text: str, field: str, most: int = 80) -> str:
    """Return a text that has to be there. Raises InvalidField (400)."""
    return kept_text(text, field, most=most, may_wrap=most > 80)


async def pass_on(request_id: UUID, staff: Staff, *, official_number: str, at: datetime) -> None:
    """Note under which number 信用中国 took the request in; the determining unit's term begins."""
    row = await find_request(request_id, staff)
    number = required(official_number, "official_number")
    by = add_working_days(local_date(at), repair_policy().decide_working_days)
    await move(
        row, "pass_on", actor=staff.label, at=at, official_number=number, passed_on_at=at, decide_by=by,
        passed_on_person=staff.person,
    )  # fmt: skip


async def send_back(request_id: UUID, staff: Staff, *, reason: str, at: datetime) -> None:
    """Return a request to its subject, saying what is missing."""
    row = await find_request(request_id, staff)
    await move(row, "send_back", actor=staff.label, at=at, reason=required(reason, "reason", 400))


async def extend(request_id: UUID, staff: Staff, *, reason: str, at: datetime) -> None:
    """Note that the determining unit takes longer, once. Raises ExtendedAlready (409)."""
    row = await find_request(request_id, staff)
    if row.is_extended:
        raise ExtendedAlready
    start = row.decide_by or local_date(at)
    by = add_working_days(start, repair_policy().extend_working_days)
    why = required(reason, "reason", 400)
    await move(row, "extend", actor=staff.label, at=at, is_extended=True, decide_by=by, reason=why)


async def decide(
    runtime: Runtime,
    request_id: UUID,
    staff: Staff,
    verdict: Verdict,
    *,
    document: str,
    decided_on: date,
    reason: str,
    at: datetime,
) -> None:
    """Enter what the determining unit decided, with its document; a repair ends the entry in the same transaction.

    Raises OwnRepair (403) for who made the entry's list or passed the request on, by whichever account.
    """
    row = await find_request(request_id, staff)
    await require_another(row, staff)
    if row.state != "passed_on":
        raise TransitionForbidden(kind="repair_request", state=row.state, event=verdict)
    if decided_on > local_date(at):
        raise InvalidField(field="decided_on", zh="日期不能晚于今天。", en="The day lies in the future.")
    decision = UnitDecision(
        verdict=verdict, document=required(document, "document"), decided_on=decided_on,
        reason=required(reason, "reason", 400), source="credit_office", person=staff.person,
    )  # fmt: skip
    async with transaction():
        await hold_entry(row.entry_id, "published")
        await _close(row, decision, staff.label, at)
        if verdict == "grant":
            await end_entry(runtime, row.entry_id, "repair", actor=staff.label, reason=decision.document, at=at)


async def mirror_verdict(
    runtime: Runtime, entry: HonorEntry, decision: UnitDecision, *, actor: str, at: datetime
) -> None:
    """Do what the determining unit decided, as the bureau tells it: a grant ends a living entry in whichever state.

    Without a request here it ends all the same, and a request in any step is closed as granted. A refusal closes one
    that was passed on. Raises ListChanged and RepairChanged (409) where it may be tried again.
    """
    is_granted = decision.verdict == "grant"
    async with transaction():
        if entry.state in UNSEEN:
            if is_granted:
                await withdraw_mirrored(entry, actor=actor, document=decision.document, at=at)
            return
        await hold_entry(entry.id, entry.state)
        request = await everywhere(RepairRequest).get_or_none(entry_id=entry.id, slot="open")
        if request is not None and (is_granted or request.state == "passed_on"):
            await _close(request, decision, actor, at)
        if is_granted:
            event = "repair" if entry.state == "published" else "revoke"
            await end_entry(runtime, entry.id, event, actor=actor, reason=decision.document, at=at)


async def _close(row: RepairRequest, decision: UnitDecision, actor: str, at: datetime) -> None:
    await move(
        row, decision.verdict, actor=actor, at=at, source=decision.source, decision_document=decision.document,
        decided_on=decision.decided_on, reason=decision.reason, decided_person=decision.person,
    )  # fmt: skip


async def lapse_with_entry(news: EntryEnded) -> None:
    """Close a request whose entry ended by itself; joins the ending's transaction, which holds the entry.

    A step that staff take at that moment is waited for: what it left is closed.
    """
    row = await everywhere(RepairRequest).filter(entry_id=news.entry_id, slot="open").select_for_update().first()
    if row is not None:
        await move(row, "lapse", actor="repairs", at=news.at)
