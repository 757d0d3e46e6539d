"""Settle what gates scanned: each scan once, under the id that the gate gave it, in whatever order it arrives.

A ticket admits once. Of two scans the earlier one admitted, even where it arrives later from a gate that had no
network; the other is kept and reported as a duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform.clock import start_of_local_day
from xinyi_platform.database import transaction
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.fairs.models import FairScan, FairTicket
from xinyi_scenarios.fairs.states import advance
from xinyi_scenarios.fairs.telling import tell, tell_gates
from xinyi_scenarios.fairs.terms import EARLY

ADMITTED = "admitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What a gate saw: its own id for the scan, the entitlement's public code, and when by the gate's clock."""

    id: UUID
    scenario: str
    gate: str
    code: str
    scanned_at: datetime


async def settle_scans(scans: Sequence[Scan], *, actor: str, at: datetime) -> list[FairScan]:
    """Settle a batch, each scan in a transaction of its own. Returns the scans as they stand after all of it."""
    settled = [await _settle(scan, actor, at) for scan in sorted(scans, key=lambda scan: (scan.scanned_at, scan.id))]
    rows = {row.id: row for row in await FairScan.filter(id__in=[row.id for row in settled])}
    return [rows[scan.id] for scan in scans]


async def _settle(scan: Scan, actor: str, at: datetime) -> FairScan:
    known = await FairScan.get_or_none(id=scan.id)
    if known:
        return known
    try:
        async with transaction():
            return await _settle_new(scan, actor, at)
    except IntegrityError:
        # The same batch came twice at once: the other was quicker.
        return await FairScan.get(id=scan.id)


async def _settle_new(scan: Scan, actor: str, at: datetime) -> FairScan:
    scanned_at = scan.scanned_at.astimezone(UTC)
    counted_at = min(scanned_at, at)
    ticket = await _locked_ticket(scan)
    row = FairScan(
        id=scan.id, partner=actor, scenario=scan.scenario, gate=scan.gate, code=scan.code, scanned_at=scanned_at,
        counted_at=counted_at, received_at=at, ticket_id=ticket.id if ticket else None, place=str(scan.id),
        outcome=_refusal(ticket, counted_at),
    )  # fmt: skip
    if ticket and not row.outcome:
        await _admit_or_report(row, ticket, actor, at)
    await row.save(force_create=True)
    return row


async def _locked_ticket(scan: Scan) -> FairTicket | None:
    ticket = await FairTicket.get_or_none(code=scan.code, scenario=scan.scenario)
    if ticket is None:
        return None
    # The entitlement's row is every act's first lock.
    await Entitlement.filter(id=ticket.entitlement_id).update(scenario=ticket.scenario)
    return await FairTicket.get(id=ticket.id)


def _refusal(ticket: FairTicket | None, at: datetime) -> str:
    if ticket is None:
        return "unknown"
    if ticket.state == "cancelled":
        return "cancelled"
    if not ticket.begins_at - EARLY <= at < ticket.ends_at:
        return "wrong_time"
    return ""


async def _admit_or_report(row: FairScan, ticket: FairTicket, actor: str, at: datetime) -> None:
    first = await FairScan.get_or_none(ticket_id=ticket.id, place=ADMITTED)
    if first is None:
        row.outcome = row.place = ADMITTED
        await _enter(ticket, row, actor, at)
        return
    if (row.counted_at, row.id) < (first.counted_at, first.id):
        await FairScan.filter(id=first.id).update(outcome="duplicate", place=str(first.id))
        await FairTicket.filter(id=ticket.id).update(entered_at=row.counted_at)
        row.outcome = row.place = ADMITTED
    else:
        row.outcome = "duplicate"
    news: dict[str, object] = {"ticket": str(ticket.id), "scans": sorted([str(first.id), str(row.id)])}
    await tell_gates(row.scenario, "fair_scan.duplicate", news, at=at)


async def _enter(ticket: FairTicket, row: FairScan, actor: str, at: datetime) -> None:
    target = advance(ticket.state, "enter")
    await FairTicket.filter(id=ticket.id).update(state=target, entered_at=row.counted_at)
    ticket.state = target
    await tell(ticket, "enter", actor=actor, at=at, gate=row.gate, scan=str(row.id))
    held = await Entitlement.get(id=ticket.entitlement_id)
    # What ran out or was taken back since the gate let its holder in keeps its own end.
    if held.state in USABLE:
        await change_entitlement(held.id, "redeem", actor=actor, at=at, detail={"ticket": str(ticket.id)})


async def scans_of_day(scenario: str, day: date, *, outcome: str = "", limit: int = 1_000) -> list[FairScan]:
    """Return what gates scanned on a local day, the latest first."""
    begins = start_of_local_day(day)
    rows = FairScan.filter(scenario=scenario, counted_at__gte=begins, counted_at__lt=begins + timedelta(days=1))
    rows = rows.filter(outcome=outcome) if outcome else rows
    return await rows.order_by("-counted_at", "-id").limit(limit)
