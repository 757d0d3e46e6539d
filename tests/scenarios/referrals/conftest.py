"""Two banks, and a resident who has had the first one told."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from support.banks import a_bank, a_held_referral, offer
from support.people import Caller

from xinyi_platform.runtime import Runtime


@pytest.fixture
async def bank(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_bank(runtime)


@pytest.fixture
async def other_bank(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_bank(runtime, 2)


@pytest.fixture
async def held(app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller) -> dict[str, Any]:
    return await a_held_referral(app_client, runtime, wang)


@pytest.fixture
async def told(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: dict[str, Any], bank: Caller
) -> dict[str, Any]:
    """A yes to the first bank, not yet fetched."""
    answer = await offer(app_client, runtime, wang, held, bank)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found
