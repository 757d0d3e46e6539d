"""Who received an entry is on record, is told to stop with its end, and is chased until it says that it has."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import httpx
import pytest
from support.hooks import running
from support.lists import act, look
from support.people import Caller, a_member_of_staff, a_partner
from support.recalls import ENTRIES, KIND, acknowledge, end, export, publish, read
from support.scenes import id_of, problem_code, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.models import Account
from xinyi_platform.identity.tokens import issue_partner_token
from xinyi_platform.outbox import OutboxEvent, subscribe
from xinyi_platform.outbox.delivering import deliver_due, route_events
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.spreadsheets import read_cells
from xinyi_rewards.recalls import recalling
from xinyi_rewards.recalls.giving import SNAPSHOT_KEPT_SECONDS
from xinyi_rewards.recalls.models import EntryReceipt, Recall
from xinyi_rewards.recalls.offline import SnapshotUnreadable, Verdict, read_snapshot, verify_offline
from xinyi_rewards.recalls.recalling import chase_due
from xinyi_rewards.recalls.statements import StatementUnreadable, read_statement

pytestmark = pytest.mark.anyio


@pytest.fixture
async def bank(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_partner(runtime, "lists", client_id="bank", name="演示银行")


async def test_a_reader_is_on_record_and_told_to_stop_with_the_end(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller, bank: Caller
) -> None:
    first, second = await publish(app_client, lin, zhou, 1, 2)
    shown = (await read(app_client, bank)).json()
    assert [row["id"] for row in shown["entries"]] == [str(first.id), str(second.id)]
    assert shown["next"] is None
    assert shown["entries"][0]["name"] == "王*丽"
    await end(runtime, first)
    assert [row["id"] for row in (await read(app_client, bank)).json()["entries"]] == [str(second.id)]
    (recall,) = (await read(app_client, bank, "/partner/v1/recalls")).json()
    assert (recall["entry"], recall["state"]) == (str(first.id), "issued")
    jwks = (await app_client.get("/.well-known/jwks.json")).json()
    told = read_statement(jwks, recall["statement"])
    assert told == (first.id, f"partner:{bank.id}", runtime.clock.now().replace(microsecond=0))
    with pytest.raises(StatementUnreadable):
        read_statement(jwks, recall["statement"][:-4] + "AAAA")
    mine = (await read_page(app_client, wang, "/app/honors")).text
    assert all(text in mine for text in ("谁收到过这条信息", "演示银行", "已通知停止使用", "尚未确认"))
    assert (await acknowledge(app_client, bank, recall["id"])).json()["state"] == "acknowledged"
    assert (await acknowledge(app_client, bank, recall["id"], "again")).status_code == 200
    assert "已确认停止" in (await read_page(app_client, wang, "/app/honors")).text
    assert await AuditEntry.filter(action="entry_recall.acknowledge").count() == 1
    assert not await Recall.filter(entry_id=second.id).exists()


async def test_nobody_elses_recall_is_acknowledged(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, bank: Caller
) -> None:
    (entry,) = await publish(app_client, lin, zhou, 1)
    await read(app_client, bank)
    await end(runtime, entry)
    other = await a_partner(runtime, "lists", client_id="other")
    recall = await Recall.get(receiver=f"partner:{bank.id}")
    assert (await acknowledge(app_client, other, recall.id)).status_code == 404
    assert (await read(app_client, other, "/partner/v1/recalls?state=issued")).json() == []
    assert (await Recall.get(id=recall.id)).state == "issued"


async def test_a_webhook_brings_the_publication_the_pause_and_the_word_to_stop(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller, bank: Caller
) -> None:
    with running() as receiver:
        audience = f"partner:{bank.id}"
        await subscribe(
            runtime.keys, audience=audience, url=receiver.url, topics=[], strict=False, at=runtime.clock.now()
        )
        (entry,) = await publish(app_client, lin, zhou, 1)
        objected = await app_client.post(
            f"/api/v1/me/honors/{entry.id}/objections", headers=wang.headers(), json={"reason": "不是我"}
        )
        assert objected.status_code == 201
        (waiting,) = (await look(app_client, zhou, "/objections")).json()
        body = {"verdict": "uphold", "reason": "登记有误"}
        assert (await act(app_client, zhou, f"/objections/{waiting['id']}/decide", body)).status_code == 204
        await route_events(runtime.clock.now())
        await deliver_due(runtime.keys, runtime.clock.now())
        topics = [json.loads(got.body)["type"] for got in receiver.received]
    assert sorted(topics) == ["honor_entry.published", "honor_entry.recalled", "honor_entry.suspended"]
    assert await EntryReceipt.filter(entry_id=entry.id, receiver=audience, channel="webhook").count() == 1


async def test_a_publication_goes_to_who_waits_for_it_and_is_not_silent(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, bank: Caller
) -> None:
    """One partner reads by itself, one wants other news, one is silent on a recall."""
    at = clock.now()
    other = await a_partner(runtime, "lists", client_id="other")
    silent = await a_partner(runtime, "lists", client_id="silent")
    for who, topics in ((other, ["honor_entry.recalled"]), (silent, ["honor_entry.published"])):
        await subscribe(
            runtime.keys, audience=f"partner:{who.id}", url="https://x.example", topics=topics, strict=False, at=at
        )
    (first,) = await publish(app_client, lin, zhou, 1)
    receipts = EntryReceipt.all().values_list("receiver", flat=True)
    assert await receipts == [f"partner:{silent.id}"]
    await end(runtime, first)
    await Recall.all().update(chases=3)
    await publish(app_client, lin, zhou, 2)
    assert await receipts == [f"partner:{silent.id}"]
    assert await OutboxEvent.filter(topic="honor_entry.published", audience__startswith="partner:").count() == 1


async def test_a_dismissed_objection_lets_receivers_resume(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller, bank: Caller
) -> None:
    (entry,) = await publish(app_client, lin, zhou, 1)
    await read(app_client, bank)
    path = f"/api/v1/me/honors/{entry.id}/objections"
    await app_client.post(path, headers=wang.headers(), json={"reason": "不是我"})
    assert (await read(app_client, bank)).json()["entries"] == []
    (waiting,) = (await look(app_client, zhou, "/objections")).json()
    await act(app_client, zhou, f"/objections/{waiting['id']}/decide", {"verdict": "dismiss", "reason": "属实"})
    assert len((await read(app_client, bank)).json()["entries"]) == 1
    assert await OutboxEvent.filter(topic="honor_entry.resumed", audience=f"partner:{bank.id}").count() == 1


async def test_who_is_silent_is_chased_each_day_and_then_gets_nothing_more(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, bank: Caller
) -> None:
    (entry,) = await publish(app_client, lin, zhou, 1)
    await read(app_client, bank)
    await end(runtime, entry)
    assert await chase_due(runtime) == 0
    for chases in (1, 2, 3):
        assert (await read(app_client, bank)).status_code == 200
        clock.advance(timedelta(hours=24))
        bank.token = issue_partner_token(runtime.keys, id_of(bank), ["lists"], clock.now()).token
        assert await chase_due(runtime) == 1
        assert await chase_due(runtime) == 0
        assert (await Recall.get()).chases == chases
    assert await OutboxEvent.filter(topic="honor_entry.recall_chased").count() == 3
    refused = await read(app_client, bank)
    assert (refused.status_code, problem_code(refused), refused.json()["open"]) == (403, "recalls_open", 1)
    zhou = await a_member_of_staff(runtime, Role.REVIEWER, username="qian")
    silent = (await look(app_client, zhou, "/recalls")).json()
    assert [(row["receiver_zh"], row["chases"], row["is_shut"]) for row in silent] == [("演示银行", 3, True)]
    page = (await read_page(app_client, zhou, "/console/recalls")).text
    assert "演示银行" in page
    assert "已停止供数" in page
    recall = await Recall.get()
    assert (await acknowledge(app_client, bank, recall.id)).status_code == 200
    assert (await read(app_client, bank)).status_code == 200
    assert (await look(app_client, zhou, "/recalls")).json() == []
    clock.advance(timedelta(days=2))
    assert await chase_due(runtime) == 0


async def test_looks_of_staff_at_recalls_are_on_the_trail(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, bank: Caller
) -> None:
    (entry,) = await publish(app_client, lin, zhou, 1)
    await read(app_client, bank)
    await end(runtime, entry)
    await read_page(app_client, zhou, "/console/recalls")
    await look(app_client, lin, "/recalls")
    looks = await AuditEntry.filter(action="entry_recall.view").order_by("at", "id")
    assert [row.actor for row in looks] == [f"staff:{zhou.id}", f"staff:{lin.id}"]
    assert all(row.detail == {"entries": [str(entry.id)]} for row in looks)


async def test_a_sheet_and_the_silent_are_those_of_ones_own_area(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, bank: Caller
) -> None:
    (entry,) = await publish(app_client, lin, zhou, 1)
    far = await a_member_of_staff(runtime, Role.REVIEWER, username="far")
    await Account.filter(id=far.id).update(division="410621")
    sheet = await export(app_client, far)
    assert len(read_cells(sheet.content, "list.xlsx")) == 1
    await read(app_client, bank)
    await end(runtime, entry)
    assert (await look(app_client, far, "/recalls")).json() == []
    assert len((await look(app_client, zhou, "/recalls")).json()) == 1


async def test_pages_of_entries_follow_one_another(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, bank: Caller
) -> None:
    entries = await publish(app_client, lin, zhou, 1, 2, 3)
    rest = (await read(app_client, bank, f"{ENTRIES}?after={entries[0].id}")).json()["entries"]
    assert [row["id"] for row in rest] == [str(entry.id) for entry in entries[1:]]
    assert (await read(app_client, bank, "/partner/v1/honor-lists/red-none/entries")).status_code == 404


async def test_a_snapshot_tells_offline_what_is_listed_and_when_it_cannot(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    first, second = await publish(app_client, lin, zhou, 1, 2)
    await end(runtime, second)
    answer = await app_client.get(f"/api/v1/honor-list-snapshots/{KIND}")
    assert answer.headers["cache-control"] == "no-store"
    made, jwks = answer.json(), (await app_client.get("/.well-known/jwks.json")).json()
    assert made["entries"] == 1
    snapshot, now = read_snapshot(jwks, made["snapshot"]), runtime.clock.now()
    assert verify_offline(snapshot, first.id, at=now)[0] is Verdict.LISTED
    assert verify_offline(snapshot, second.id, at=now)[0] is Verdict.NOT_LISTED
    assert verify_offline(snapshot, first.id, at=now + timedelta(hours=25))[0] is Verdict.CANNOT_TELL
    assert verify_offline(snapshot, first.id, at=now - timedelta(days=2))[0] is Verdict.CANNOT_TELL
    assert str(first.id) not in made["snapshot"]
    with pytest.raises(SnapshotUnreadable):
        read_snapshot(jwks, made["snapshot"][:-4] + "AAAA")
    assert (await app_client.get("/api/v1/honor-list-snapshots/red-none")).status_code == 404


async def test_one_signature_serves_everybody_for_a_while_and_tells_its_age(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry,) = await publish(app_client, lin, zhou, 1)
    first, second = [(await app_client.get(f"/api/v1/honor-list-snapshots/{KIND}")).json() for _ in range(2)]
    assert first == second
    await end(runtime, entry)
    assert SNAPSHOT_KEPT_SECONDS <= 20
    await runtime.cache.delete(f"list-snapshot:{KIND}")
    assert (await app_client.get(f"/api/v1/honor-list-snapshots/{KIND}")).json()["entries"] == 0


async def test_a_recall_that_cannot_be_chased_holds_up_no_other(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, bank: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    entries = await publish(app_client, lin, zhou, 1, 2)
    await read(app_client, bank)
    for entry in entries:
        await end(runtime, entry)
    stuck, send = await Recall.all().order_by("chase_at").first(), recalling._send
    clock.advance(timedelta(hours=25))

    async def fails_for_one(topic: str, row: Recall, *, at: datetime) -> None:
        if stuck is not None and row.entry_id == stuck.entry_id:
            raise RuntimeError
        await send(topic, row, at=at)

    with monkeypatch.context() as patched:
        patched.setattr(recalling, "_send", fails_for_one)
        assert await chase_due(runtime) == 1
        await EntryReceipt.all().update(is_recalled=False)
        await Recall.all().delete()
        assert await chase_due(runtime) == 1
    assert await chase_due(runtime) == 1
