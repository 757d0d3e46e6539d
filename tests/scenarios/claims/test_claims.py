"""The claim: never one too many, never twice, and every unit in the books."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from xinyi_platform.database import GroupCommit
from xinyi_platform.idempotency import IdempotencyKeyReused
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.claims import AlreadyClaimed, Claimed, ClaimOrder, SoldOut, settle_claims
from xinyi_scenarios.entitlements.changing import change_entitlement, expire_due
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.ledger import balance_of
from xinyi_scenarios.quotas import QuotaBelowUse, change_total, open_quota
from xinyi_scenarios.quotas.models import Quota

pytestmark = pytest.mark.anyio


async def order(
    runtime: Runtime, quota_id: UUID, *, resident: UUID | None = None, key: str = "", **more: object
) -> ClaimOrder:
    resident = resident or new_id()
    now = runtime.clock.now()
    values = {
        "scenario": "travel",
        "version": 1,
        "resident_id": resident,
        "period": "2026-11",
        "quota_id": quota_id,
        "benefit": {"percent_off": 20},
        "valid_until": now + timedelta(days=30),
        "scope": f"resident:{resident} claim",
        "key": key or str(new_id()),
        "fingerprint": "f" * 64,
        "at": now,
    }
    return ClaimOrder(**{**values, **more})


async def claim_all(orders: list[ClaimOrder]) -> list[object]:
    groups = GroupCommit(lambda _, group: settle_claims(group), most=64)
    return await asyncio.gather(*(groups.submit("quota", one) for one in orders), return_exceptions=True)


async def test_two_hundred_claims_on_fifty_units_issue_exactly_fifty(runtime: Runtime) -> None:
    quota = await open_quota("travel", "2026-11", total=50, at=runtime.clock.now())
    answers = await claim_all([await order(runtime, quota.id) for _ in range(200)])
    assert sum(isinstance(a, Claimed) for a in answers) == 50
    assert sum(isinstance(a, SoldOut) for a in answers) == 150
    assert (await Quota.get(id=quota.id)).used == 50
    assert await balance_of(quota.id) == {"pool": -50, "resident": 50}


async def test_a_repeated_key_gets_the_same_entitlement_once(runtime: Runtime) -> None:
    quota = await open_quota("travel", "2026-11", total=5, at=runtime.clock.now())
    resident = new_id()
    orders = [await order(runtime, quota.id, resident=resident, key="once") for _ in range(6)]
    answers = await claim_all(orders)
    assert all(isinstance(a, Claimed) for a in answers)
    assert len({a.held.id for a in answers if isinstance(a, Claimed)}) == 1
    assert sum(not a.replayed for a in answers if isinstance(a, Claimed)) == 1
    assert (await Quota.get(id=quota.id)).used == 1


async def test_a_reused_key_with_another_body_is_refused(runtime: Runtime) -> None:
    quota = await open_quota("travel", "2026-11", total=5, at=runtime.clock.now())
    resident = new_id()
    await claim_all([await order(runtime, quota.id, resident=resident, key="k")])
    answers = await claim_all([await order(runtime, quota.id, resident=resident, key="k", fingerprint="0" * 64)])
    assert isinstance(answers[0], IdempotencyKeyReused)


async def test_a_resident_claims_once_in_a_period_and_again_after_giving_back(runtime: Runtime) -> None:
    quota = await open_quota("travel", "2026-11", total=5, at=runtime.clock.now())
    resident = new_id()
    first, second = await claim_all([await order(runtime, quota.id, resident=resident) for _ in range(2)])
    assert isinstance(first, Claimed)
    assert isinstance(second, AlreadyClaimed)
    await change_entitlement(first.held.id, "cancel", actor="test", at=runtime.clock.now())
    third = (await claim_all([await order(runtime, quota.id, resident=resident)]))[0]
    assert isinstance(third, Claimed)
    assert (await Quota.get(id=quota.id)).used == 1
    assert await balance_of(quota.id) == {"pool": -1, "resident": 1}


async def test_a_total_below_what_is_used_is_refused(runtime: Runtime) -> None:
    quota = await open_quota("travel", "2026-11", total=5, at=runtime.clock.now())
    await claim_all([await order(runtime, quota.id) for _ in range(3)])
    with pytest.raises(QuotaBelowUse):
        await change_total(quota.id, total=2, is_open=True)
    assert (await change_total(quota.id, total=3, is_open=True)).left == 0


async def test_an_expired_hold_returns_its_unit_and_an_expired_entitlement_does_not(runtime: Runtime) -> None:
    now = runtime.clock.now()
    quota = await open_quota("travel", "2026-11", total=5, at=now)
    held, issued = await claim_all(
        [
            await order(runtime, quota.id, state="reserved", reserved_until=now + timedelta(hours=2)),
            await order(runtime, quota.id),
        ]
    )
    assert isinstance(held, Claimed)
    assert isinstance(issued, Claimed)
    assert await expire_due(now + timedelta(hours=3)) == 1
    assert (await Quota.get(id=quota.id)).used == 1
    assert await expire_due(now + timedelta(days=31)) == 1
    assert (await Entitlement.get(id=issued.held.id)).state == "expired"
    assert (await Quota.get(id=quota.id)).used == 1
    assert await balance_of(quota.id) == {"pool": -1, "resident": 0, "expired": 1}
