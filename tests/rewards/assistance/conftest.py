"""A credit office, a listing of wang that can be repaired, and a shop with one."""

from __future__ import annotations

import httpx
import pytest
from support.helping import listed
from support.people import Caller, a_member_of_staff
from support.scenes import Shop, a_shop

from xinyi_merchants.registry.models import Merchant
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    """The credit office."""
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


@pytest.fixture
async def entry(app_client: httpx.AsyncClient, xu: Caller, zhou: Caller, wang: Caller) -> HonorEntry:
    """A published listing of wang whose shortest term is over."""
    return await listed(app_client, xu, zhou)


@pytest.fixture
async def shop(app_client: httpx.AsyncClient, runtime: Runtime) -> Shop:
    return await a_shop(runtime, "catering")


@pytest.fixture
async def shop_entry(app_client: httpx.AsyncClient, xu: Caller, zhou: Caller, shop: Shop) -> HonorEntry:
    """A published listing of the shop whose shortest term is over."""
    merchant = await Merchant.get(id=shop.merchant.id)
    return await listed(app_client, xu, zhou, subject_kind="merchant", name=merchant.name, number=merchant.uscc)
