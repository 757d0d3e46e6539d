"""What staff do with a request: pass it on to 信用中国, send it back, and mirror what the determining unit decided."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_platform.workdays import add_working_days
from xinyi_rewards.honor_lists.publishing import EntryEnded, end_entry
from xinyi_rewards.repairs.errors import ExtendedAlready
from xinyi_rewards.repairs.models import RepairRequest
from xinyi_rewards.repairs.policy import repair_policy
from xinyi_rewards.repairs.requesting import move

Verdict = Literal["grant", "refuse"]


async def find_request(request_id: UUID, staff: Staff) -> RepairRequest:
    """Return a request of the area that a member of staff serves. Raises NotFound (404) for any other."""
    row = await RepairRequest.get_or_none(id=request_id)
    if row is None or not area_of(staff).covers(row.division):
        raise NotFound
    return row


def required(text: str, field: str, most: int = 80) -> str:
    """Return a text that has to be there. Raises InvalidField (400)."""
    if not 1 <= len(text.strip()) <= most:
        raise InvalidField(field=field, zh=f"请填写(1–{most}字)。", en=f"Give this in 1 to {most} characters.")
    return text.strip()


async def pass_on(request_id: UUID, staff: Staff, *, official_number: str, at: datetime) -> None:
    """Note under which number 信用中国 took the request in; the determining unit's term begins."""
    row = await find_request(request_id, staff)
    number = required(official_number, "official_number")
    by = add_working_days(local_date(at), repair_policy().decide_working_days)
    await move(row, "pass_on", actor=staff.label, at=at, official_number=number, passed_on_at=at, decide_by=by)


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
    """Enter what the determining unit decided, with its document; a repair ends the entry in the same transaction."""
    row = await find_request(request_id, staff)
    if decided_on > local_date(at):
        raise InvalidField(field="decided_on", zh="日期不能晚于今天。", en="The day lies in the future.")
    await settle(
        runtime, row, verdict, actor=staff.label, source="credit_office",
        document=required(document, "document"), decided_on=decided_on, reason=required(reason, "reason", 400), at=at,
    )  # fmt: skip


async def settle(
    runtime: Runtime,
    row: RepairRequest,
    verdict: Verdict,
    *,
    actor: str,
    source: Literal["credit_office", "bureau"],
    document: str,
    decided_on: date,
    reason: str,
    at: datetime,
) -> None:
    """Close a request with the determining unit's decision; on a grant everything about the entry ends with it."""
    async with transaction():
        await move(
            row, verdict, actor=actor, at=at, source=source, decision_document=document, decided_on=decided_on,
            reason=reason,
        )  # fmt: skip
        if verdict == "grant":
            await end_entry(runtime, row.entry_id, "repair", actor=actor, reason=document, at=at)


async def lapse_with_entry(news: EntryEnded) -> None:
    """Close a request whose entry ended by itself; joins the ending's transaction."""
    row = await everywhere(RepairRequest).get_or_none(entry_id=news.entry_id, slot="open")
    if row is not None:
        await move(row, "lapse", actor="repairs", at=news.at)
