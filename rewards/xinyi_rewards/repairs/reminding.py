"""Remind before a measure, before a listing can be repaired and before anything ends by itself, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.repairs.models import ListingReminder, MeasureDeferral
from xinyi_rewards.repairs.policy import repair_policy
from xinyi_rewards.repairs.telling import remind_of_listings

BATCH = 500


async def remind_due(runtime: Runtime) -> int:
    """Send the reminders that are due. Returns how many entries were reminded of.

    An entry that is nearer than the next reminder gets only the nearer one.
    """
    now = runtime.clock.now()
    today, sent = local_date(now), await _remind_of_measures(now)
    marks = sorted(repair_policy().remind_days)
    for nearer, days in zip([0, *marks], marks, strict=False):
        soon = {"repairable_from__gt": today + timedelta(days=nearer), "repairable_from__lte": today + timedelta(days)}
        ends = {"valid_until__gt": now + timedelta(days=nearer), "valid_until__lte": now + timedelta(days=days)}
        sent += await _remind("repairable", days, soon, now)
        sent += await _remind("ends", days, ends, now)
    return sent


async def _remind_of_measures(now: datetime) -> int:
    """Remind of what is under notice; a measure that waits for a promise has a reminder of its own (`deferring`)."""
    days = repair_policy().measure_remind_days
    soon = {"publish_at__gt": now, "publish_at__lte": now + timedelta(days=days)}
    noticed = HonorEntry.filter(state="noticed", kind__startswith="black-", display_suspended=False, **soon)
    deferred = Subquery(MeasureDeferral.filter(state="accepted").values("entry_id"))
    return await _remind_each(noticed.exclude(id__in=deferred), "measure", days, now)


async def _remind(about: str, days: int, due: dict[str, Any], now: datetime) -> int:
    return await _remind_each(HonorEntry.filter(state="published", **due), about, days, now)


async def _remind_each(due: QuerySet[HonorEntry], about: str, days: int, now: datetime) -> int:
    done = Subquery(ListingReminder.filter(about=about, days=days).values("entry_id"))
    entries = await due.exclude(id__in=done).order_by("id").limit(BATCH)
    if not entries:
        return 0
    async with transaction():
        fresh = await _mark(entries, about, days, now)
        await remind_of_listings(fresh, about, days, at=now)
    return len(fresh)


async def _mark(entries: Sequence[HonorEntry], about: str, days: int, now: datetime) -> list[HonorEntry]:
    rows = [{"id": new_id(), "entry_id": entry.id, "about": about, "days": days, "sent_at": now} for entry in entries]
    inserted = await bulk_insert(ListingReminder, rows, skip_conflicts=True)
    return [entry for entry, row in zip(entries, rows, strict=True) if row["id"] in inserted]
