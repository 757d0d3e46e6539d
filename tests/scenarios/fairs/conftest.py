"""A fair on Saturday."""

from __future__ import annotations

import httpx
import pytest
from support.fairs import Fairground, a_fairground

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.runtime import Runtime


@pytest.fixture
async def fair(app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator) -> Fairground:
    return await a_fairground(app_client, runtime, bureau)
