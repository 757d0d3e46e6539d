"""Dates in the city's time zone and money in yuan, as pages show them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from xinyi_platform.language import Language

CITY_ZONE = ZoneInfo("Asia/Shanghai")


def local_time(value: datetime | None) -> str:
    """Return a moment as 2026-11-23 10:00 in the city; nothing for None."""
    return "" if value is None else value.astimezone(CITY_ZONE).strftime("%Y-%m-%d %H:%M")


def local_date(value: date | datetime | None, language: Language = "zh") -> str:
    """Return a day written out: 2026年11月23日, or 23 Nov 2026; nothing for None."""
    if value is None:
        return ""
    day = value.astimezone(CITY_ZONE).date() if isinstance(value, datetime) else value
    if language == "en":
        return format_date(day, "d MMM y", locale="en")
    return f"{day.year}年{day.month}月{day.day}日"


def yuan(fen: int | None) -> str:
    """Return integer fen as ¥1,234.50; nothing for None."""
    if fen is None:
        return ""
    sign, amount = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}¥{amount // 100:,}.{amount % 100:02d}"
