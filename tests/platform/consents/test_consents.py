"""Consent: given to the text that was shown, one live one at a time, as easy to withdraw as to give."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from support.people import Caller, a_resident, form_token

from xinyi_platform.audit import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.consents import PURPOSES, Consent, expire_consents, grant, live_consent
from xinyi_platform.consents.granting import ConsentTextChanged
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.consents.reminding import remind_of_consents
from xinyi_platform.ids import new_id
from xinyi_platform.notices.models import Notice
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
PATH = f"/api/v1/me/consents/{SCENES}"
VERSION = PURPOSES[SCENES].version


@pytest.fixture
async def wang(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_resident(runtime)


async def test_what_is_consented_to_can_be_read_by_anybody(app_client: httpx.AsyncClient) -> None:
    shown = (await app_client.get("/api/v1/consent-purposes", headers={"Accept-Language": "en"})).json()
    assert {row["purpose"] for row in shown} == set(PURPOSES)
    for row in shown:
        assert all(row[name] for name in ("title", "text", "data", "receiver", "basis"))
        assert 0 < row["days"] <= 365


async def test_a_consent_is_given_listed_and_withdrawn(app_client: httpx.AsyncClient, wang: Caller) -> None:
    given = await app_client.put(PATH, headers=wang.headers(), json={"version": VERSION})
    assert (given.status_code, given.json()["state"]) == (200, "granted")
    (listed,) = (await app_client.get("/api/v1/me/consents", headers=wang.headers())).json()
    assert (listed["purpose"], listed["version"], listed["ended_at"]) == (SCENES, VERSION, None)
    assert (await app_client.delete(PATH, headers=wang.headers())).status_code == 204
    (listed,) = (await app_client.get("/api/v1/me/consents", headers=wang.headers())).json()
    assert listed["state"] == "withdrawn"
    assert listed["ended_at"]


async def test_there_is_nothing_to_withdraw_twice(app_client: httpx.AsyncClient, wang: Caller) -> None:
    assert (await app_client.delete(PATH, headers=wang.headers())).status_code == 404
    await app_client.put(PATH, headers=wang.headers(), json={"version": VERSION})
    assert (await app_client.delete(PATH, headers=wang.headers())).status_code == 204
    assert (await app_client.delete(PATH, headers=wang.headers())).status_code == 404


@pytest.mark.parametrize(
    ("path", "document", "status"),
    [
        ("/api/v1/me/consents/no.such.purpose", {"version": 1}, 404),
        (PATH, {"version": VERSION + 1}, 409),
        (PATH, {"version": 0}, 400),
        (PATH, {"version": "first"}, 400),
        (PATH, {}, 400),
        (PATH, {"version": VERSION, "days": 9_999}, 400),
    ],
)
async def test_a_consent_to_something_else_is_refused(
    path: str, document: dict[str, object], status: int, app_client: httpx.AsyncClient, wang: Caller
) -> None:
    answer = await app_client.put(path, headers=wang.headers(), json=document)
    assert answer.status_code == status, answer.text
    assert await Consent.all().count() == 0


async def test_giving_it_again_supersedes_the_earlier_one(
    app_client: httpx.AsyncClient, wang: Caller, clock: FixedClock
) -> None:
    for _ in range(2):
        await app_client.put(PATH, headers=wang.headers(), json={"version": VERSION})
        clock.advance(timedelta(minutes=1))
    rows = await Consent.all().order_by("granted_at")
    assert [(row.state, row.slot == "live") for row in rows] == [("superseded", False), ("granted", True)]


async def test_each_act_is_on_the_trail(app_client: httpx.AsyncClient, wang: Caller) -> None:
    await app_client.put(PATH, headers=wang.headers(), json={"version": VERSION})
    await app_client.delete(PATH, headers=wang.headers())
    rows = await AuditEntry.filter(object_kind="consent").order_by("id")
    assert [row.action for row in rows] == ["consent.grant", "consent.withdraw"]
    assert {row.actor for row in rows} == {f"resident:{wang.id}"}


async def test_two_consents_at_once_leave_one_live(runtime: Runtime, clock: FixedClock) -> None:
    someone = new_id()
    await asyncio.gather(
        *(grant(someone, SCENES, version=VERSION, at=clock.now()) for _ in range(4)), return_exceptions=True
    )
    assert await Consent.filter(resident_id=someone, slot="live").count() == 1


async def test_a_consent_ends_by_itself(runtime: Runtime, clock: FixedClock) -> None:
    someone = new_id()
    given = await grant(someone, SCENES, version=VERSION, at=clock.now())
    clock.advance(timedelta(days=PURPOSES[SCENES].days))
    assert await live_consent(someone, SCENES, at=clock.now()) is None
    assert [await expire_consents(clock.now()), await expire_consents(clock.now())] == [1, 0]
    ended = await Consent.get(id=given.id)
    assert (ended.state, ended.ended_at) == ("expired", clock.now())


async def test_a_consent_to_one_purpose_is_none_to_another(runtime: Runtime, clock: FixedClock) -> None:
    someone = new_id()
    await grant(someone, "outcome.bureau", version=PURPOSES["outcome.bureau"].version, at=clock.now())
    assert await live_consent(someone, SCENES, at=clock.now()) is None


async def test_a_consent_to_an_older_text_no_longer_counts(runtime: Runtime, clock: FixedClock) -> None:
    someone = new_id()
    given = await grant(someone, SCENES, version=VERSION, at=clock.now())
    await Consent.filter(id=given.id).update(version=VERSION - 1)
    assert await live_consent(someone, SCENES, at=clock.now()) is None
    with pytest.raises(ConsentTextChanged):
        await grant(someone, SCENES, version=VERSION - 1, at=clock.now())


async def test_the_pages_ask_first_and_let_go_with_one_tap(app_client: httpx.AsyncClient, wang: Caller) -> None:
    csrf = await form_token(app_client)
    app_client.cookies.clear()
    mine = wang.headers(csrf=csrf)
    asked = await app_client.get(f"/app/consents/{SCENES}/grant", headers=mine)
    for part in (PURPOSES[SCENES].text.zh, PURPOSES[SCENES].data.zh, PURPOSES[SCENES].receiver.zh):
        assert part in asked.text
    assert "checked" not in asked.text
    form = {"version": str(VERSION), "next": "//elsewhere.test"}
    given = await app_client.post(f"/app/consents/{SCENES}/grant", headers=mine, data=form)
    assert (given.status_code, given.headers["location"]) == (303, "/")
    taken = await app_client.post(f"/app/consents/{SCENES}/withdraw", headers=mine)
    assert (taken.status_code, taken.headers["location"]) == (303, "/app/consents")
    assert (await Consent.get()).state == "withdrawn"
    assert (await app_client.get("/app/consents/no.such/grant", headers=mine)).status_code == 404


async def test_before_a_consent_ends_she_is_told_twice_and_whom_it_no_longer_concerns_never(
    runtime: Runtime, clock: FixedClock
) -> None:
    wang, li = new_id(), new_id()
    for someone in (wang, li):
        await grant(someone, SCENES, version=VERSION, at=clock.now())
    assert await remind_of_consents(clock.now()) == 0
    clock.advance(timedelta(days=PURPOSES[SCENES].days - 14))
    assert [await remind_of_consents(clock.now()), await remind_of_consents(clock.now())] == [2, 0]
    await grant(li, SCENES, version=VERSION, at=clock.now())
    clock.advance(timedelta(days=13))
    assert await remind_of_consents(clock.now()) == 1
    told = await Notice.filter(resident_id=wang).order_by("created_at")
    assert [row.kind for row in told] == ["consent.expiring"] * 2
    assert "2027年11月23日" in told[0].body_zh
    assert told[0].link == f"/app/consents/{SCENES}/grant"
