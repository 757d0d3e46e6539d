"""Published masked when the notice is over, worth a reward, contested, and gone everywhere at once when it ends."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from support.lists import WITH_NOTICE, act, approve, look, make, person
from support.people import Caller, a_member_of_staff, a_resident
from support.scenes import id_of
from support.telling import kinds_told

from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.models import Account
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.ids import new_id
from xinyi_platform.notices.models import Notice
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.kinds import list_kinds
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import (
    EntryEnded,
    EntryPublished,
    end_entry,
    expire_entries,
    publish_due,
    publish_entry,
)
from xinyi_rewards.honor_lists.telling import tell_ended, tell_published
from xinyi_rewards.rewards.granting import grant_due, publish_and_grant
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_scenarios.entitlements.models import Entitlement

pytestmark = pytest.mark.anyio
WANG = {"name": "王小丽", "last_four": synthetic_identity_number(1)[-4:]}


async def found(client: httpx.AsyncClient, who: dict[str, str] = WANG) -> list[str]:
    """The states of what anybody finds by a person's name and last four."""
    answer = await client.post("/api/v1/honor-lists/search", json=who)
    assert answer.status_code == 200
    return [entry["state"] for entry in answer.json()]


async def published(client: httpx.AsyncClient, lin: Caller, zhou: Caller) -> HonorEntry:
    await approve(client, lin, zhou, await make(client, lin, [person(1)]))
    return await HonorEntry.get()


async def test_what_needs_no_notice_is_published_at_once_and_masked(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller
) -> None:
    await published(app_client, lin, zhou)
    for path in ("/api/v1/honor-lists/red-good-neighbour/entries", "/lists/red-good-neighbour"):
        text = (await app_client.get(path)).text
        assert "王*丽" in text
        assert "王小丽" not in text
        assert synthetic_identity_number(1) not in text
    assert await found(app_client) == ["published"]
    assert await found(app_client, {**WANG, "name": "王小美"}) == []


async def test_notice_runs_its_days_before_an_entry_is_published(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)], kind=WITH_NOTICE))
    assert await found(app_client) == ["noticed"]
    clock.advance(timedelta(days=7, seconds=-1))
    assert await publish_due(runtime) == 0
    assert not await RewardGrant.exists()
    clock.advance(timedelta(seconds=1))
    assert await publish_due(runtime) == 1
    assert await publish_due(runtime) == 0
    assert await found(app_client) == ["published"]


