"""Each flow says since when an entitlement is used."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from tortoise import Model

from xinyi_platform.clock import FixedClock
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.flows import FLOWS
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.passes.models import CounterPass
from xinyi_scenarios.passes.states import TRANSITIONS, USED
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.using import FLOW_USES, first_uses

pytestmark = pytest.mark.anyio


async def test_every_flow_of_the_house_says_it(runtime: Runtime) -> None:
    flows = {scene.flow for scene in runtime.part(Catalogue).all()}
    assert flows <= set(FLOW_USES) <= set(FLOWS.names())


async def kept(model: type[Model], held: UUID, **values: object) -> None:
    await model.create(id=new_id(), entitlement_id=held, **values)


async def redeemed(held: UUID, at: datetime, slot: str = "live") -> None:
    await kept(Redemption, held, slot=slot, scenario="checkup", actor="op", channel="portal", redeemed_at=at)


async def ordered(held: UUID, number: str, at: datetime, started_at: datetime | None, state: str = "doing") -> None:
    await kept(
        ServiceOrder, held, partner_id=new_id(), out_order_no=number, scenario="read", resident_id=new_id(),
        state=state, waived_deposit_fen=100, fee_items=[], due_at=at, created_at=at, started_at=started_at,
    )  # fmt: skip


async def numbered(held: UUID, number: int, at: datetime, state: str) -> None:
    owed = {"amount_fen": 5, "due_on": date(2027, 1, 1)} if state in ("owing", "overdue", "settled") else {}
    await kept(
        CounterPass, held, resident_id=new_id(), scenario="medical", counter="a", day=date(2026, 11, 23),
        number=number, state=state, booked_at=at, served_at=at if state in USED else None, **owed,
    )  # fmt: skip


async def test_a_voucher_is_used_at_a_till_unless_it_was_reversed(runtime: Runtime, clock: FixedClock) -> None:
    used, back, never = new_id(), new_id(), new_id()
    await redeemed(used, clock.now())
    await redeemed(back, clock.now(), slot=str(new_id()))
    assert await first_uses([used, back, never]) == {used: clock.now()}


async def test_a_waiver_is_used_with_the_first_order_that_began(runtime: Runtime, clock: FixedClock) -> None:
    used, waiting = new_id(), new_id()
    earlier = clock.now() - timedelta(days=3)
    await ordered(used, "1", earlier, clock.now())
    await ordered(used, "2", earlier, earlier, state="done")
    await ordered(waiting, "3", earlier, None, state="created")
    assert await first_uses([used, waiting]) == {used: earlier}


async def test_a_pass_is_used_when_it_was_served_paid_or_not(runtime: Runtime, clock: FixedClock) -> None:
    held = {state: new_id() for state in TRANSITIONS}
    for number, (state, one) in enumerate(held.items(), 1):
        await numbered(one, number, clock.now(), state)
    assert set(await first_uses(held.values())) == {held[state] for state in USED}
