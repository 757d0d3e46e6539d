"""A small city of merchants for the merchants' tests."""

from __future__ import annotations

from typing import Any

import pytest

from xinyi_merchants.registry.seeding import seed_merchants
from xinyi_platform.features import CityPlan


@pytest.fixture
async def plan(runtime: Any) -> CityPlan:
    """Twelve merchants, seeded as the demo seeds them."""
    made = CityPlan(residents=0, merchants=12, shared={})
    await seed_merchants(runtime, made, lambda *_: None)
    return made
