"""Stickers of the small city's shops, and somebody who prints them."""

from __future__ import annotations

from typing import Any

import pytest
from support.people import Caller, a_member_of_staff

from xinyi_merchants.registry.fonts import FontFile, find_chinese_font
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.issuing import sticker_url
from xinyi_merchants.stickers.models import Sticker
from xinyi_platform.features import CityPlan
from xinyi_platform.principals import Role

DIVISION = "410611001001"  # where the tests' staff serve


@pytest.fixture(scope="session")
def font() -> FontFile:
    return find_chinese_font()


@pytest.fixture
async def shop(plan: CityPlan) -> Merchant:
    """A shop of the seeded city, moved to where the tests' staff serve."""
    row = await Merchant.get(id=plan.shared["merchants"][0].id)
    row.division = DIVISION
    await row.save()
    return row


@pytest.fixture
async def sticker(shop: Merchant) -> Sticker:
    return await Sticker.get(merchant_id=shop.id)


@pytest.fixture
def printed(runtime: Any, sticker: Sticker) -> str:
    """The printed code, as it stands in the address."""
    return sticker_url(runtime, sticker).rpartition("/")[2]


@pytest.fixture
async def lin(runtime: Any) -> Caller:
    return await a_member_of_staff(runtime, Role.COMMUNITY_WORKER)
