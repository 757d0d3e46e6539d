"""Book journals: a unit, or a fen, moves from one account to another and never comes from nowhere.

Accounts of a quota: `pool` (what it may still give), `resident` (held or issued), `used` (redeemed), `expired`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise.functions import Sum

from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_scenarios.ledger.models import LedgerJournal

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
        rows.append(
            {
                "id": new_id(),
                "kind": journal.kind,
                "quota_id": journal.quota_id,
                "entitlement_id": journal.entitlement_id,
                "source": source,
                "target": target,
                "amount": journal.amount,
                "at": at,
            }
        )
    await bulk_insert(LedgerJournal, rows)


async def balance_of(quota_id: UUID) -> dict[str, int]:
    """Return the balance of each account of a quota; `pool` is minus what was given out and not returned."""
    rows = await (
        LedgerJournal.filter(quota_id=quota_id)
        .annotate(moved=Sum("amount"))
        .group_by("source", "target")
        .values("source", "target", "moved")
    )
    balances: Counter[str] = Counter()
    for row in rows:
        balances[row["source"]] -= int(row["moved"])
        balances[row["target"]] += int(row["moved"])
    return dict(balances)
