"""Objections filed again, after the term, and while an entry ends: the display follows rules, not whoever clicks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.lists import WITH_NOTICE, act, approve, look, make, person, search
from support.people import Caller, a_member_of_staff, a_partner
from support.scenes import id_of, post_form, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.division_policies.models import DivisionPolicy
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.identity.tokens import issue_resident_token
from xinyi_platform.ids import new_id
from xinyi_platform.notices.models import Notice
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry, Objection
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_scenarios.entitlements.models import Entitlement

pytestmark = pytest.mark.anyio


async def object_to(client: httpx.AsyncClient, who: Caller, entry: HonorEntry) -> httpx.Response:
    client.cookies.clear()
    path = f"/api/v1/me/honors/{entry.id}/objections"
    return await client.post(path, headers=who.headers(), json={"reason": "事迹不是我的"})


async def decide(client: httpx.AsyncClient, who: Caller, objection: Any, verdict: str) -> httpx.Response:
    return await act(client, who, f"/objections/{objection}/decide", {"verdict": verdict, "reason": "经核实属实"})


@pytest.fixture
async def entry(app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller) -> HonorEntry:
    """王小丽's published place on the list without notice; the term to object runs seven days."""
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)]))
    return await HonorEntry.get()


async def signed_in_again(runtime: Runtime, who: Caller) -> Caller:
    """The same resident, whose token and session would be over by now."""
    now, identity = runtime.clock.now(), id_of(who)
    session = {cookie_name("app"): await open_session("app", identity, now=now)}
    return replace(who, token=issue_resident_token(runtime.keys, identity, now).token, cookies=session)


async def staff_again(runtime: Runtime, who: Caller) -> Caller:
    """The same member of staff, whose session would be over by now."""
    session = await open_session("console", id_of(who), now=runtime.clock.now())
    return replace(who, cookies={cookie_name("console"): session})


async def test_only_the_first_objection_and_those_within_the_term_take_an_entry_off_the_page(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, zhou: Caller, wang: Caller, entry: HonorEntry
) -> None:
    assert str(entry.objection_until) == "2026-11-30"
    for days, is_shown in ((0, False), (6, False), (30, True), (30, True)):
        clock.advance(timedelta(days=days))
        wang, zhou = await signed_in_again(runtime, wang), await staff_again(runtime, zhou)
        page = (await read_page(app_client, wang, "/app/honors")).text
        assert ("其间继续展示" in page) is is_shown
        filed = await object_to(app_client, wang, entry)
        assert filed.status_code == 201
        assert bool(await search(app_client)) is is_shown
        assert (await decide(app_client, zhou, filed.json()["id"], "dismiss")).status_code == 204
        assert [found["state"] for found in await search(app_client)] == ["published"]


async def test_the_first_objection_suspends_also_long_after_the_term(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, zhou: Caller, wang: Caller, entry: HonorEntry
) -> None:
    clock.advance(timedelta(days=90))
    wang, zhou = await signed_in_again(runtime, wang), await staff_again(runtime, zhou)
    filed = await object_to(app_client, wang, entry)
    assert await search(app_client) == []
    assert (await decide(app_client, zhou, filed.json()["id"], "uphold")).status_code == 204
    assert (await HonorEntry.get()).state == "revoked"


@pytest.mark.parametrize("verdict", ["dismiss", "uphold"])
async def test_nobody_is_told_to_use_an_entry_again_that_ended_while_it_was_contested(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, zhou: Caller, wang: Caller,
    entry: HonorEntry, verdict: str,
) -> None:  # fmt: skip
    bank = await a_partner(runtime, "lists", client_id="bank", name="演示银行")
    app_client.cookies.clear()
    given = await app_client.get(f"/partner/v1/honor-lists/{entry.kind}/entries", headers=bank.headers())
    assert len(given.json()["entries"]) == 1
    filed = await object_to(app_client, wang, entry)
    await end_entry(runtime, entry.id, "expire", actor="job:expire", reason="validity over", at=clock.now())
    assert (await decide(app_client, zhou, filed.json()["id"], verdict)).status_code == 204
    topics = await OutboxEvent.filter(audience=f"partner:{bank.id}").order_by("id").values_list("topic", flat=True)
    assert "honor_entry.resumed" not in topics
    assert "honor_entry.recalled" in topics


async def test_an_area_that_gives_more_days_to_object_gives_them(
    app_client: httpx.AsyncClient, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    one, now = new_id(), clock.now()
    await DivisionPolicy.create(
        id=one, division="410611", topic="list_kind", key=WITH_NOTICE, parameter="objection_days", value=12,
        in_force_from=now.date(), reason="从严", state="approved", slot=str(one), maker_id=one, maker_person="a",
        made_at=now, decider_id=one, decider_person="b", decided_at=now,
    )  # fmt: skip
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(2)], kind=WITH_NOTICE))
    assert str((await HonorEntry.get()).objection_until) == "2026-12-05"


async def test_a_verdict_that_is_neither_is_refused_and_changes_nothing(
    app_client: httpx.AsyncClient, zhou: Caller, wang: Caller, entry: HonorEntry
) -> None:
    filed = await object_to(app_client, wang, entry)
    path = f"/console/objections/{filed.json()['id']}"
    assert (await post_form(app_client, zhou, path, {"reason": "看错了"})).status_code == 400
    assert (await Objection.get()).state == "open"
    assert await search(app_client) == []


