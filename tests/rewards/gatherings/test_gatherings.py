"""Places are never oversold, attendance takes the code of the moment, and what was reached is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from support.people import DIVISION, Caller, a_member_of_staff, a_resident
from support.scenes import id_of, post_form, read_page, signed_in_anew
from support.telling import kinds_told

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import SHANGHAI, FixedClock
from xinyi_platform.database import transaction
from xinyi_platform.identity.models import Account
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.gatherings.codes import code_at, is_good
from xinyi_rewards.gatherings.errors import GatheringFull
from xinyi_rewards.gatherings.holding import Attended, attend, cancel_gathering, finish_due, give_place_back, sign_up
from xinyi_rewards.gatherings.models import Gathering, GatheringGuest

pytestmark = pytest.mark.anyio


async def plan(client: httpx.AsyncClient, runtime: Runtime, who: Caller, **changes: str) -> httpx.Response:
    """Plan a gathering that begins in two hours."""
    begins = (runtime.clock.now() + timedelta(hours=2)).astimezone(SHANGHAI).replace(tzinfo=None)
    form = {
        "division": DIVISION,
        "title": "信用进社区",
        "place": "活动室",
        "starts_at": begins.isoformat(timespec="minutes"),
        "ends_at": (begins + timedelta(hours=2)).isoformat(timespec="minutes"),
        "capacity": "2",
    }
    return await post_form(client, who, "/console/gatherings", {**form, **changes})


async def planned(client: httpx.AsyncClient, runtime: Runtime, who: Caller) -> Gathering:
    assert (await plan(client, runtime, who)).status_code == 303
    return await Gathering.get()


async def call(client: httpx.AsyncClient, who: Caller, method: str, path: str, body: object = None) -> httpx.Response:
    client.cookies.clear()
    return await client.request(method, f"/api/v1/me/gatherings{path}", headers=who.headers(), json=body)


@pytest.mark.parametrize(
    "change",
    [{"title": "短" * 81}, {"capacity": "0"}, {"capacity": "x"}, {"starts_at": "2020-01-01T10:00"}, {"ends_at": ""},
     {"division": "410622001001"}, {"division": "410611"}],
)  # fmt: skip
async def test_a_plan_that_cannot_be_is_refused_and_kept_on_the_form(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, change: dict[str, str]
) -> None:
    refused = await plan(app_client, runtime, lin, **change)
    assert refused.status_code == 400
    assert "活动室" in refused.text
    assert not await Gathering.exists()


async def test_places_are_held_given_back_and_never_oversold(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, wang: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    second, third = await a_resident(runtime, 2), await a_resident(runtime, 3)
    for who in (wang, wang, second):
        assert (await call(app_client, who, "POST", f"/{made.id}/place")).status_code == 204
    full = await call(app_client, third, "POST", f"/{made.id}/place")
    assert (full.status_code, full.json()["code"]) == (409, "gathering_full")
    assert (await post_form(app_client, third, f"/app/gatherings/{made.id}", {"act": "sign_up"})).status_code == 409
    assert (await call(app_client, wang, "DELETE", f"/{made.id}/place")).status_code == 204
    assert (await call(app_client, wang, "DELETE", f"/{made.id}/place")).status_code == 404
    assert (await call(app_client, third, "POST", f"/{made.id}/place")).status_code == 204
    assert (await Gathering.get()).taken == 2
    listed = (await call(app_client, third, "GET", "")).json()
    assert [(one["holds_place"], one["places_left"]) for one in listed] == [(True, 0)]


async def test_many_at_once_get_just_the_places_that_there_are(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    await Gathering.all().update(capacity=10)
    people, now = [new_id() for _ in range(50)], runtime.clock.now()
    answers = await asyncio.gather(*(sign_up(made.id, one, at=now) for one in people), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 10
    assert sum(isinstance(answer, GatheringFull) for answer in answers) == 40
    assert (await Gathering.get()).taken == await GatheringGuest.all().count() == 10
    held = (await GatheringGuest.all().first()).resident_id  # type: ignore[union-attr]
    backs = await asyncio.gather(*(give_place_back(made.id, held, at=now) for _ in range(5)), return_exceptions=True)
    assert sum(back is None for back in backs) == 1
    assert (await Gathering.get()).taken == 9


async def test_the_code_of_the_moment_takes_one_down_once(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, wang: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    with hearing(runtime) as heard:
        code = code_at(runtime.keys, made.id, clock.now())
        early = await call(app_client, wang, "POST", f"/{made.id}/attendance", {"code": code})
        assert early.json()["code"] == "gathering_not_open"
        soon = clock.now() + timedelta(minutes=10)
        await Gathering.all().update(starts_at=soon, ends_at=soon + timedelta(hours=1))
        shown = await read_page(app_client, lin, f"/console/gatherings/{made.id}/code")
        code = code_at(runtime.keys, made.id, clock.now())
        assert code in shown.text
        assert shown.headers["refresh"] == "30"
        stale = await call(app_client, wang, "POST", f"/{made.id}/attendance", {"code": "00000000"})
        assert (stale.status_code, stale.json()["code"]) == (422, "attendance_code_stale")
        for first in (True, False):
            came = await call(app_client, wang, "POST", f"/{made.id}/attendance", {"code": code.lower()})
            assert (came.status_code, came.json()["is_first"]) == (200, first)
        assert [news.resident_id for news in heard] == [wang.id]
    assert (await call(app_client, wang, "DELETE", f"/{made.id}/place")).status_code == 404
    assert "已签到" in (await read_page(app_client, wang, "/app/gatherings")).text
    other = await a_resident(runtime, 2)
    clock.advance(timedelta(seconds=121))
    late = await post_form(app_client, other, f"/app/gatherings/{made.id}", {"act": "attend", "code": code})
    assert (late.status_code, "最新的二维码" in late.text) == (422, True)
    link = await read_page(app_client, other, f"/app/gatherings/{made.id}/attend?code={code}")
    assert code in link.text


@contextmanager
def hearing(runtime: Runtime) -> Iterator[list[Attended]]:
    heard: list[Attended] = []

    async def hear(news: Attended) -> None:
        heard.append(news)

    runtime.events.listen(Attended, hear)
    yield heard


async def test_a_code_is_good_for_a_minute_and_a_half_and_for_its_gathering(runtime: Runtime) -> None:
    at, one, other = runtime.clock.now().replace(second=0, microsecond=0), new_id(), new_id()
    code = code_at(runtime.keys, one, at)
    assert len(code) == 8
    assert code != code_at(runtime.keys, one, at + timedelta(seconds=30))
    assert is_good(runtime.keys, one, f" {code[:4]}-{code[4:]} ".lower(), at + timedelta(seconds=89))
    assert not is_good(runtime.keys, one, code, at + timedelta(seconds=90))
    assert not is_good(runtime.keys, one, code, at - timedelta(seconds=1))
    assert not is_good(runtime.keys, other, code, at)


async def test_heads_and_materials_are_counted_and_the_whole_is_told(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, wang: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    path = f"/console/gatherings/{made.id}"
    numbers = {"act": "settle", "heads": "12", "materials": "80"}
    assert (await post_form(app_client, lin, path, numbers)).status_code == 409
    clock.advance(timedelta(hours=3))
    await attend(runtime, made.id, id_of(wang), code_at(runtime.keys, made.id, clock.now()), at=clock.now())
    assert (await post_form(app_client, lin, path, {**numbers, "heads": "-1"})).status_code == 400
    assert (await post_form(app_client, lin, path, numbers)).status_code == 303
    clock.advance(timedelta(hours=2))
    assert await finish_due(clock.now()) == 1
    page = (await read_page(app_client, lin, "/console/gatherings")).text
    assert "13" in page
    assert "80" in page


async def test_each_form_is_offered_while_it_can_be_sent(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, wang: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    for passed, may_attend, may_settle in ((0, False, False), (95, True, False), (30, True, True)):
        clock.advance(timedelta(minutes=passed))
        page = (await read_page(app_client, signed_in_anew(runtime, wang), "/app/gatherings")).text
        assert (f"code-{made.id}" in page, "开始前半小时起" in page) == (may_attend, not may_attend)
        session = {cookie_name("console"): await open_session("console", id_of(lin), now=clock.now())}
        page = (await read_page(app_client, replace(lin, cookies=session), f"/console/gatherings/{made.id}")).text
        assert ('value="settle"' in page, 'value="cancel"' in page) == (may_settle, not may_settle)


async def test_a_cancelled_one_is_told_to_those_who_signed_up(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, wang: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    await sign_up(made.id, id_of(wang), at=runtime.clock.now())
    path = f"/console/gatherings/{made.id}"
    assert (await post_form(app_client, lin, path, {"act": "cancel"})).status_code == 400
    far = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="far")
    await Account.filter(id=far.id).update(division="410621001001")
    assert (await post_form(app_client, far, path, {"act": "cancel", "reason": "下雨"})).status_code == 404
    assert (await post_form(app_client, lin, path, {"act": "cancel", "reason": "下雨"})).status_code == 303
    assert (await post_form(app_client, lin, path, {"act": "cancel", "reason": "下雨"})).status_code == 409
    assert await kinds_told(id_of(wang)) == ["gathering.cancelled"]
    other = await a_resident(runtime, 2)
    assert (await call(app_client, other, "POST", f"/{made.id}/place")).status_code == 409


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [("9999-12-31T12:00", "9999-12-31T13:00"), ("9999-12-31T23:00-12:00", "9999-12-31T23:30-12:00"),
     ("0001-01-01T00:00", "0001-01-01T01:00"), ("2027-11-25T10:00", "2027-11-25T11:00")],
)  # fmt: skip
async def test_it_begins_within_a_year(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, starts_at: str, ends_at: str
) -> None:
    assert (await plan(app_client, runtime, lin, starts_at=starts_at, ends_at=ends_at)).status_code == 400
    assert not await Gathering.exists()


@pytest.mark.parametrize(("typed", "hour"), [("", 2), ("+08:00", 2), ("+09:00", 1), ("Z", 10)])
async def test_an_offset_that_was_typed_is_honoured(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, typed: str, hour: int
) -> None:
    times = {"starts_at": f"2027-11-20T10:00{typed}", "ends_at": f"2027-11-20T11:00{typed}"}
    assert (await plan(app_client, runtime, lin, **times)).status_code == 303
    assert (await Gathering.get()).starts_at == datetime(2027, 11, 20, hour, tzinfo=UTC)


async def test_cancelled_by_two_at_once_it_is_so_once(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    staff = Staff(id_of(lin), new_id(), "person-lin", frozenset({Role.COMMUNITY_WORKER}), DIVISION)
    at = clock.now()
    ends = await asyncio.gather(
        *(cancel_gathering(made.id, staff, reason="下雨", at=at) for _ in range(8)), return_exceptions=True
    )
    assert sum(end is None for end in ends) == 1
    assert await AuditEntry.filter(action="gathering.cancel").count() == 1


async def came(runtime: Runtime, made: Gathering, who: UUID) -> bool:
    now = runtime.clock.now()
    return await attend(runtime, made.id, who, code_at(runtime.keys, made.id, now), at=now)


async def test_from_the_beginning_on_who_has_come_takes_the_place_of_who_has_not(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    first, last, walk_in = new_id(), new_id(), new_id()
    await sign_up(made.id, first, at=clock.now())
    await sign_up(made.id, last, at=clock.now() + timedelta(minutes=1))
    clock.advance(timedelta(minutes=110))
    with pytest.raises(GatheringFull):
        await came(runtime, made, walk_in)
    clock.advance(timedelta(minutes=10))
    with pytest.raises(GatheringFull):
        await sign_up(made.id, walk_in, at=clock.now())
    assert await came(runtime, made, walk_in)
    assert await came(runtime, made, first)
    with pytest.raises(GatheringFull):
        await came(runtime, made, last)
    assert (await Gathering.get()).taken == await GatheringGuest.all().count() == 2
    released = await AuditEntry.get(action="gathering.release")
    assert released.actor == f"resident:{last}"


async def test_the_room_is_never_oversold_whoever_comes_at_once(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    await Gathering.all().update(capacity=8)
    held = [new_id() for _ in range(8)]
    for one in held:
        await sign_up(made.id, one, at=clock.now())
    clock.advance(timedelta(hours=2))
    comers = [*held[:4], *(new_id() for _ in range(12))]
    ends = await asyncio.gather(*(came(runtime, made, one) for one in comers), return_exceptions=True)
    assert sum(end is True for end in ends) == 8
    assert sum(isinstance(end, GatheringFull) for end in ends) == 8
    assert (await Gathering.get()).taken == await GatheringGuest.filter(attended_at__isnull=False).count() == 8


@pytest.mark.parametrize("capacity", [1, 2])
async def test_whose_place_goes_while_she_arrives_takes_another_or_is_told_that_there_is_none(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, capacity: int
) -> None:
    """The walk-in's transaction releases her place after she was found to hold one, and is not committed yet."""
    made = await planned(app_client, runtime, lin)
    await Gathering.all().update(capacity=capacity)
    held = [new_id() for _ in range(capacity)]
    for place, one in enumerate(held):
        await sign_up(made.id, one, at=clock.now() + timedelta(minutes=place))
    clock.advance(timedelta(hours=2))
    locked = asyncio.Event()

    async def walk_in() -> None:
        async with transaction():
            await GatheringGuest.filter(resident_id=held[-1]).select_for_update()
            locked.set()
            await asyncio.sleep(0.5)
            await came(runtime, made, new_id())

    async def arrive() -> bool:
        await locked.wait()
        return await came(runtime, made, held[-1])

    _, arrived = await asyncio.gather(walk_in(), arrive(), return_exceptions=True)
    assert isinstance(arrived, GatheringFull) if capacity == 1 else arrived is True
    assert await GatheringGuest.filter(attended_at__isnull=False).count() == capacity


