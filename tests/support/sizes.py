"""Look at a running instance: the memory of a process, and the addresses of its merchants' pages."""

from __future__ import annotations

import asyncio
from pathlib import Path

from support.instance import Instance

from xinyi_merchants.registry.models import Merchant
from xinyi_platform.app import all_features, model_modules
from xinyi_platform.database import connect_database


def memory_of(pid: int) -> float:
    """Return a process's resident memory in MB."""
    line = next(row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def pages_of(instance: Instance) -> list[str]:
    """Return the addresses of the merchants' public pages."""

    async def read() -> list[str]:
        async with connect_database(instance.environment["XINYI_DATABASE_URL"], model_modules(all_features())):
            return [f"/m/{code}" for code in await Merchant.all().limit(20).values_list("code", flat=True)]

    return asyncio.run(read())