async def test_who_looked_at_the_objection_is_on_the_entrys_trail(
    app_client: httpx.AsyncClient, zhou: Caller, wang: Caller, entry: HonorEntry
) -> None:
    await object_to(app_client, wang, entry)
    before = await AuditEntry.filter(action="honor_entry.view", object_id=str(entry.id)).count()
    await read_page(app_client, zhou, "/console/objections")
    await look(app_client, zhou, "/objections")
    looks = AuditEntry.filter(action="honor_entry.view", object_id=str(entry.id), actor=f"staff:{zhou.id}")
    assert await looks.count() == before + 2


async def test_what_she_holds_is_judged_again_when_an_entry_is_suspended_and_when_it_returns(
    app_client: httpx.AsyncClient, clock: FixedClock, zhou: Caller, wang: Caller, entry: HonorEntry
) -> None:
    held = Entitlement.filter(resident_id=id_of(wang))
    judged = held.filter(recheck_at=clock.now())

    async def forget() -> None:
        await held.update(decision_id=new_id(), recheck_at=clock.now() + timedelta(days=9))

    await forget()
    filed = await object_to(app_client, wang, entry)
    assert await judged.count() == await held.count() > 0
    await forget()
    await decide(app_client, zhou, filed.json()["id"], "dismiss")
    assert await judged.count() == await held.count()


@pytest.mark.parametrize(("verdict", "result"), [("uphold", "异议成立"), ("dismiss", "异议不成立")])
async def test_she_is_told_what_became_of_her_objection_and_why(
    app_client: httpx.AsyncClient, zhou: Caller, wang: Caller, entry: HonorEntry, verdict: str, result: str
) -> None:
    filed = await object_to(app_client, wang, entry)
    assert (await decide(app_client, zhou, filed.json()["id"], verdict)).status_code == 204
    told = await Notice.get(resident_id=id_of(wang), kind="objection.decided")
    assert told.about_loss
    assert result in told.body_zh
    assert "经核实属实" in told.body_zh
    assert (told.title_zh, told.link) == ("您的异议已有处理结果", "/app/honors")
    ended = await Notice.filter(resident_id=id_of(wang), kind="honor_entry.ended")
    assert [("经核实属实" in row.body_zh) for row in ended] == ([True] if verdict == "uphold" else [])


async def test_a_decision_may_give_as_long_a_reason_as_it_is_asked_for(
    app_client: httpx.AsyncClient, zhou: Caller, wang: Caller, entry: HonorEntry
) -> None:
    filed = (await object_to(app_client, wang, entry)).json()["id"]
    body = {"verdict": "uphold", "reason": "长" * 400}
    assert (await act(app_client, zhou, f"/objections/{filed}/decide", body)).status_code == 204
    assert (await HonorEntry.get()).end_reason == "长" * 400


async def test_what_ended_while_it_was_contested_is_over_and_not_on_hold(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller,
    entry: HonorEntry,
) -> None:  # fmt: skip
    filed = (await object_to(app_client, wang, entry)).json()["id"]
    lists = f"/console/lists/{entry.honor_list_id}"
    assert "暂停展示,核查中" in (await read_page(app_client, lin, lists)).text
    await end_entry(runtime, entry.id, "expire", actor="job:expire", reason="validity over", at=clock.now())
    mine = (await read_page(app_client, wang, "/app/honors")).text
    assert ("已暂停展示" in mine, "已结束" in mine) == (False, True)
    assert "已到期" in (await read_page(app_client, lin, lists)).text
    assert (await decide(app_client, zhou, filed, "dismiss")).status_code == 204
    ended = await HonorEntry.get()
    assert (ended.display_suspended, ended.display_holds) == (False, 0)


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        ("validity over", "有效期或公示期已满", "its term is over"),
        ("on a black list", "有在期失信记录", "an entry on a black one"),
        ("death", "根据民政登记信息结束", "civil register"),
        ("(2026)演0600执0001号", "(2026)演0600执0001号", "(2026)演0600执0001号"),
    ],
)
async def test_she_reads_why_an_entry_ended_in_her_language(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller,
    entry: HonorEntry, reason: str, zh: str, en: str,
) -> None:  # fmt: skip
    await end_entry(runtime, entry.id, "revoke", actor="test", reason=reason, at=clock.now())
    told = await Notice.get(resident_id=id_of(wang), kind="honor_entry.ended")
    assert (zh in told.body_zh, en in told.body_en) == (True, True)
    assert zh not in told.title_zh
    page = await read_page(app_client, wang, "/app/honors")
    assert f"结束原因: {zh}" in page.text
    mine = (await app_client.get("/api/v1/me/honors", headers=wang.headers())).json()
    assert (zh in mine[0]["end_reason_zh"], en in mine[0]["end_reason_en"]) == (True, True)
    assert reason in (zh, en) or reason not in page.text


async def test_who_made_the_list_is_not_offered_to_decide(
    app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller, wang: Caller
) -> None:
    both = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, Role.REVIEWER, username="both")
    await approve(app_client, both, zhou, await make(app_client, both, [person(1)]))
    filed = (await object_to(app_client, wang, await HonorEntry.get())).json()["id"]
    for who, may_decide in ((both, False), (zhou, True)):
        page = (await read_page(app_client, who, "/console/objections")).text
        assert (f"/console/objections/{filed}" in page, "您是该名单的经办人" in page) == (may_decide, not may_decide)
