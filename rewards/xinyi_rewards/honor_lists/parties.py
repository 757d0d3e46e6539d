"""Whom a listing is about and who acts for her or it: a resident in the app, an operator in the portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from xinyi_merchants.registry import find_merchant, merchant_of_operator
from xinyi_platform.errors import NotFound
from xinyi_platform.identity import resident_basics
from xinyi_platform.principals import Operator, Resident
from xinyi_rewards.honor_lists.models import HonorEntry


@dataclass(frozen=True, slots=True)
class Party:
    """A listing's subject. `division` is where she lives or it trades, `actor` who acts, for the trail."""

    actor: str
    division: str
    resident_id: UUID | None = None
    merchant_id: UUID | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """Return the column by which rows are hers."""
        if self.resident_id is not None:
            return {"resident_id": self.resident_id}
        if self.merchant_id is None:
            raise ValueError("a party is a resident or a merchant")
        return {"merchant_id": self.merchant_id}

    @property
    def subject_id(self) -> UUID:
        """Return the resident's or the merchant's id."""
        found: UUID = next(iter(self.columns.values()))
        return found


async def party_of(principal: Resident | Operator) -> Party:
    """Return the subject for whom a caller acts. Raises NotFound (404) where there is none."""
    if isinstance(principal, Operator):
        shop = await find_merchant((await merchant_of_operator(principal.id)).id)
        return Party(principal.label, shop.division, merchant_id=shop.id)
    basics = (await resident_basics([principal.id])).get(principal.id)
    if basics is None:
        raise NotFound
    return Party(principal.label, basics.division, resident_id=principal.id)


async def entry_of(party: Party, entry_id: UUID) -> HonorEntry:
    """Return a subject's own entry that she may see. Raises NotFound (404, also for another's)."""
    entry = await HonorEntry.get_or_none(id=entry_id, **party.columns)
    if entry is None or entry.state in ("draft", "in_review") or entry.end_reason == "withdrawn":
        raise NotFound
    return entry


def audience_of(row: object) -> str:
    """Return who hears about a request or deferral: `resident:ID` or `merchant:ID`."""
    resident_id = getattr(row, "resident_id", None)
    return f"resident:{resident_id}" if resident_id else f"merchant:{getattr(row, 'merchant_id', None)}"
