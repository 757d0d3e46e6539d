"""An area's own policies: proposed and approved by two persons, stricter than above or refused, inherited below."""

from __future__ import annotations

import asyncio
import random
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from support.lists import act, look
from support.people import CITY, DIVISION, Caller, a_member_of_staff
from support.scenes import post_form, problem_code, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.commands.diagnosing import diagnose
from xinyi_platform.division_policies import narrowed
from xinyi_platform.division_policies.models import DivisionPolicy
from xinyi_platform.division_policies.reading import chain_of, ignored_policies
from xinyi_platform.division_policies.states import TRANSITIONS
from xinyi_platform.divisions import communities, divisions
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.settings import Settings
from xinyi_platform.tenancy.narrowing import is_wider, topics
from xinyi_platform.transitions import TransitionForbidden, next_state

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 23)
DISTRICT, STREET, ELSEWHERE = "410611", "410611001", "410602"
PATH = "/policies"
OFFICE, REVIEWER = Role.CREDIT_OFFICE, Role.REVIEWER


@pytest.fixture
async def xu(runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, OFFICE, username="xu")


@pytest.fixture
async def qian(runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, REVIEWER, username="qian")


def a_value(division: str, value: object, **other: object) -> dict[str, object]:
    return {
        "division": division, "topic": "list_kind", "key": "red-volunteer", "parameter": "notice_days", "value": value,
        "in_force_from": TODAY.isoformat(), "reason": "居民要求延长公示。", **other,
    }  # fmt: skip


async def set_value(
    client: httpx.AsyncClient, maker: Caller, other: Caller, division: str, value: object, **more: object
) -> None:
    made = await act(client, maker, PATH + "/proposals", a_value(division, value, **more))
    assert made.status_code == 201, made.text
    done = await act(client, other, f"{PATH}/{made.json()['id']}", {"act": "approve"})
    assert (done.status_code, done.json()["state"]) == (200, "approved"), done.text


async def days_in(division: str, on: date = TODAY) -> Any:
    held = await narrowed(topics()["list_kind"], key="red-volunteer", division=division, on=on)
    return held["notice_days"]


async def test_a_districts_value_holds_below_it_and_nowhere_else(
    app_client: httpx.AsyncClient, xu: Caller, qian: Caller
) -> None:
    base = await days_in(CITY)
    await set_value(app_client, xu, qian, DISTRICT, base + 5)
    assert [await days_in(place) for place in (DISTRICT, STREET, DIVISION)] == [base + 5] * 3
    assert [await days_in(place) for place in (CITY, ELSEWHERE, "", "999999")] == [base] * 4
    seen = (await look(app_client, xu, f"{PATH}/held?division={DIVISION}")).json()
    held = {value["parameter"]: value for one in seen if one["key"] == "red-volunteer" for value in one["values"]}
    assert held["notice_days"] == {
        "parameter": "notice_days", "direction": "at_least", "value": base + 5, "origin": DISTRICT, "ignored": None
    }  # fmt: skip
    assert await AuditEntry.filter(action__startswith="division_policy.").count() == 2


@pytest.mark.parametrize(("parameter", "wider"), [("notice_days", 6), ("objection_days", 0), ("reviews", 0)])
async def test_what_is_wider_than_above_is_refused_with_what_holds_there(
    app_client: httpx.AsyncClient, xu: Caller, parameter: str, wider: int
) -> None:
    answer = await act(app_client, xu, PATH + "/proposals", a_value(DISTRICT, wider, parameter=parameter))
    if parameter == "reviews":  # nothing is published without a review, in no area
        assert answer.status_code == 400
    else:
        assert (answer.status_code, problem_code(answer)) == (422, "policy_widens")
        assert "7" in answer.json()["detail"]
    assert not await DivisionPolicy.exists()


async def test_a_street_is_measured_by_its_district_and_not_by_the_city(
    app_client: httpx.AsyncClient, xu: Caller, qian: Caller
) -> None:
    await set_value(app_client, xu, qian, DISTRICT, 20)
    refused = await act(app_client, xu, PATH + "/proposals", a_value(STREET, 19))
    assert (refused.status_code, "淇滨区" in refused.text, "20" in refused.text) == (422, True, True)
    await set_value(app_client, xu, qian, STREET, 21)
    assert [await days_in(place) for place in (DISTRICT, STREET, DIVISION)] == [20, 21, 21]


async def test_who_has_become_wider_is_not_applied_and_is_told_of(
    app_client: httpx.AsyncClient, xu: Caller, qian: Caller, settings: Settings
) -> None:
    await set_value(app_client, xu, qian, STREET, 12)
    await set_value(app_client, xu, qian, DISTRICT, 20)
    assert await days_in(STREET) == 20
    (found,) = await ignored_policies(on=TODAY)
    assert (found.row.division, found.row.value, found.above) == (STREET, 12, 20)
    shown = await read_page(app_client, xu, f"/console/policies?division={STREET}")
    assert "不再适用" in shown.text
    assert "<s>12</s>" in shown.text
    said = [f.text for f in await asyncio.to_thread(diagnose, settings) if f.level == "warning"]
    assert f"list_kind.red-volunteer.notice_days of {STREET} is 12, wider than above (20): not applied" in said


