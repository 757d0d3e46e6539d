"""A ticket from the choice of a slot to the change of mind, over HTTP."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from msgspec import ValidationError
from support.fairs import BEGINS, GIVES, SATURDAY, Fairground
from support.scenes import ask, problem_code, signed_in_anew

from xinyi_platform.transitions import TransitionForbidden
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.fairs.booking import settle_tickets
from xinyi_scenarios.fairs.models import FairSlotDay, FairTicket
from xinyi_scenarios.fairs.states import STATES, TRANSITIONS, advance
from xinyi_scenarios.manifests.flows import FLOWS

pytestmark = pytest.mark.anyio


async def taken() -> dict[str, int]:
    return {row.slot: row.taken for row in await FairSlotDay.all()}


async def test_a_place_is_taken_once_and_moved_in_one_step(fair: Fairground) -> None:
    who, held = await fair.resident(1)
    path = f"/api/v1/entitlements/{held['id']}"
    offered = (await fair.client.get(f"{path}/fair-slots", headers=who.headers())).json()
    assert [(row["day"], row["slot"], row["left"]) for row in offered] == [
        (SATURDAY, "morning", 2),
        (SATURDAY, "afternoon", 2),
    ]
    first = await fair.book(who, held, key="one")
    again = await fair.book(who, held, key="one")
    assert first.json() == again.json()
    assert await taken() == {"morning": 1}
    moved = await fair.book(who, held, "afternoon")
    assert (moved.json()["id"], moved.json()["slot"]) == (first.json()["id"], "afternoon")
    assert await taken() == {"morning": 0, "afternoon": 1}
    back = await ask(fair.client, who, f"{path}/fair-ticket/cancel")
    assert back.json()["state"] == "cancelled"
    assert await taken() == {"morning": 0, "afternoon": 0}
    assert (await fair.book(who, held)).json()["state"] == "booked"


async def test_a_full_slot_is_refused_and_what_one_has_stays(fair: Fairground) -> None:
    for number in (1, 2):
        await fair.ticket(number)
    who, held = await fair.resident(3)
    assert (await fair.book(who, held, "afternoon")).status_code == 200
    full = await fair.book(who, held)
    assert (full.status_code, problem_code(full)) == (409, "slot_full")
    mine = await fair.client.get(f"/api/v1/entitlements/{held['id']}/fair-ticket", headers=who.headers())
    assert mine.json()["slot"] == "afternoon"
    assert await taken() == {"morning": 2, "afternoon": 1}


@pytest.mark.parametrize(
    ("day", "slot"), [("2026-11-27", "morning"), (SATURDAY, "night"), ("2026-12-05", "morning"), ("2026-11-21", "x")]
)
async def test_other_days_and_slots_are_refused_with_those_that_there_are(
    fair: Fairground, day: str, slot: str
) -> None:
    who, held = await fair.resident(1)
    refused = await fair.book(who, held, slot, day)
    assert (refused.status_code, problem_code(refused)) == (422, "no_such_slot")
    assert (refused.json()["first"], refused.json()["last"]) == ("2026-11-23", "2026-11-30")


async def test_nothing_changes_after_the_slot_began(fair: Fairground) -> None:
    who, held = await fair.resident(1)
    await fair.book(who, held)
    fair.move_to(BEGINS)
    who = signed_in_anew(fair.runtime, who)
    for answer in (
        await fair.book(who, held, "afternoon"),
        await ask(fair.client, who, f"/api/v1/entitlements/{held['id']}/fair-ticket/cancel"),
    ):
        assert (answer.status_code, problem_code(answer)) == (409, "slot_begun")
    assert await taken() == {"morning": 1}


async def test_a_ticket_goes_with_what_it_stands_on_and_its_place_is_free(fair: Fairground) -> None:
    held = await fair.ticket()
    await change_entitlement(held["id"], "withdraw", actor="test", at=fair.runtime.clock.now())
    assert (await FairTicket.get()).state == "cancelled"
    assert await taken() == {"morning": 0}


async def test_who_did_not_come_is_marked_once(fair: Fairground) -> None:
    await fair.ticket()
    assert await settle_tickets(BEGINS + timedelta(hours=2)) == 0
    assert [await settle_tickets(BEGINS + timedelta(hours=4)) for _ in range(2)] == [1, 0]
    assert (await FairTicket.get()).state == "missed"
    assert (await Entitlement.get()).state == "issued"


async def test_what_is_no_ticket_and_what_is_another_s_is_refused(fair: Fairground) -> None:
    who, held = await fair.resident(1)
    other, _ = await fair.resident(2)
    assert (await fair.book(other, held)).status_code == 404
    await Entitlement.filter(id=held["id"]).update(benefit={"kind": "voucher"})
    refused = await fair.book(who, held)
    assert (refused.status_code, problem_code(refused)) == (422, "no_fair")


async def test_a_crowd_gets_no_more_places_than_there_are(fair: Fairground) -> None:
    people = [await fair.resident(number) for number in range(1, 7)]
    answers = await asyncio.gather(*(fair.book(who, held) for who, held in people))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409, 409]
    assert await taken() == {"morning": 2}


EVENTS = sorted({event for edges in TRANSITIONS.values() for event in edges})


@pytest.mark.parametrize("state", TRANSITIONS)
@pytest.mark.parametrize("event", EVENTS)
def test_an_edge_is_in_the_table_or_refused(state: str, event: str) -> None:
    if event in TRANSITIONS[state]:
        assert advance(state, event) in STATES
        return
    with pytest.raises(TransitionForbidden):
        advance(state, event)


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"weekdays": []}, "a fair needs days or weekdays"),
        ({"days": ["2026-02-30"]}, "2026-02-30 is no day of the calendar"),
        ({"gates": [GIVES["gates"][0]] * 2}, "the same key"),  # type: ignore[index]
        ({"slots": [{"key": "a", "begins": "10:00", "ends": "09:00", "places": 1}]}, "ends before it begins"),
        ({"booths": []}, "more stamps than there are booths"),
    ],
)
def test_a_fair_that_does_not_fit_itself_is_no_manifest(parts: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        FLOWS.read({**GIVES, **parts})
