"""A yes that holds no more is recalled, also after its acknowledgement; what cannot be told changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.banks import receive
from support.people import Caller

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.notices.models import Notice
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.referrals.models import Referral
from xinyi_scenarios.referrals.rechecking import recheck_grounds

pytestmark = pytest.mark.anyio


async def test_a_yes_is_looked_at_once_a_day_and_recalled_when_it_would_be_no(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    bureau: Simulator,
    bank: Caller,
    told: dict[str, Any],
    clock: FixedClock,
) -> None:
    await receive(app_client, runtime, bank, told, "ack")
    assert await recheck_grounds(runtime) == 0
    clock.advance(timedelta(days=1, minutes=1))
    assert await recheck_grounds(runtime) == 0
    bureau.overrides[synthetic_identity_number(1)] = ("serious", False)
    clock.advance(timedelta(hours=1))
    assert await recheck_grounds(runtime) == 0
    clock.advance(timedelta(days=1))
    assert await recheck_grounds(runtime) == 1
    row = await Referral.get(id=told["id"])
    assert (row.state, row.recall_reason) == ("recalled", "ground")
    assert row.recall.count(".") == 2
    assert await Notice.filter(resident_id=row.resident_id, kind__startswith="referral").exists()
    assert await recheck_grounds(runtime) == 0


async def test_a_silent_bureau_recalls_nothing(
    runtime: Runtime, bureau: Simulator, told: dict[str, Any], clock: FixedClock
) -> None:
    bureau.overrides[synthetic_identity_number(1)] = ("serious", False)
    bureau.mode = "down"
    clock.advance(timedelta(days=2))
    assert await recheck_grounds(runtime) == 0
    assert (await Referral.get(id=told["id"])).slot == "live"
