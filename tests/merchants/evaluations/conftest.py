"""An open round whose survey runs."""

from __future__ import annotations

import httpx
import pytest
from support.rounds import Scene, a_round

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.runtime import Runtime


@pytest.fixture
async def scene(app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator) -> Scene:
    return await a_round(app_client, runtime, bureau)
