"""The table of states: every edge that it lacks is refused and changes nothing."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from xinyi_platform.errors import NotFound, TransitionForbidden
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.claims import Claimed, ClaimOrder, settle_claims
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import OPEN, TRANSITIONS, USABLE, advance, booking_for
from xinyi_scenarios.ledger import balance_of
from xinyi_scenarios.ledger.models import LedgerJournal
from xinyi_scenarios.quotas import open_quota
from xinyi_scenarios.quotas.models import Quota

EVENTS = sorted({event for edges in TRANSITIONS.values() for event in edges})
EDGES = {(state, event) for state, edges in TRANSITIONS.items() for event in edges}
FORBIDDEN = sorted(set(product(TRANSITIONS, EVENTS)) - EDGES)
ENDED = {"redeemed", "expired", "cancelled", "withdrawn"}


def test_the_table_leads_only_to_states_that_it_has() -> None:
    assert {target for edges in TRANSITIONS.values() for target in edges.values()} <= set(TRANSITIONS)
    assert set(TRANSITIONS) - OPEN == ENDED
    assert USABLE < OPEN


@pytest.mark.parametrize(("state", "event"), FORBIDDEN)
def test_a_missing_edge_is_refused(state: str, event: str) -> None:
    with pytest.raises(TransitionForbidden) as refused:
        advance(state, event)
    assert refused.value.status == 409


@pytest.mark.parametrize(("state", "event"), sorted(EDGES))
def test_a_unit_moves_in_the_books_exactly_when_it_changes_hands(state: str, event: str) -> None:
    """To end, to be used and to be used no longer are moves; to wait, to pause and to go on are none."""
    moves = event not in ("settle", "suspend", "resume")
    assert (booking_for(state, event) is not None) is moves


@pytest.mark.anyio
@pytest.mark.parametrize("state", sorted(TRANSITIONS))
async def test_no_missing_edge_changes_a_row_the_quota_or_the_books(runtime: Runtime, state: str) -> None:
    now = runtime.clock.now()
    quota = await open_quota("travel", "2026-11", total=3, at=now)
    order = ClaimOrder(
        scenario="travel", version=1, resident_id=new_id(), period="2026-11", quota_id=quota.id, benefit={},
        valid_until=now + timedelta(days=30), scope="test", key="k", fingerprint="f", at=now,
    )  # fmt: skip
    (claimed,) = await settle_claims([order])
    assert isinstance(claimed, Claimed)
    await Entitlement.filter(id=claimed.held.id).update(state=state)
    before = (await Quota.get(id=quota.id)).used, await balance_of(quota.id), await LedgerJournal.all().count()
    for event in [event for event in EVENTS if event not in TRANSITIONS[state]] + ["steal"]:
        with pytest.raises(TransitionForbidden):
            await change_entitlement(claimed.held.id, event, actor="test", at=now)
    assert (await Entitlement.get(id=claimed.held.id)).state == state
    after = (await Quota.get(id=quota.id)).used, await balance_of(quota.id), await LedgerJournal.all().count()
    assert after == before


@pytest.mark.anyio
async def test_what_there_is_not_cannot_change(runtime: Runtime) -> None:
    with pytest.raises(NotFound):
        await change_entitlement(new_id(), "cancel", actor="test", at=runtime.clock.now())
