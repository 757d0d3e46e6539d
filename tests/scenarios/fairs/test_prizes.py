"""Stamps and prizes: once each, and never more than the stock."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from support.fairs import BEGINS, Fairground, Held
from support.scenes import problem_code

from xinyi_scenarios.fairs.models import FairAward, FairPrizeDay, FairStamp

pytestmark = pytest.mark.anyio


async def inside(fair: Fairground, *numbers: int) -> list[Held]:
    """People with both stamps, who were let in."""
    people = [await fair.ticket(number) for number in numbers]
    fair.move_to(BEGINS + timedelta(minutes=10))
    assert await fair.settle(*(fair.scan(held) for held in people)) == ["admitted"] * len(people)
    for held in people:
        for booth in ("quiz", "shops"):
            assert (await fair.desk("stamps", {"code": held["code"], "booth": booth})).status_code == 200
    return people


async def test_a_stamp_counts_once_a_booth(fair: Fairground) -> None:
    (held,) = await inside(fair, 1)
    again = await fair.desk("stamps", {"code": held["code"], "booth": "quiz"})
    assert again.json() == {"stamps": ["quiz", "shops"]}
    assert await FairStamp.all().count() == 2
    nowhere = await fair.desk("stamps", {"code": held["code"], "booth": "bar"})
    assert (nowhere.status_code, problem_code(nowhere)) == (422, "no_such_place")


async def test_one_prize_a_ticket_and_a_repeated_key_gets_the_same(fair: Fairground) -> None:
    (held,) = await inside(fair, 1)
    body = {"code": held["code"], "prize": "bag"}
    first, again = await fair.desk("prizes", body, key="k"), await fair.desk("prizes", body, key="k")
    assert first.json() == again.json()
    more = await fair.desk("prizes", {**body, "prize": "badge"})
    assert (more.status_code, problem_code(more), more.json()["prize"]) == (409, "prize_taken", "bag")
    left = {row["prize"]: row["left"] for row in await fair.get("prizes")}
    assert left == {"badge": 5, "bag": 0}


async def test_of_two_at_once_one_gets_the_last_and_the_other_may_choose_again(fair: Fairground) -> None:
    people = await inside(fair, 1, 2)
    answers = await asyncio.gather(*(fair.desk("prizes", {"code": p["code"], "prize": "bag"}) for p in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (lost,) = [n for n, answer in enumerate(answers) if answer.status_code == 409]
    assert problem_code(answers[lost]) == "prize_gone"
    other = await fair.desk("prizes", {"code": people[lost]["code"], "prize": "badge"})
    assert other.status_code == 200
    assert (await FairAward.all().count(), (await FairPrizeDay.get(prize="bag")).given) == (2, 1)


async def test_stamps_and_prizes_are_for_those_who_are_in_and_have_enough(fair: Fairground) -> None:
    held = await fair.ticket()
    fair.move_to(BEGINS)
    for act, body in (("stamps", {"booth": "quiz"}), ("prizes", {"prize": "bag"})):
        outside = await fair.desk(act, {"code": held["code"], **body})
        assert (outside.status_code, problem_code(outside)) == (409, "not_entered")
    await fair.settle(fair.scan(held))
    few = await fair.desk("prizes", {"code": held["code"], "prize": "bag"})
    assert (few.status_code, problem_code(few), few.json()["needed"]) == (409, "stamps_missing", 2)
    nothing = await fair.desk("prizes", {"code": held["code"], "prize": "car"})
    assert (nothing.status_code, problem_code(nothing)) == (422, "no_such_place")