async def test_a_value_begins_on_its_day_and_is_given_up_on_another(
    app_client: httpx.AsyncClient, xu: Caller, qian: Caller
) -> None:
    base, first, last = await days_in(DISTRICT), TODAY + timedelta(days=3), TODAY + timedelta(days=9)
    await set_value(app_client, xu, qian, DISTRICT, 30, in_force_from=first.isoformat())
    await set_value(app_client, xu, qian, DISTRICT, None, in_force_from=last.isoformat())
    day = timedelta(days=1)
    assert [await days_in(DIVISION, on) for on in (first - day, first, last - day, last)] == [base, 30, 30, base]


async def test_what_is_approved_late_begins_that_day(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, clock: FixedClock
) -> None:
    made = (await act(app_client, xu, PATH + "/proposals", a_value(DISTRICT, 30))).json()
    clock.advance(timedelta(days=2))
    fresh = await a_member_of_staff(runtime, REVIEWER, username="fresh")
    done = await act(app_client, fresh, f"{PATH}/{made['id']}", {"act": "approve"})
    assert done.json()["in_force_from"] == (TODAY + timedelta(days=2)).isoformat()


async def test_nobody_approves_her_own_by_whichever_account(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller
) -> None:
    made = (await act(app_client, xu, PATH + "/proposals", a_value(DISTRICT, 30))).json()
    own = await act(app_client, xu, f"{PATH}/{made['id']}", {"act": "approve"})
    assert (own.status_code, problem_code(own)) == (403, "own_policy")
    assert (await DivisionPolicy.get()).state == "proposed"


async def test_a_proposal_is_settled_once_and_taken_back_by_its_maker_alone(
    app_client: httpx.AsyncClient, xu: Caller, qian: Caller
) -> None:
    made = (await act(app_client, xu, PATH + "/proposals", a_value(DISTRICT, 30))).json()
    one = f"{PATH}/{made['id']}"
    assert problem_code(await act(app_client, xu, PATH + "/proposals", a_value(DISTRICT, 31))) == "policy_waiting"
    assert (await act(app_client, qian, one, {"act": "withdraw"})).status_code == 403
    assert (await act(app_client, qian, one, {"act": "refuse"})).status_code == 400
    assert (await act(app_client, xu, one, {"act": "withdraw"})).json()["state"] == "withdrawn"
    assert (await act(app_client, qian, one, {"act": "approve"})).status_code == 409
    again = (await act(app_client, xu, PATH + "/proposals", a_value(DISTRICT, 31))).json()
    refused = await act(app_client, qian, f"{PATH}/{again['id']}", {"act": "refuse", "reason": "理由不足"})
    assert refused.json()["state"] == "refused"
    assert await days_in(DISTRICT) == 7


async def test_approval_is_refused_where_the_area_above_was_quicker(
    app_client: httpx.AsyncClient, xu: Caller, qian: Caller
) -> None:
    waiting = (await act(app_client, xu, PATH + "/proposals", a_value(STREET, 12))).json()
    await set_value(app_client, xu, qian, DISTRICT, 20)
    late = await act(app_client, qian, f"{PATH}/{waiting['id']}", {"act": "approve"})
    assert (late.status_code, problem_code(late)) == (422, "policy_widens")
    assert (await DivisionPolicy.get(id=waiting["id"])).state == "proposed"


async def test_one_sets_for_ones_own_area_alone(app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller) -> None:
    district = await a_member_of_staff(runtime, OFFICE, username="bai", division=DISTRICT)
    away = await a_member_of_staff(runtime, REVIEWER, username="feng", division=ELSEWHERE)
    for place in (CITY, ELSEWHERE, "410602001", "999999"):
        assert (await act(app_client, district, PATH + "/proposals", a_value(place, 30))).status_code == 404
        assert (await look(app_client, district, f"{PATH}/held?division={place}")).status_code == 404
    made = (await act(app_client, district, PATH + "/proposals", a_value(STREET, 30))).json()
    assert (await act(app_client, away, f"{PATH}/{made['id']}", {"act": "approve"})).status_code == 404
    below = await a_member_of_staff(runtime, REVIEWER, username="tang", division=DIVISION)
    assert (await act(app_client, below, f"{PATH}/{made['id']}", {"act": "approve"})).status_code == 404
    reviewer = await a_member_of_staff(runtime, REVIEWER, username="song", division=STREET)
    assert (await act(app_client, reviewer, PATH + "/proposals", a_value(STREET, 30))).status_code == 403
    assert (await act(app_client, reviewer, f"{PATH}/{made['id']}", {"act": "approve"})).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"topic": "weather"}, {"key": "no-such-list"}, {"parameter": "validity_days"}, {"value": 91}, {"value": -1},
     {"value": ["app"]}, {"in_force_from": "2026-11-22"}, {"in_force_from": "2028-01-01"}, {"reason": "  \t "}],
)  # fmt: skip
async def test_what_is_wrong_is_said_and_nothing_kept(
    app_client: httpx.AsyncClient, xu: Caller, wrong: dict[str, object]
) -> None:
    answer = await act(app_client, xu, PATH + "/proposals", a_value(DISTRICT, 30) | wrong)
    assert (answer.status_code, problem_code(answer)) == (400, "invalid_field")
    assert not await DivisionPolicy.exists()