async def test_the_resident_on_it_holds_its_reward_once_and_sees_it(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await published(app_client, lin, zhou)
    await publish_and_grant(runtime)
    assert await grant_due(runtime) == 0
    held = (await app_client.get("/api/v1/me/entitlements", headers=wang.headers())).json()
    assert {e["scenario"] for e in held} >= {"checkup", "read"}
    assert "社区好人榜" in (await app_client.get("/app/honors", headers=wang.headers())).text


async def test_one_who_is_no_resident_is_listed_without_a_reward(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    entry = await published(app_client, lin, zhou)
    assert entry.resident_id is None
    assert await grant_due(runtime) == 0


@pytest.mark.parametrize("event", ["repair", "revoke", "expire"])
async def test_an_end_takes_the_entry_and_its_unused_reward_away_together(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller, event: str
) -> None:
    entry = await published(app_client, lin, zhou)
    now = runtime.clock.now()
    assert await end_entry(runtime, entry.id, event, actor="test", reason="更正", at=now)
    assert await found(app_client) == []
    assert await held_states() == {"withdrawn"}


async def test_validity_ends_by_itself(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    await published(app_client, lin, zhou)
    clock.advance(timedelta(days=365))
    assert await expire_entries(runtime) == 1
    assert await expire_entries(runtime) == 0
    assert await found(app_client) == []


async def held_states() -> set[str]:
    return set(await Entitlement.all().values_list("state", flat=True))


async def object_to(client: httpx.AsyncClient, who: Caller, entry: HonorEntry) -> httpx.Response:
    path = f"/api/v1/me/honors/{entry.id}/objections"
    return await client.post(path, headers=who.headers(), json={"reason": "事迹不是我的"})


async def test_an_objection_suspends_the_display_until_it_is_decided(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await published(app_client, lin, zhou)
    stranger = await a_resident(runtime, 2)
    assert (await object_to(app_client, stranger, entry)).status_code == 404
    filed = await object_to(app_client, wang, entry)
    assert filed.status_code == 201
    assert filed.json()["decide_by"] == "2026-12-07"
    assert (await object_to(app_client, wang, entry)).status_code == 409
    assert await found(app_client) == []
    objection = filed.json()["id"]
    waiting = (await look(app_client, zhou, "/objections")).json()
    assert [(row["id"], row["name"]) for row in waiting] == [(objection, "王*丽")]
    body = {"verdict": "dismiss", "reason": "经核实属实"}
    assert (await act(app_client, zhou, f"/objections/{objection}/decide", body)).status_code == 204
    assert (await act(app_client, zhou, f"/objections/{objection}/decide", body)).status_code == 409
    assert await found(app_client) == ["published"]
    assert "经核实属实" in (await app_client.get("/app/honors", headers=wang.headers())).text


async def test_an_upheld_objection_ends_the_entry_and_what_hung_on_it(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await published(app_client, lin, zhou)
    objection = (await object_to(app_client, wang, entry)).json()["id"]
    body = {"verdict": "uphold", "reason": "张冠李戴"}
    assert (await act(app_client, zhou, f"/objections/{objection}/decide", body)).status_code == 204
    assert (await HonorEntry.get(id=entry.id)).state == "revoked"
    assert await held_states() == {"withdrawn"}
    assert await found(app_client) == []


async def test_the_maker_and_another_area_do_not_decide_an_objection(
    app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller, wang: Caller
) -> None:
    maker = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, Role.REVIEWER, username="maker")
    entry = await published(app_client, maker, zhou)
    objection = (await object_to(app_client, wang, entry)).json()["id"]
    body = {"verdict": "dismiss", "reason": "不成立"}
    assert (await act(app_client, maker, f"/objections/{objection}/decide", body)).status_code == 403
    far = await a_member_of_staff(runtime, Role.REVIEWER, username="far")
    await Account.filter(id=far.id).update(division="410621")
    assert (await look(app_client, far, "/objections")).json() == []
    assert (await act(app_client, far, f"/objections/{objection}/decide", body)).status_code == 404
    assert (await HonorEntry.get(id=entry.id)).display_suspended


async def test_one_contested_during_notice_is_not_published_until_decided(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)], kind=WITH_NOTICE))
    entry = await HonorEntry.get()
    mine = (await app_client.get("/api/v1/me/honors", headers=wang.headers())).json()
    assert [row["id"] for row in mine] == [str(entry.id)]
    objection = (await object_to(app_client, wang, entry)).json()["id"]
    clock.advance(timedelta(days=8))
    assert await publish_due(runtime) == 0
    body = {"verdict": "dismiss", "reason": "核实无误"}
    assert await found(app_client) == []
    zhou_again = await a_member_of_staff(runtime, Role.REVIEWER, username="zhou2")
    assert (await act(app_client, zhou_again, f"/objections/{objection}/decide", body)).status_code == 204
    assert await publish_due(runtime) == 1


async def test_what_was_deferred_while_a_sweep_held_it_is_not_published_and_keeps_its_subject(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)], kind=WITH_NOTICE))
    swept, now = await HonorEntry.get(), clock.now() + timedelta(days=8)
    await HonorEntry.all().update(publish_at=now + timedelta(days=1))
    assert not await publish_entry(runtime, swept, at=now)
    assert (await HonorEntry.get()).state == "noticed"
    bound = new_id()  # she signed in after the sweep had looked for her
    await HonorEntry.all().update(publish_at=now, resident_id=bound)
    assert await publish_entry(runtime, swept, at=now)
    assert (await HonorEntry.get()).resident_id == bound


async def test_an_objection_can_be_upheld_after_its_entry_has_ended_by_itself(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await published(app_client, lin, zhou)
    objection = (await object_to(app_client, wang, entry)).json()["id"]
    await end_entry(runtime, entry.id, "expire", actor="test", reason="validity over", at=runtime.clock.now())
    body = {"verdict": "uphold", "reason": "确有错误"}
    assert (await act(app_client, zhou, f"/objections/{objection}/decide", body)).status_code == 204
    assert (await HonorEntry.get(id=entry.id)).state == "expired"
    assert "确有错误" in (await app_client.get("/app/honors", headers=wang.headers())).text


async def test_the_resident_is_told_of_the_publication_and_of_its_end(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await published(app_client, lin, zhou)
    (row,) = await Notice.filter(resident_id=wang.id)
    assert (row.kind, row.link) == ("honor_entry.published", "/app/honors")
    assert "社区好人榜" in row.title_zh
    await end_entry(runtime, entry.id, "revoke", actor="test", reason="x", at=clock.now())
    assert await kinds_told(id_of(wang)) == ["honor_entry.published", "honor_entry.ended"]


async def test_of_a_black_list_the_title_says_nothing_and_the_body_what_helps(
    runtime: Runtime, clock: FixedClock, wang: Caller
) -> None:
    black = next(kind for kind in list_kinds().values() if kind.colour == "black")
    await tell_published(EntryPublished(new_id(), black.slug, id_of(wang), clock.now(), clock.now()))
    (row,) = await Notice.filter(resident_id=wang.id)
    assert row.about_loss
    assert black.name_zh in row.body_zh
    assert black.name_zh not in row.title_zh
    assert "信用修复" in row.body_zh
    await tell_ended(EntryEnded(new_id(), black.slug, id_of(wang), "repaired", clock.now()))
    await tell_published(EntryPublished(new_id(), black.slug, None, clock.now(), clock.now()))
    assert await kinds_told(id_of(wang)) == ["honor_entry.listed", "honor_entry.ended"]
