"""The ledger of units: each journal takes from one account what it gives to another."""

from __future__ import annotations

from xinyi_scenarios.ledger.booking import Journal, balance_of, book, book_many

__all__ = ["Journal", "balance_of", "book", "book_many"]
