"""Open data as it was published: datasets of frozen months, hidden numbers left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from xinyi_platform.clock import local_date
from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_rewards.figures.counting import NAMES
from xinyi_rewards.figures.freezing import MONTHS_BACK, OPEN
from xinyi_rewards.figures.models import OpenCell, OpenMonth

DATASETS: dict[str, tuple[Text, tuple[str, ...]]] = {
    "lists": (Text("名单", "Lists"), OPEN[:5]),
    "objections": (Text("异议与修复", "Objections and repairs"), OPEN[5:15]),
    "rewards": (Text("奖励与支持", "Rewards and support"), OPEN[15:]),
}


@dataclass(frozen=True, slots=True)
class OpenRow:
    """One number; None: hidden."""

    measure: str
    part: str
    month: str
    number: int | None

    @property
    def name(self) -> Text:
        return NAMES.get(self.measure, Text(self.measure, self.measure))


@dataclass(frozen=True, slots=True)
class Published:
    """A dataset's months with their numbers; `as_of` is the day of the last one's publication, None without any."""

    as_of: date | None
    months: Sequence[str]
    rows: Sequence[OpenRow]


async def published_years() -> list[str]:
    """Return the calendar years of which months are published, the newest first."""
    names = await OpenMonth.all().order_by("-month").values_list("month", flat=True)
    return list(dict.fromkeys(str(name)[:4] for name in names))


async def published_of(dataset: str, *, year: str = "") -> Published:
    """Return a dataset of a calendar year, or of the twelve newest months. Raises NotFound (404)."""
    if dataset not in DATASETS:
        raise NotFound
    found = OpenMonth.filter(month__startswith=f"{year}-") if year else OpenMonth.all()
    months = sorted(await found.order_by("-month").limit(MONTHS_BACK), key=lambda month: month.month)
    if year and not months:
        raise NotFound
    names = {month.id: month.month for month in months}
    cells = await OpenCell.filter(month_id__in=list(names), measure__in=list(DATASETS[dataset][1]))
    places = {key: place for place, key in enumerate(OPEN)}
    cells.sort(key=lambda cell: (places[cell.measure], cell.part, names[cell.month_id]))
    rows = [OpenRow(c.measure, c.part, names[c.month_id], c.number if c.is_shown else None) for c in cells]
    return Published(local_date(max(m.frozen_at for m in months)) if months else None, list(names.values()), rows)
