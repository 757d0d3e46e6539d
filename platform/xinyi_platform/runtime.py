"""What one running instance holds, handed to domain functions piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from xinyi_platform.bureau import BureauClient
from xinyi_platform.cache import Cache, connect_cache
from xinyi_platform.clock import Clock, SystemClock
from xinyi_platform.events import EventBus
from xinyi_platform.files import FileStore
from xinyi_platform.keys import KeyRing
from xinyi_platform.settings import Settings

Part = TypeVar("Part")


@dataclass(slots=True)
class Runtime:
    """One instance's settings, clock, keys and connections. `parts` holds what features keep for its lifetime."""

    settings: Settings
    clock: Clock
    keys: KeyRing
    cache: Cache
    bureau: BureauClient
    files: FileStore
    events: EventBus
    parts: dict[type[Any], Any] = field(default_factory=dict)

    def part(self, kind: type[Part]) -> Part:
        """Return what a feature put into `parts` under its type."""
        found: Part = self.parts[kind]
        return found

    async def close(self) -> None:
        """Let go of every connection."""
        await self.bureau.close()
        await self.cache.close()


def build_runtime(settings: Settings, *, clock: Clock | None = None) -> Runtime:
    """Put an instance's parts together from its settings. Raises KeyRingError when the key ring cannot be read."""
    clock = clock or SystemClock()
    keys = KeyRing.load(settings.secret_file)
    cache = connect_cache(settings.redis_url)
    return Runtime(
        settings=settings,
        clock=clock,
        keys=keys,
        cache=cache,
        bureau=BureauClient.from_settings(settings, keys=keys, clock=clock),
        files=FileStore(Path(settings.files_dir), keys),
        events=EventBus(),
    )
