"""Group commit: requests that wait on the same hot row share one transaction.

One act a transaction holds a hot row's lock for a whole commit, which caps the rate whatever the load. Here,
while one group commits, the next one gathers. Nobody is answered before the commit. A group that fails as a
whole is retried one by one, so that one bad member cannot fail the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

import structlog

from xinyi_platform.tenancy import serving

Item = TypeVar("Item")
Result = TypeVar("Result")
Settle = Callable[[Hashable, Sequence[Item]], Awaitable[Sequence[Result | Exception]]]

log = structlog.get_logger(__name__)


class GroupCommit(Generic[Item, Result]):
    """Gather items by key and settle each key's items in groups, in order of arrival.

    `settle` runs one transaction over a key's group and returns one result or exception for each item; when it
    raises, nothing of the group was kept. A group has `most` items at most; 1 turns the grouping off.
    """

    def __init__(self, settle: Settle[Item, Result], *, most: int) -> None:
        self._settle = settle
        self._most = most
        self._waiting: dict[Hashable, deque[tuple[Item, asyncio.Future[Result]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, key: Hashable, item: Item) -> Result:
        """Settle one item together with the others that wait on `key`; return its result or raise its exception."""
        if self._most == 1:
            return await self._settle_alone(key, item)
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        if key in self._waiting:
            self._waiting[key].append((item, future))
        else:
            self._waiting[key] = deque([(item, future)])
            with serving(None):  # whoever comes first: a group is settled for all, in no area of staff
                task = asyncio.get_running_loop().create_task(self._drain(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(future)

    async def _settle_alone(self, key: Hashable, item: Item) -> Result:
        result = (await self._settle(key, [item]))[0]
        if isinstance(result, Exception):
            raise result
        return result

    async def close(self) -> None:
        """Wait until everything that was accepted is settled."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _drain(self, key: Hashable) -> None:
        queue = self._waiting[key]
        while queue:
            group = [queue.popleft() for _ in range(min(self._most, len(queue)))]
            results = await self._settle_group(key, [item for item, _ in group])
            for (_, future), result in zip(group, results, strict=True):
                _answer(future, result)
        del self._waiting[key]

    async def _settle_group(self, key: Hashable, items: Sequence[Item]) -> Sequence[Result | Exception]:
        try:
            return await self._settle(key, items)
        except Exception as error:
            if len(items) == 1:
                return [error]
            log.warning("group_retried_one_by_one", size=len(items), error=type(error).__name__)
        return [await self._settle_one(key, item) for item in items]

    async def _settle_one(self, key: Hashable, item: Item) -> Result | Exception:
        try:
            return (await self._settle(key, [item]))[0]
        except Exception as error:
            return error


def _answer(future: asyncio.Future[Result], result: Result | Exception) -> None:
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
        future.exception()
    else:
        future.set_result(result)
