"""Book journals: a unit, or a fen, moves from one account to another and never comes from nowhere.

Accounts of a quota: `pool` (what it may still give), `resident` (held or issued), `used` (redeemed), `expired`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise.functions import Sum

from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_scenarios.ledger.models import LedgerEntry

Account = Literal["pool", "resident", "used", "expired"]

MOVES: dict[str, tuple[Account, Account]] = {
    "claim": ("pool", "resident"),
    "return": ("resident", "pool"),
    "redeem": ("resident", "used"),
    "reverse": ("used", "resident"),
    "expire": ("resident", "expired"),
    "refund": ("used", "pool"),
    "spend": ("pool", "used"),
}


@dataclass(frozen=True, slots=True)
class Journal:
    """One move. `kind` is one of MOVES, `amount` in the quota's measure: units, or fen of a budget."""

    kind: str
    quota_id: UUID
    entitlement_id: UUID
    amount: int = 1


async def book(kind: str, *, quota_id: UUID, entitlement_id: UUID, at: datetime) -> None:
    """Book one unit's move in the caller's transaction."""
    await book_many([Journal(kind, quota_id, entitlement_id)], at=at)


async def book_many(journals: Sequence[Journal], *, at: datetime) -> None:
    """Book many moves by one statement in the caller's transaction."""
    rows = []
    for journal in journals:
        source, target = MOVES[journal.kind]
        number = new_id()
        for account, amount in ((source, -journal.amount), (target, journal.amount)):
            rows.append(
                {
                    "id": new_id(),
                    "journal": number,
                    "kind": journal.kind,
                    "quota_id": journal.quota_id,
                    "entitlement_id": journal.entitlement_id,
                    "account": account,
                    "amount": amount,
                    "at": at,
                }
            )
    await bulk_insert(LedgerEntry, rows)


async def balance_of(quota_id: UUID) -> dict[str, int]:
    """Return the balance of each account of a quota; `pool` is minus what was given out and not returned."""
    rows = await (
        LedgerEntry.filter(quota_id=quota_id)
        .annotate(balance=Sum("amount"))
        .group_by("account")
        .values("account", "balance")
    )
    return {str(row["account"]): int(row["balance"]) for row in rows}


async def find_imbalances() -> list[UUID]:
    """Return the journals that do not sum to zero; empty where the books are right."""
    rows = await LedgerEntry.annotate(total=Sum("amount")).group_by("journal").values("journal", "total")
    return [row["journal"] for row in rows if row["total"] != 0]
