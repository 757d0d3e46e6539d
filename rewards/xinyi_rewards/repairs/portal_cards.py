"""The reminders about a shop's listings on its portal's home: a shop has no notices of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request

from xinyi_merchants.registry import merchant_of_operator
from xinyi_platform.clock import local_date
from xinyi_platform.language import Text
from xinyi_platform.principals import Duty, Operator, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.reading import entries_about_merchant
from xinyi_rewards.repairs.models import ListingReminder, MeasureDeferral
from xinyi_rewards.repairs.telling import day_of, promise_words, words_of

_SPOKEN_OF = {"measure": "noticed", "repairable": "published", "ends": "published"}
"""In which state of its entry a reminder still holds."""


@dataclass(frozen=True, slots=True)
class ShopReminder:
    """What comes near, and where to act."""

    entry_id: UUID
    day: date
    title: Text
    body: Text


async def reminders_of(merchant_id: UUID, *, today: date) -> list[ShopReminder]:
    """Return the reminders that were sent about a shop's entries and still hold, the nearest day first."""
    entries = {entry.id: entry for entry in await entries_about_merchant(merchant_id)}
    sent = await ListingReminder.filter(entry_id__in=list(entries)).distinct().values_list("entry_id", "about")
    found = []
    for entry_id, about in sent:
        entry = entries[entry_id]
        day = day_of(entry, about)
        if entry.state == _SPOKEN_OF[about] and day is not None and day >= today:
            found.append(ShopReminder(entry_id, day, *words_of(entry, about)))
    for row in await MeasureDeferral.filter(merchant_id=merchant_id, state="accepted", is_reminded=True):
        found.append(ShopReminder(row.entry_id, row.due_on, *promise_words(row)))
    return sorted(found, key=lambda one: (one.day, one.title.zh))


async def reminder_card(request: Request[Any, Any, Any], _: dict[str, Any]) -> dict[str, Any] | None:
    """What comes near for the caller's shop; no card where nothing does."""
    caller = caller_of(request)
    if not isinstance(caller, Operator) or Duty.RUN not in caller.duties:
        return None
    runtime: Runtime = request.app.state.runtime
    shop = await merchant_of_operator(caller.id)
    reminders = await reminders_of(shop.id, today=local_date(runtime.clock.now()))
    return {"reminders": reminders} if reminders else None
