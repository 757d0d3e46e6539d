"""The demo has something of each: a manager and a clerk, a change that waits, and shops that signed up."""

from __future__ import annotations

import pytest

from xinyi_merchants.operators.roles import ROLES
from xinyi_merchants.registry.models import MerchantChange, MerchantOperator
from xinyi_merchants.registry.uscc import is_uscc
from xinyi_merchants.sign_ups.models import MerchantApplication
from xinyi_merchants.sign_ups.seeding import SIGN_UPS, seed_self_service
from xinyi_platform.features import CityPlan
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio


async def test_the_first_shop_has_every_role_and_something_waits(runtime: Runtime, plan: CityPlan) -> None:
    told: list[tuple[str, int, int]] = []
    await seed_self_service(runtime, plan, lambda *step: told.append(step))
    first = plan.shared["merchants"][0]
    people = await MerchantOperator.filter(merchant_id=first.id).values_list("role", flat=True)
    assert set(people) == set(ROLES)
    assert [row.after for row in await MerchantChange.filter(slot="open")] == [{"name": f"{first.name}(总店)"}]
    codes = await MerchantApplication.filter(state="waiting").values_list("uscc", flat=True)
    assert (len(codes), all(is_uscc(str(code)) for code in codes)) == (SIGN_UPS, True)
    assert told[-1] == ("sign-ups", SIGN_UPS, SIGN_UPS)
    assert [row["name"] for row in plan.shared["logins"]][-2:] == ["shop01-manager", "shop01-clerk"]