@pytest.mark.parametrize(("state", "event"), [(s, e) for s in TRANSITIONS for e in TRANSITIONS["proposed"] if e not in
                                              TRANSITIONS[s]])  # fmt: skip
def test_nothing_leaves_an_end_state(state: str, event: str) -> None:
    with pytest.raises(TransitionForbidden):
        next_state(TRANSITIONS, kind="division_policy", state=state, event=event)


async def test_the_page_proposes_shows_and_approves_in_both_languages(
    app_client: httpx.AsyncClient, xu: Caller, qian: Caller
) -> None:
    form = {"topic": "list_kind", "division": DISTRICT, "what": "red-volunteer:notice_days", "value": "3",
            "in_force_from": TODAY.isoformat(), "reason": "居民要求延长公示。"}  # fmt: skip
    refused = await post_form(app_client, xu, "/console/policies/proposals", form)
    assert (refused.status_code, "下级只能从严" in refused.text) == (422, True)
    english = await post_form(
        app_client, xu, "/console/policies/proposals", {**form, "in_force_from": "soon"}, language="en"
    )
    assert (english.status_code, "Choose the first day." in english.text) == (400, True)
    assert (await post_form(app_client, xu, "/console/policies/proposals", {**form, "value": "15"})).status_code == 303
    row = await DivisionPolicy.get()
    page = await read_page(app_client, qian, "/console/policies")
    assert f"/console/policies/{row.id}" in page.text
    own = await post_form(app_client, xu, f"/console/policies/{row.id}", {"act": "approve"})
    assert (own.status_code, "不能复核本人" in own.text) == (403, True)
    assert (await post_form(app_client, qian, f"/console/policies/{row.id}", {"act": "approve"})).status_code == 303
    assert await days_in(DISTRICT) == 15
    given_up = {**form, "value": ""}
    assert (await post_form(app_client, xu, "/console/policies/proposals", given_up)).status_code == 303
    assert (await DivisionPolicy.get(state="proposed")).value is None
    reviewer_sees = await read_page(app_client, qian, f"/console/policies?division={DIVISION}")
    assert "淇滨区" in reviewer_sees.text


async def test_whatever_was_ever_approved_no_place_is_wider_than_one_above_it(runtime: Runtime) -> None:
    """Rows straight into the table, also such as no page would take."""
    topic, chance = topics()["list_kind"], random.Random(7)
    keys, now = list(topic.bases())[:3], runtime.clock.now()
    for _ in range(300):
        await DivisionPolicy.create(
            id=(one := new_id()), division=chance.choice(sorted(divisions())), topic=topic.name,
            key=chance.choice(keys), parameter=chance.choice(topic.parameters).name,
            value=chance.choice([None, *range(20)]), in_force_from=TODAY + timedelta(days=chance.randrange(-9, 9)),
            reason="x", state="approved", slot=str(one), maker_id=one, maker_person="a", made_at=now,
            decider_id=one, decider_person="b", decided_at=now,
        )  # fmt: skip
    for on in (TODAY - timedelta(days=5), TODAY, TODAY + timedelta(days=30)):
        for key in keys:
            for place in chance.sample(communities(), 6):
                held = [await narrowed(topic, key=key, division=one, on=on) for one in chain_of(place)]
                ways = [topic.bases()[key].values, *held]
                for depth, below in enumerate(ways):
                    for above in ways[:depth]:
                        assert not any(is_wider(p, below[p.name], above[p.name]) for p in topic.parameters)


async def test_a_proposal_is_a_task_in_words_and_not_in_keys(
    app_client: httpx.AsyncClient, xu: Caller, qian: Caller
) -> None:
    assert (await act(app_client, xu, PATH + "/proposals", a_value(DISTRICT, 12))).status_code == 201
    task = next(one for one in (await look(app_client, qian, "/tasks")).json() if one["href"] == "/console/policies")
    name = topics()["list_kind"].bases()["red-volunteer"].text
    assert task["title"] == f"{name.zh} · 公示天数: 12"
    assert task["title_en"] == f"{name.en} · Days of notice: 12"
