"""What is streamed in and cannot be stored is the caller's error, as it is elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tortoise.exceptions import OperationalError

from xinyi_platform.clock import FixedClock
from xinyi_platform.database import is_postgres, transaction
from xinyi_platform.database.bulk import copy_in
from xinyi_platform.errors import InvalidInput
from xinyi_platform.files import StoredFile
from xinyi_platform.ids import new_id
from xinyi_platform.problems import as_domain_error
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio


async def test_a_character_that_the_database_does_not_store_is_an_invalid_input(
    runtime: Runtime, clock: FixedClock
) -> None:
    if not is_postgres():
        pytest.skip("SQLite stores it")
    names = ["id", "digest", "purpose", "owner", "size_bytes", "width", "height", "created_at"]

    async def batches() -> AsyncIterator[list[tuple[object, ...]]]:
        yield [(new_id(), "0" * 64, "test", "a\x00b", 1, 1, 1, clock.now())]

    with pytest.raises(OperationalError) as raised:
        async with transaction():
            await copy_in(StoredFile, names, batches())
    assert isinstance(as_domain_error(raised.value, "zh"), InvalidInput)
    assert not await StoredFile.exists()
