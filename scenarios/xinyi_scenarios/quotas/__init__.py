"""Quotas: how many units of a scene there are in a period, and how many are used."""

from __future__ import annotations

from xinyi_scenarios.quotas.counting import (
    QuotaBelowUse,
    QuotaView,
    change_total,
    open_quota,
    period_of,
    quota_for,
    release_units,
    take_units,
)

__all__ = [
    "QuotaBelowUse",
    "QuotaView",
    "change_total",
    "open_quota",
    "period_of",
    "quota_for",
    "release_units",
    "take_units",
]
