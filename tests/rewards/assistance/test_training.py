"""A training's places are booked, given back and never oversold; who attended has a numbered certificate."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from datetime import timedelta

import httpx
import pytest
from support.helping import call, listed, overview, plan, planned
from support.lists import NO_NOTICE, approve, make, person
from support.people import DIVISION, Caller, a_member_of_staff, a_resident
from support.scenes import Shop, id_of, post_form, problem_code, read_page, signed_in_anew
from support.telling import kinds_told

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.ids import new_id
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance.booking import book_place, give_place_back, remind_of_trainings
from xinyi_rewards.assistance.errors import TrainingFull
from xinyi_rewards.assistance.models import TrainingBooking, TrainingSession
from xinyi_rewards.assistance.states import TRAINING, advance_training
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.parties import Party
from xinyi_rewards.honor_lists.publishing import end_entry

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "change",
    [{"title": "短" * 81}, {"capacity": "0"}, {"capacity": "x"}, {"capacity": "501"}, {"starts_at": "2020-01-01T10:00"},
     {"starts_at": "9999-12-31T23:00", "ends_at": "9999-12-31T23:30"},
     {"starts_at": "2028-01-03T10:00", "ends_at": "2028-01-03T11:00"},
     {"ends_at": ""}, {"division": "410622001001"}, {"division": "410611"}, {"division": ""},
     {"is_online": "true"}, {"place": "https://x.example"}, {"is_online": "true", "place": "http://x.example"}],
)  # fmt: skip
async def test_a_plan_that_cannot_be_is_refused_and_kept_on_the_form(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, change: dict[str, str]
) -> None:
    refused = await plan(app_client, runtime, lin, **change)
    assert refused.status_code == 400
    assert change.get("place", "社区活动室") in refused.text
    assert not await TrainingSession.exists()


async def test_places_are_held_given_back_and_never_more_than_there_are(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, wang: Caller, entry: HonorEntry,
    shop: Shop, shop_entry: HonorEntry
) -> None:  # fmt: skip
    made = await planned(app_client, runtime, lin, capacity="1")
    path, shops = f"/sessions/{made.id}/place", f"/portal/help/{shop_entry.id}/sessions/{made.id}"
    assert "免费" in (await read_page(app_client, wang, f"/app/help/{entry.id}")).text
    for _ in range(2):
        assert (await call(app_client, wang, "POST", entry, path)).status_code == 204
    full = await post_form(app_client, shop.operator, shops, {"act": "book"})
    assert (full.status_code, "名额已满" in full.text) == (409, True)
    assert (await call(app_client, wang, "DELETE", entry, path)).status_code == 204
    assert (await call(app_client, wang, "DELETE", entry, path)).status_code == 404
    assert (await post_form(app_client, shop.operator, shops, {"act": "book"})).status_code == 303
    assert problem_code(await call(app_client, wang, "POST", entry, path)) == "training_full"
    assert (await post_form(app_client, shop.operator, shops, {"act": "give_back"})).status_code == 303
    app = f"/app/help/{entry.id}/sessions/{made.id}"
    assert (await post_form(app_client, wang, app, {"act": "book"})).status_code == 303
    assert (await TrainingSession.get()).taken == await TrainingBooking.all().count() == 1
    assert [one["places_left"] for one in (await overview(app_client, wang, entry))["trainings"]] == [0]


async def test_many_at_once_get_just_the_last_places(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, entry: HonorEntry
) -> None:
    made, now = await planned(app_client, runtime, lin, capacity="3"), runtime.clock.now()
    parties = [Party("x", DIVISION, resident_id=new_id()) for _ in range(30)]
    copies = []
    for number, party in enumerate(parties):
        values = {name: getattr(entry, name) for name in HonorEntry._meta.db_fields}
        values |= {"id": new_id(), "slot": f"s{number}", "resident_id": party.resident_id}
        copies.append(await HonorEntry.create(**values))
    tries = [book_place(party, one.id, made.id, at=now) for party, one in zip(parties, copies, strict=True)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(answer is None for answer in answers) == 3
    assert sum(isinstance(answer, TrainingFull) for answer in answers) == 27
    assert (await TrainingSession.get()).taken == await TrainingBooking.all().count() == 3
    place = answers.index(None)
    backs = [give_place_back(parties[place], copies[place].id, made.id, at=now) for _ in range(5)]
    given = await asyncio.gather(*backs, return_exceptions=True)
    assert sum(back is None for back in given) == 1
    assert (await TrainingSession.get()).taken == 2


async def test_attendance_gives_a_numbered_certificate_that_the_package_names(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, wang: Caller, entry: HonorEntry
) -> None:
    made = await planned(app_client, runtime, lin)
    await call(app_client, wang, "POST", entry, f"/sessions/{made.id}/place")
    booking, console = await TrainingBooking.get(), f"/console/help/sessions/{made.id}"
    paper, settle = f"/app/help/{entry.id}/certificates/{booking.id}", {"act": "attendance", "came": str(booking.id)}
    assert (await post_form(app_client, lin, console, settle)).status_code == 409
    assert (await read_page(app_client, wang, paper)).status_code == 404
    clock.advance(timedelta(hours=3))
    wang, path = signed_in_anew(runtime, wang), f"/sessions/{made.id}/place"
    assert problem_code(await call(app_client, wang, "DELETE", entry, path)) == "training_not_open"
    assert booking.number in (await read_page(app_client, lin, console)).text
    assert (await post_form(app_client, lin, console, {"act": "attendance", "came": "x"})).status_code == 400
    assert (await post_form(app_client, lin, console, settle)).status_code == 303
    assert (await post_form(app_client, lin, console, {"act": "no such act"})).status_code == 400
    shown = await read_page(app_client, wang, paper)
    assert all(text in shown.text for text in (booking.number, "王小丽", made.title))
    assert "<script" not in shown.text.partition("<main")[2].partition("</main")[0]
    assert (await overview(app_client, wang, entry))["trainings"][0]["attended_at"] is not None
    filing = {"statement": "已全部履行判决确定的义务。", "signed": "2026-1"}
    filed = await app_client.post(
        f"/api/v1/me/honors/{entry.id}/repair", headers={**wang.headers(), "Idempotency-Key": "f"}, json=filing
    )
    assert filed.status_code == 201
    packed = await read_page(app_client, wang, f"/app/repairs/{entry.id}/package")
    package = zipfile.ZipFile(io.BytesIO(packed.content))
    assert json.loads(package.read("request.json"))["修复培训"] == [f"2026-11-23 {made.title},证书编号{booking.number}"]
    assert booking.number in package.read("信用修复申请.txt").decode()
    assert (await post_form(app_client, lin, console, {"act": "attendance"})).status_code == 303
    assert (await read_page(app_client, wang, paper)).status_code == 404
    views = await AuditEntry.filter(action="training_session.view").count()
    assert views == await AuditEntry.filter(action="honor_entry.help_view", object_id=str(entry.id)).count() == 4


async def test_an_online_address_is_shown_to_who_holds_a_place(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, wang: Caller, entry: HonorEntry
) -> None:
    address = "https://training.example/room"
    made = await planned(app_client, runtime, lin, is_online="true", place=address)
    assert address not in (await read_page(app_client, wang, f"/app/help/{entry.id}")).text
    assert (await overview(app_client, wang, entry))["trainings"][0]["place"] == ""
    await call(app_client, wang, "POST", entry, f"/sessions/{made.id}/place")
    assert address in (await read_page(app_client, wang, f"/app/help/{entry.id}")).text
    assert (await overview(app_client, wang, entry))["trainings"][0]["place"] == address


async def test_those_who_booked_are_told_once_that_it_is_tomorrow_and_when_it_is_cancelled(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, wang: Caller, entry: HonorEntry,
    shop: Shop, shop_entry: HonorEntry
) -> None:  # fmt: skip
    made = await planned(
        app_client, runtime, lin, starts_at="2026-11-26T09:30", ends_at="2026-11-26T11:00", capacity="5"
    )
    await call(app_client, wang, "POST", entry, f"/sessions/{made.id}/place")
    path = f"/portal/help/{shop_entry.id}/sessions/{made.id}"
    assert (await post_form(app_client, shop.operator, path, {"act": "book"})).status_code == 303
    clock.advance(timedelta(days=1))
    assert await remind_of_trainings(runtime) == 0
    clock.advance(timedelta(days=1))
    assert await remind_of_trainings(runtime) == 2
    assert await remind_of_trainings(runtime) == 0
    console = f"/console/help/sessions/{made.id}"
    lin = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="lin2")
    assert (await post_form(app_client, lin, console, {"act": "cancel"})).status_code == 400
    assert (await post_form(app_client, lin, console, {"act": "cancel", "reason": "讲师生病"})).status_code == 303
    assert (await post_form(app_client, lin, console, {"act": "cancel", "reason": "讲师生病"})).status_code == 409
    told = [kind for kind in await kinds_told(id_of(wang)) if kind.startswith("assistance.")]
    assert told == ["assistance.training_soon", "assistance.training_cancelled"]
    heard = OutboxEvent.filter(audience=f"merchant:{shop.merchant.id}", topic__startswith="assistance.")
    assert await heard.order_by("id").values_list("topic", flat=True) == told
    seen = (await overview(app_client, signed_in_anew(runtime, wang), entry))["trainings"][0]
    assert (seen["state"], seen["reason"]) == ("cancelled", "讲师生病")


async def test_with_the_listing_places_in_trainings_to_come_are_free_again(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, wang: Caller, entry: HonorEntry
) -> None:
    made = await planned(app_client, runtime, lin)
    await call(app_client, wang, "POST", entry, f"/sessions/{made.id}/place")
    await end_entry(runtime, entry.id, "expire", actor="job:expire", reason="validity over", at=runtime.clock.now())
    assert (await TrainingSession.get()).taken == 0
    assert not await TrainingBooking.exists()
    refused = await call(app_client, wang, "POST", entry, f"/sessions/{made.id}/place")
    assert problem_code(refused) == "nothing_to_help"
    assert "已结束" in (await read_page(app_client, wang, f"/app/help/{entry.id}")).text


async def test_help_begins_with_the_notice_and_red_lists_have_none(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, xu: Caller, zhou: Caller, wang: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    noticed = await listed(app_client, xu, zhou, objection_until="2026-11-30")
    assert noticed.state == "noticed"
    assert f"/app/help/{noticed.id}" in (await read_page(app_client, wang, f"/app/repairs/{noticed.id}")).text
    assert (await call(app_client, wang, "POST", noticed, f"/sessions/{made.id}/place")).status_code == 204
    good = await a_resident(runtime, 2)
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(2)], kind=NO_NOTICE))
    red = await HonorEntry.get(kind=NO_NOTICE)
    for tail in ("", f"/sessions/{made.id}/place", "/agency"):
        method = "POST" if tail else "GET"
        body = {"wish": "请帮忙准备。", "contact": "13800000001", "signed": "2026-1"} if tail == "/agency" else None
        assert (await call(app_client, good, method, red, tail, body)).status_code == 404
    assert (await read_page(app_client, good, f"/app/help/{red.id}")).status_code == 404


async def test_a_training_is_for_its_division_and_its_staff(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, entry: HonorEntry
) -> None:
    far = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="far", division="410621001001")
    made = await planned(app_client, runtime, far, division="410621001001")
    assert (await overview(app_client, wang, entry))["trainings"] == []
    assert (await call(app_client, wang, "POST", entry, f"/sessions/{made.id}/place")).status_code == 404
    near = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="near")
    assert (await read_page(app_client, near, f"/console/help/sessions/{made.id}")).status_code == 404
    cancel = {"act": "cancel", "reason": "讲师生病"}
    assert (await post_form(app_client, near, f"/console/help/sessions/{made.id}", cancel)).status_code == 404
    city = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="city")
    await TrainingSession.all().update(division="410600")
    assert (await read_page(app_client, city, f"/console/help/sessions/{made.id}")).status_code == 200
    assert (await call(app_client, wang, "POST", entry, f"/sessions/{made.id}/place")).status_code == 204
    stranger = await a_resident(runtime, 2)
    booking = await TrainingBooking.get()
    assert (await call(app_client, stranger, "POST", entry, f"/sessions/{made.id}/place")).status_code == 404
    path = f"/app/help/{entry.id}/certificates/{booking.id}"
    assert (await read_page(app_client, stranger, path)).status_code == 404


@pytest.mark.parametrize("state", TRAINING)
async def test_only_the_edges_of_the_table_can_be_walked(state: str) -> None:
    for event in {event for edges in TRAINING.values() for event in edges} - set(TRAINING[state]):
        with pytest.raises(TransitionForbidden):
            advance_training(state, event)
