"""Somebody else who is quicker: between the reading and the writing of an act, or while it holds its locks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.parties import Party, entry_of


def after_reading(then: Callable[[], Awaitable[object]]) -> Callable[[Party, UUID], Awaitable[HonorEntry]]:
    """Read an entry as it is asked for; somebody else changes it before anything is written."""

    async def read(party: Party, entry_id: UUID) -> HonorEntry:
        entry = await entry_of(party, entry_id)
        await then()
        return entry

    return read


class SlowAfter:
    """Take a step, and hold its locks for a while, so that whoever comes at that moment has to wait."""

    def __init__(self, act: Callable[..., Awaitable[Any]]) -> None:
        self._act = act
        self._taken = asyncio.Event()

    async def __call__(self, *given: Any, **named: Any) -> Any:
        found = await self._act(*given, **named)
        self._taken.set()
        await asyncio.sleep(0.4)
        return found

    async def taken(self) -> None:
        """Wait until the step has been taken and its locks are held, however busy the machine is."""
        await asyncio.wait_for(self._taken.wait(), 60)
