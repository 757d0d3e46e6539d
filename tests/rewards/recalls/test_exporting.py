"""Staff who export a list are receivers: as persons, by whichever account, and also once they have left."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.lists import look
from support.people import Caller, a_member_of_staff
from support.recalls import KIND, SHEET, end, export, publish
from support.scenes import post_form, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.models import Account
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.spreadsheets import read_cells
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.recalls import giving, pages
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.recalls.recalling import chase_due

pytestmark = pytest.mark.anyio


async def test_who_exports_a_sheet_is_a_receiver_too(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    first, second = await publish(app_client, lin, zhou, 1, 2)
    assert (await read_page(app_client, zhou, f"{SHEET}?kind={KIND}")).status_code == 405
    sheet = await export(app_client, zhou)
    rows = read_cells(sheet.content, "list.xlsx")
    assert {row[-1] for row in rows[1:]} == {str(first.id), str(second.id)}
    assert (await export(app_client, zhou, "red-none")).status_code == 404
    await end(runtime, first)
    assert str(first.id) in (await read_page(app_client, zhou, "/console/recalls")).text
    recall = await Recall.get(receiver=f"staff:{zhou.id}")
    path = f"/console/recalls/{recall.id}/acknowledge"
    assert (await post_form(app_client, lin, path, {})).status_code == 404
    assert (await post_form(app_client, zhou, path, {})).status_code == 303
    assert (await Recall.get(id=recall.id)).state == "acknowledged"


async def test_who_serves_another_area_by_now_still_answers_for_what_she_exported(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    first, _ = await publish(app_client, lin, zhou, 1, 2)
    await export(app_client, zhou)
    await end(runtime, first)
    await Account.filter(id=zhou.id).update(division="410621")
    page = (await read_page(app_client, zhou, "/console/recalls")).text
    assert str(first.id) in page
    (task,) = (await look(app_client, zhou, "/tasks")).json()
    assert task["kind_zh"] == "确认已停止使用“社区好人榜”中的条目"
    assert task["kind_en"] == "Confirm that you stopped using an entry of “Good neighbours”"
    await Recall.all().update(chases=3)
    shut = await export(app_client, zhou)
    assert (shut.status_code, "停止使用通知" in shut.text) == (403, True)
    path = f"/console/recalls/{(await Recall.get()).id}/acknowledge"
    assert (await post_form(app_client, zhou, path, {})).status_code == 303
    assert (await export(app_client, zhou)).status_code == 200


async def test_a_sheet_and_a_snapshot_are_made_beside_the_other_requests(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(app_client, lin, zhou, 1)
    made_in, sign, line = set[str](), giving.sign_snapshot, giving._line

    def signed(*given: Any, **named: Any) -> str:
        made_in.add(threading.current_thread().name)
        return sign(*given, **named)

    def written(row: HonorEntry) -> tuple[str, ...]:
        made_in.add(threading.current_thread().name)
        return line(row)

    monkeypatch.setattr(giving, "sign_snapshot", signed)
    monkeypatch.setattr(giving, "_line", written)
    assert (await export(app_client, zhou)).status_code == 200
    assert (await app_client.get(f"/api/v1/honor-list-snapshots/{KIND}")).status_code == 200
    assert made_in
    assert threading.current_thread().name not in made_in


async def test_a_person_exports_so_often_an_hour(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SHEETS_AN_HOUR", 1)
    assert (await export(app_client, zhou)).status_code == 200
    assert (await export(app_client, zhou)).status_code == 429
    assert (await export(app_client, lin)).status_code == 200


@pytest.fixture
async def exported(app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller) -> Recall:
    """What zhou exported and has to delete."""
    (entry,) = await publish(app_client, lin, zhou, 1)
    await export(app_client, zhou)
    await end(runtime, entry)
    return await Recall.get()


async def test_a_person_answers_and_is_shut_out_by_each_of_her_accounts(
    app_client: httpx.AsyncClient, runtime: Runtime, exported: Recall
) -> None:
    double = await a_member_of_staff(runtime, Role.REVIEWER, username="zhou2")
    await Account.filter(id=double.id).update(person="person-zhou")
    assert len((await look(app_client, double, "/tasks")).json()) == 1
    await Recall.all().update(chases=3)
    assert (await export(app_client, double)).status_code == 403
    path = f"/console/recalls/{exported.id}/acknowledge"
    assert (await post_form(app_client, double, path, {})).status_code == 303
    assert (await export(app_client, double)).status_code == 200


async def test_the_city_closes_what_somebody_who_has_left_can_no_longer_answer(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller, zhou: Caller, exported: Recall
) -> None:
    await HonorEntry.all().update(resident_id=wang.id)
    xu = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")
    district = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="district", division="410611")
    path, why = f"/console/recalls/{exported.id}/close", {"reason": "已离岗,电脑已清除"}
    assert (await post_form(app_client, xu, path, why)).status_code == 409
    await Account.filter(id=zhou.id).update(active=False)
    assert (await post_form(app_client, district, path, why)).status_code == 403
    assert "办结" in (await read_page(app_client, xu, "/console/recalls")).text
    short = await post_form(app_client, xu, path, {"reason": "好"})
    assert (short.status_code, ">好</textarea>" in short.text) == (400, True)
    assert (await post_form(app_client, xu, path, why)).status_code == 303
    assert (await post_form(app_client, xu, path, why)).status_code == 409
    row = await AuditEntry.get(action="entry_recall.close")
    assert (row.actor, row.detail["reason"]) == (f"staff:{xu.id}", why["reason"])
    assert "由信用办办结" in (await read_page(app_client, wang, "/app/honors")).text
    clock.advance(timedelta(days=2))
    assert await chase_due(runtime) == 0
