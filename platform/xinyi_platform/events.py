"""News between features inside one transaction: a publisher's struct, and who listens to it.

Where both must happen or neither, a listener runs in the publisher's transaction and its failure rolls both
back. News that may arrive later, or must leave the house, goes through the outbox instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

Event = TypeVar("Event")
Listener = Callable[[Any], Awaitable[None]]


class EventBus:
    """Who listens to what. Filled at start by the features, then only read."""

    def __init__(self) -> None:
        self._listeners: dict[type[Any], list[Listener]] = defaultdict(list)

    def listen(self, kind: type[Event], listener: Callable[[Event], Awaitable[None]]) -> None:
        """Call `listener` for each event of a kind, in the order of registration."""
        self._listeners[kind].append(listener)

    async def publish(self, event: object) -> None:
        """Tell the listeners, one after the other, in the caller's transaction."""
        for listener in self._listeners[type(event)]:
            await listener(event)
