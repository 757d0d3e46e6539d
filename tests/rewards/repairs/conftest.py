"""A credit office, and a listing of a resident or a shop that can be repaired."""

from __future__ import annotations

import httpx
import pytest
from support.people import Caller, a_member_of_staff

from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    """The credit office."""
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


@pytest.fixture
async def sun(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    """Another person of the credit office, who made nothing."""
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="sun")
