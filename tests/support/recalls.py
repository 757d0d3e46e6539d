"""What receivers of lists do: read and export them, and answer recalls."""

from __future__ import annotations

from uuid import UUID

import httpx
from support.lists import approve, make, person
from support.people import Caller
from support.scenes import post_form

from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry

KIND = "red-good-neighbour"
SHEET = "/console/recalls/sheet"
ENTRIES = f"/partner/v1/honor-lists/{KIND}/entries"


async def publish(client: httpx.AsyncClient, maker: Caller, reviewer: Caller, *numbers: int) -> list[HonorEntry]:
    """Put residents on a published list; returns their entries."""
    made = await make(client, maker, [person(number) for number in numbers])
    await approve(client, maker, reviewer, made)
    return await HonorEntry.filter(honor_list_id=made).order_by("id")


async def end(runtime: Runtime, entry: HonorEntry, event: str = "revoke") -> None:
    """End an entry, which recalls it."""
    assert await end_entry(runtime, entry.id, event, actor="staff:x", reason="登记有误", at=runtime.clock.now())


async def read(client: httpx.AsyncClient, who: Caller, path: str = ENTRIES) -> httpx.Response:
    """Read what a partner may, the entries of a list where nothing else is said."""
    client.cookies.clear()
    return await client.get(path, headers=who.headers())


async def export(client: httpx.AsyncClient, who: Caller, kind: str = KIND) -> httpx.Response:
    """Export a list in the console."""
    return await post_form(client, who, SHEET, {"kind": kind})


async def acknowledge(client: httpx.AsyncClient, who: Caller, recall: UUID | str, key: str = "k") -> httpx.Response:
    """Acknowledge a recall as a partner does."""
    client.cookies.clear()
    headers = {**who.headers(), "Idempotency-Key": key}
    return await client.post(f"/partner/v1/recalls/{recall}/acknowledge", headers=headers)