async def test_all_that_is_to_come_is_reached_her_own_district_first(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller
) -> None:
    far, near = await many(clock, "410621001001", 205), await many(clock, DIVISION, 2, after=timedelta(days=9))
    past = await many(clock, DIVISION, 2, after=timedelta(days=-9), state="done")
    for row in (past[0], past[1], far[-1]):
        await GatheringGuest.create(gathering_id=row.id, resident_id=wang.id, signed_up_at=row.starts_at)
    pages = [(await call(app_client, wang, "GET", f"?page={number}")).json() for number in range(1, 7)]
    assert [one["id"] for one in pages[0][:2]] == [str(row.id) for row in near]
    assert [one["id"] for one in pages[0][50:]] == [str(row.id) for row in (far[-1], past[1], past[0])]
    open_ones = [one["id"] for one in (*pages[0][:50], *pages[1], *pages[2], *pages[3], *pages[4])]
    assert open_ones == [str(row.id) for row in (*near, *far)]
    assert [one["holds_place"] for one in pages[4]] == [False] * 6 + [True]
    assert pages[5] == []
    first, last = [(await read_page(app_client, wang, f"/app/gatherings?page={number}")).text for number in (1, 5)]
    assert "?page=2" in first
    assert f"/app/gatherings/{far[-1].id}" in last
    assert ("?page=4" in last, "?page=6" in last) == (True, False)


async def many(
    clock: FixedClock, division: str, number: int, *, after: timedelta = timedelta(), state: str = "planned"
) -> list[Gathering]:
    """Return gatherings an hour apart."""
    now, rows = clock.now() + after, []
    for place in range(1, number + 1):
        begins = now + timedelta(hours=place)
        rows.append(
            Gathering(
                id=new_id(), division=division, title="信用进社区", place="活动室", state=state, starts_at=begins,
                ends_at=begins + timedelta(hours=1), capacity=5, made_by=new_id(), created_at=now,
            )
        )  # fmt: skip
    await Gathering.bulk_create(rows)
    return rows
