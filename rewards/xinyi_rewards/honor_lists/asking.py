"""How often somebody who makes lists may ask about people: each check tells whether somebody is on a black list."""

from __future__ import annotations

from xinyi_platform.cache import Cache
from xinyi_platform.principals import Staff
from xinyi_platform.rate_limits import limit

SHEETS_AN_HOUR = 60
ROWS_AN_HOUR = 300
"""Typed one by one: a row every 12 seconds."""
_HOUR = 3_600


async def count_sheet(cache: Cache, maker: Staff) -> None:
    """Count a sheet of a person's, by whichever account and door. Raises TooManyRequests (429)."""
    await limit(cache, f"list-sheet:{maker.person}", times=SHEETS_AN_HOUR, per_seconds=_HOUR)


async def count_row(cache: Cache, maker: Staff) -> None:
    """Count a row that a person typed, by whichever account and door. Raises TooManyRequests (429)."""
    await limit(cache, f"list-row:{maker.person}", times=ROWS_AN_HOUR, per_seconds=_HOUR)
