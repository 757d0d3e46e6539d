"""Fairs as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from xinyi_platform.language import Text
from xinyi_platform.schemas import Answer, Request
from xinyi_scenarios.fairs.models import FairAward, FairScan, FairTicket
from xinyi_scenarios.manifests.parts import Key

KeyField = Annotated[Key, msgspec.Meta(examples=["morning"])]
Shown = Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class TicketRequest(Request, kw_only=True, frozen=True):
    """`day` and `slot` are among those that can be booked."""

    day: date
    slot: KeyField


class SlotAnswer(Answer, kw_only=True, frozen=True):
    """A slot that can be booked, and how many places are left."""

    day: date
    slot: str
    begins: str
    ends: str
    left: int


class TicketAnswer(Answer, kw_only=True, frozen=True):
    """One ticket. `stamps` are the booths that stamped it; `prize` the one that was given."""

    id: UUID
    entitlement_id: UUID
    scenario: str
    day: date
    slot: str
    begins_at: datetime
    ends_at: datetime
    state: str
    entered_at: datetime | None
    stamps: list[str]
    prize: str | None


class ScanItem(Request, kw_only=True, frozen=True):
    """One scan of a gate: an id made there, the entitlement's public code, and when by the gate's clock."""

    id: UUID
    gate: KeyField
    code: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Z]{1,16}$")]
    scanned_at: Annotated[datetime, msgspec.Meta(tz=True)]


SCAN_EXAMPLE = {
    "id": "01890a5d-ac96-7000-8000-000000000001",
    "gate": "east",
    "code": "SX182J7PS6T",
    "scanned_at": "2026-11-28T01:05:00Z",
}


class ScansRequest(Request, kw_only=True, frozen=True):
    """What a gate scanned, in any order, again or for the first time."""

    scans: Annotated[list[ScanItem], msgspec.Meta(min_length=1, max_length=500, examples=[[SCAN_EXAMPLE]])]


class ScanAnswer(Answer, kw_only=True, frozen=True):
    """What became of a scan: `admitted`, `duplicate`, `wrong_time`, `cancelled` or `unknown`."""

    id: UUID
    gate: str
    code: str
    scanned_at: datetime
    received_at: datetime
    outcome: str


class StampRequest(Request, kw_only=True, frozen=True):
    """`code` is what the resident shows, scanned or typed."""

    code: Shown
    booth: KeyField


class StampsAnswer(Answer, kw_only=True, frozen=True):
    """The booths whose stamps a ticket has."""

    stamps: list[str]


class PrizeRequest(Request, kw_only=True, frozen=True):
    """`code` is what the resident shows, scanned or typed."""

    code: Shown
    prize: KeyField


class PrizeAnswer(Answer, kw_only=True, frozen=True):
    """A prize that was handed out."""

    id: UUID
    prize: str
    given_at: datetime


class PrizeLeft(Answer, kw_only=True, frozen=True):
    """A prize, what it asks for, and how many are left on a day."""

    prize: str
    name: Mapping[str, str]
    stamps: int
    left: int


class SnapshotAnswer(Answer, kw_only=True, frozen=True):
    """A signed list of a day's tickets, for a gate without network."""

    snapshot: str


def ticket_answer(ticket: FairTicket, stamps: list[str], award: FairAward | None) -> TicketAnswer:
    own = {name: getattr(ticket, name) for name in TicketAnswer.__struct_fields__ if name not in ("stamps", "prize")}
    return TicketAnswer(**own, stamps=stamps, prize=award.prize if award else None)


def scan_answer(row: FairScan) -> ScanAnswer:
    return ScanAnswer(**{name: getattr(row, name) for name in ScanAnswer.__struct_fields__})


def both(text: Text) -> Mapping[str, str]:
    return {"zh": text.zh, "en": text.en}
