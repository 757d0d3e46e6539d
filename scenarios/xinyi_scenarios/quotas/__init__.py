"""Quotas and budgets: how much of a scene there is in a period, scope by scope, and how much is used."""

from __future__ import annotations

from xinyi_scenarios.quotas.counting import (
    QuotaBelowUse,
    QuotaView,
    change_total,
    open_quota,
    open_quotas,
    quota_for,
    read_quotas,
    release_units,
    take_units,
)
from xinyi_scenarios.quotas.lending import NotEnoughFree, NotTwoShares, lend_share, take_back_share
from xinyi_scenarios.quotas.needs import (
    FEN,
    UNITS,
    Hold,
    Need,
    QuotaKey,
    has_districts,
    hold_from,
    merchant_needs,
    needs_of,
    rank_of,
)
from xinyi_scenarios.quotas.periods import next_period_on, period_of

__all__ = [
    "FEN",
    "UNITS",
    "Hold",
    "Need",
    "NotEnoughFree",
    "NotTwoShares",
    "QuotaBelowUse",
    "QuotaKey",
    "QuotaView",
    "change_total",
    "has_districts",
    "hold_from",
    "lend_share",
    "merchant_needs",
    "needs_of",
    "next_period_on",
    "open_quota",
    "open_quotas",
    "period_of",
    "quota_for",
    "rank_of",
    "read_quotas",
    "release_units",
    "take_back_share",
    "take_units",
]
