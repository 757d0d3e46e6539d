"""Publish each month of the city once: its numbers and the choice of what is hidden are written down and stay.

A month is published some days after its end, since decisions are entered after they were made. Nothing is summed over
months, so that what one month hides follows from no other; and what is entered later is in no published month.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_platform.suppressing import hidden_numbers
from xinyi_platform.tenancy import whole_city
from xinyi_rewards.figures.counting import ADDS_UP, MEASURES
from xinyi_rewards.figures.models import OpenCell, OpenMonth
from xinyi_rewards.figures.months import last_months, month_of, months_between
from xinyi_rewards.figures.tables import Figures, figures_of

TOTAL = "total"
OPEN = (
    "red", "black", "repaired", "expired", "revoked", "objections", "objections_decided", "upheld", "dismissed",
    "objections_in_time", "objections_late", "repairs", "repairs_decided", "repairs_in_time", "repairs_late", "rewards",
    "rewards_used", "support",
)  # fmt: skip
"""The measures that are published."""
WAITS_DAYS = 5
MONTHS_BACK = 12
Cell = tuple[str, str]
"""A measure and a part of the city; `total` stands for all parts."""


async def freeze_months(runtime: Runtime) -> int:
    """Publish the months that are over and not published yet, each in a transaction of its own. Returns how many."""
    now = runtime.clock.now()
    return sum([await _freeze(name, now) for name in await _due(local_date(now))])


async def _due(today: date) -> list[str]:
    """Return the months to publish: all after the last published one, at first those of one year."""
    first, last = last_months((today - timedelta(days=WAITS_DAYS)).replace(day=1) - timedelta(days=1), MONTHS_BACK)
    newest = await OpenMonth.all().order_by("-month").first()
    names = [month.name for month in months_between(first, last)]
    return [name for name in names if newest is None or name > newest.month]


async def _freeze(name: str, at: datetime) -> bool:
    figures = await figures_of(whole_city(), [month_of(name)], [one for one in MEASURES if one.key in OPEN])
    numbers = numbers_of(figures, name)
    hidden = hidden_cells(numbers)
    row = {"id": new_id(), "month": name, "frozen_at": at}
    cells = [
        {"id": new_id(), "month_id": row["id"], "measure": measure, "part": part, "number": number,
         "is_shown": (measure, part) not in hidden}
        for (measure, part), number in numbers.items()
    ]  # fmt: skip
    async with transaction():
        if not await bulk_insert(OpenMonth, [row], skip_conflicts=True):
            return False
        await bulk_insert(OpenCell, cells)
    return True


def numbers_of(figures: Figures, month: str) -> dict[Cell, int]:
    """Return the cells of a month, those of the whole city among them."""
    numbers: dict[Cell, int] = {}
    for measure, counts in figures.counts.items():
        numbers |= {(measure, part): counts[part, month] for part in figures.parts}
        numbers[measure, TOTAL] = sum(counts[part, month] for part in figures.parts)
    return numbers


def hidden_cells(numbers: Mapping[Cell, int]) -> set[Cell]:
    """Return the cells of a month to hide; measures that add up are chosen together."""
    hidden: set[Cell] = set()
    grouped = {key for total, ways in ADDS_UP.items() for key in (total, *(one for way in ways for one in way))}
    groups = [{key} for key in dict.fromkeys(measure for measure, _ in numbers) if key not in grouped]
    groups += [{total, *(one for way in ways for one in way)} for total, ways in ADDS_UP.items()]
    for group in groups:
        some = {cell: number for cell, number in numbers.items() if cell[0] in group}
        hidden |= hidden_numbers(some, sums_of(some), keep_totals=False)
    return hidden


def sums_of(cells: Mapping[Cell, int]) -> list[dict[Cell, int]]:
    """Return what adds up among cells: parts to the whole city, and measures to measures in each of them."""
    measures, parts = (list(dict.fromkeys(cell[place] for cell in cells)) for place in (0, 1))
    sums: list[dict[Cell, int]] = [
        {(measure, part): -1 if part == TOTAL else 1 for part in parts} for measure in measures
    ]
    for total, ways in ADDS_UP.items():
        for way in ways if total in measures else ():
            sums += [{**{(one, part): 1 for one in way}, (total, part): -1} for part in parts]
    return sums
