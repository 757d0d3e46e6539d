"""A resident of good standing who has consented."""

from __future__ import annotations

import httpx
import pytest
from support.people import Caller
from support.scenes import a_consenting_resident

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.runtime import Runtime


@pytest.fixture
async def wang(app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator) -> Caller:
    """Born in 1946, of good standing, on no list."""
    return await a_consenting_resident(runtime, bureau)
