"""What is done after a commit is done once the effects can be seen, and never after a rollback."""

from __future__ import annotations

from contextlib import suppress

import pytest

from xinyi_platform.database import after_commit, transaction
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio


class Told:
    """Notes the order of what happens."""

    def __init__(self) -> None:
        self.words: list[str] = []

    async def note(self, word: str) -> None:
        await after_commit(lambda: self._say(word))

    async def _say(self, word: str) -> None:
        self.words.append(word)


async def test_it_waits_for_the_outermost_commit(runtime: Runtime) -> None:
    told = Told()
    async with transaction():
        await told.note("first")
        async with transaction():
            await told.note("second")
        assert told.words == []
    assert told.words == ["first", "second"]


async def test_it_is_dropped_with_what_was_rolled_back(runtime: Runtime) -> None:
    told = Told()
    with suppress(KeyError):
        async with transaction():
            await told.note("lost")
            raise KeyError
    async with transaction():
        await told.note("kept")
        with suppress(KeyError):
            async with transaction():
                await told.note("lost as well")
                raise KeyError
    assert told.words == ["kept"]


async def test_without_a_transaction_it_is_done_at_once(runtime: Runtime) -> None:
    told = Told()
    await told.note("now")
    assert told.words == ["now"]
