"""Those who make lists, review them, and are on them."""

from __future__ import annotations

import httpx
import pytest
from support.people import Caller, a_member_of_staff, a_resident

from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime


@pytest.fixture
async def lin(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    """A community worker."""
    return await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="lin")


@pytest.fixture
async def zhou(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    """A reviewer."""
    return await a_member_of_staff(runtime, Role.REVIEWER, username="zhou")


@pytest.fixture
async def wang(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    """The resident of number 1, 王小丽."""
    return await a_resident(runtime, 1)
