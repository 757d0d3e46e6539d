"""The ledger of units: each journal sums to zero over its accounts."""

from __future__ import annotations

from xinyi_scenarios.ledger.booking import Journal, balance_of, book, book_many, find_imbalances

__all__ = ["Journal", "balance_of", "book", "book_many", "find_imbalances"]
