"""Gates with and without network: who is let in, and what is settled later in whatever order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from support.fairs import BEGINS, Fairground
from support.scenes import ask, problem_code

from xinyi_scenarios.entitlements.codes import sign_code
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.fairs.booking import settle_tickets
from xinyi_scenarios.fairs.gate import Snapshot, SnapshotUnreadable, Verdict, read_snapshot, verify_at_gate
from xinyi_scenarios.fairs.models import FairScan, FairTicket

pytestmark = pytest.mark.anyio


async def test_a_gate_lets_in_once_and_reports_who_comes_again(fair: Fairground) -> None:
    held = await fair.ticket()
    fair.move_to(BEGINS + timedelta(minutes=10))
    first, second = fair.scan(held), fair.scan(held, minutes=5, gate="south")
    assert await fair.settle(first) == ["admitted"]
    assert await fair.settle(second) == ["duplicate"]
    assert (await Entitlement.get()).state == "redeemed"
    listed = await fair.get("scans?outcome=duplicate")
    assert [(row["id"], row["gate"]) for row in listed] == [(second["id"], "south")]
    assert len(await fair.get("scans")) == 2


async def test_a_batch_that_is_sent_again_changes_nothing(fair: Fairground) -> None:
    held = await fair.ticket()
    fair.move_to(BEGINS + timedelta(hours=1))
    scans = [fair.scan(held, minutes=minute) for minute in (1, 2)]
    assert [await fair.settle(*scans) for _ in range(2)] == [["admitted", "duplicate"]] * 2
    assert await FairScan.all().count() == 2


async def test_in_whatever_order_scans_arrive_the_earliest_admitted(fair: Fairground) -> None:
    held = await fair.ticket()
    fair.move_to(BEGINS + timedelta(hours=2))
    scans = [fair.scan(held, minutes=minute) for minute in (3, 7, 11, 20)]
    for order in permutations(range(4)):
        await FairScan.all().delete()
        await FairTicket.all().update(state="booked", entered_at=None)
        for at in order:
            await fair.settle(scans[at])
        rows = {str(row.id): row.outcome for row in await FairScan.all()}
        assert [rows[scan["id"]] for scan in scans] == ["admitted", *["duplicate"] * 3], order
        ticket = await FairTicket.get()
        assert (ticket.state, ticket.entered_at) == ("entered", BEGINS + timedelta(minutes=3))


async def test_a_clock_that_runs_ahead_counts_from_the_arrival(fair: Fairground) -> None:
    held = await fair.ticket()
    fair.move_to(BEGINS + timedelta(minutes=5))
    ahead = fair.scan(held, minutes=600)
    assert await fair.settle(ahead) == ["admitted"]
    assert await fair.settle(fair.scan(held, minutes=1)) == ["admitted"]
    assert (await FairScan.get(id=ahead["id"])).outcome == "duplicate"


@pytest.mark.parametrize(
    ("minutes", "outcome"), [(-31, "wrong_time"), (-30, "admitted"), (179, "admitted"), (180, "wrong_time")]
)
async def test_gates_open_half_an_hour_early_and_close_with_the_slot(
    fair: Fairground, minutes: int, outcome: str
) -> None:
    held = await fair.ticket()
    fair.move_to(BEGINS + timedelta(hours=5))
    assert await fair.settle(fair.scan(held, minutes=minutes)) == [outcome]


async def test_what_was_given_back_or_never_booked_is_kept_and_said(fair: Fairground) -> None:
    who, held = await fair.resident(1)
    await fair.book(who, held)
    await ask(fair.client, who, f"/api/v1/entitlements/{held['id']}/fair-ticket/cancel")
    fair.move_to(BEGINS + timedelta(minutes=1))
    assert await fair.settle(fair.scan(held), fair.scan({"code": "0000000000"})) == ["cancelled", "unknown"]
    assert await FairScan.all().count() == 2


async def test_a_gate_that_settles_after_the_day_still_counts(fair: Fairground) -> None:
    held = await fair.ticket()
    await settle_tickets(BEGINS + timedelta(hours=4))
    fair.move_to(BEGINS + timedelta(days=2))
    assert await fair.settle(fair.scan(held, minutes=9)) == ["admitted"]
    assert (await FairTicket.get()).state == "entered"
    assert (await Entitlement.get()).state == "redeemed"


async def test_another_partner_s_fair_and_unknown_gates_are_refused(fair: Fairground) -> None:
    held = await fair.ticket()
    for path, status in (("/partner/v1/fairs/ride/scans", 404), ("/partner/v1/fairs/fair/scans", 422)):
        answer = await ask(fair.client, fair.park, path, {"scans": [fair.scan(held, gate="west")]})
        assert answer.status_code == status
    assert problem_code(answer) == "no_such_place"
    assert await FairScan.all().count() == 0


@pytest.fixture
async def keys(fair: Fairground) -> dict[str, Any]:
    jwks: dict[str, Any] = (await fair.client.get("/.well-known/jwks.json")).json()
    return jwks


async def taken_along(fair: Fairground, keys: dict[str, Any]) -> Snapshot:
    token = (await fair.get(f"snapshot?day={BEGINS.date()}"))["snapshot"]
    return read_snapshot(keys, token)


async def test_a_gate_without_network_says_what_it_knows(fair: Fairground, keys: dict[str, Any]) -> None:
    held, later = await fair.ticket(), await fair.ticket(2, "afternoon")
    snapshot = await taken_along(fair, keys)
    young = await fair.ticket(3, "afternoon")
    at = BEGINS + timedelta(minutes=5)
    sign = fair.runtime.keys

    def say(shown: str, admitted: frozenset[str] = frozenset(), minutes: int = 0) -> Verdict:
        return verify_at_gate(snapshot, keys, shown, at=at + timedelta(minutes=minutes), admitted=admitted).verdict

    signed = sign_code(sign, code=held["code"], scenario="fair", now=at).token
    assert say(signed) == say(held["code"]) == Verdict.ADMIT
    assert say(signed, frozenset({held["code"]})) == Verdict.DUPLICATE
    assert say(signed, minutes=10) == Verdict.EXPIRED
    assert say(later["code"]) == Verdict.NOT_NOW
    assert say(young["code"]) == Verdict.CANNOT_TELL
    assert say(sign_code(sign, code=held["code"], scenario="ride", now=at).token) == Verdict.NOT_OURS
    assert say(signed[:-4] + "AAAA") == say("hello") == Verdict.NOT_OURS


async def test_a_snapshot_names_no_code_and_a_forged_one_is_not_read(fair: Fairground, keys: dict[str, Any]) -> None:
    held = await fair.ticket()
    token = (await fair.get(f"snapshot?day={BEGINS.date()}"))["snapshot"]
    snapshot = read_snapshot(keys, token)
    assert len(snapshot.tickets) == 1
    assert held["code"] not in str(snapshot)
    for forged in (token[:-4] + "AAAA", "no.thing.here", "x"):
        with pytest.raises(SnapshotUnreadable):
            read_snapshot(keys, forged)
