"""Do one of many by itself, so that one that fails holds up none of those behind it."""

from __future__ import annotations

from collections.abc import Awaitable

import structlog

from xinyi_platform.database import transaction

log = structlog.get_logger(__name__)


async def done_apart(act: Awaitable[object], failed: str, **about: object) -> bool:
    """Await an act upon one row in a transaction of its own. Returns whether it did something.

    One that fails is rolled back and logged as `failed` with what it is `about`, never a person's data; it stays due.
    """
    try:
        async with transaction():
            return bool(await act)
    except Exception as failure:
        log.error(failed, error=type(failure).__name__, **{name: str(value) for name, value in about.items()})
        return False
