"""A signed promise and the office that receives it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from support.people import Caller
from support.promises import a_signed_promise, an_office

from xinyi_platform.runtime import Runtime


@pytest.fixture
async def office(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await an_office(runtime)


@pytest.fixture
async def signed(app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, office: Caller) -> dict[str, Any]:
    """Two papers, 20 days, 10 more to make it good."""
    return await a_signed_promise(app_client, runtime, wang)
