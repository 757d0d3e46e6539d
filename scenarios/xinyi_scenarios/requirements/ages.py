"""Ages in full years, and the day on which one is reached."""

from __future__ import annotations

from datetime import date


def full_years(born: date, today: date) -> int:
    """Return the age in full years; one born on 29 February turns a year older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def anniversary(born: date, years: int) -> date:
    """Return the day on which somebody turns `years`."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)
