"""A list by hand: one entry typed, added and removed, talked about, and what changed shown to the next reviewer."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from support.lists import act, look, make, person
from support.people import Caller, a_member_of_staff
from support.scenes import a_shop, post_form, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.models import Account
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists import asking
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList

pytestmark = pytest.mark.anyio


def typed(number: int, name: str = "王小丽", **more: str) -> dict[str, str]:
    return {"name": name, "number": synthetic_identity_number(number), "deed": "照护独居老人两年", **more}


ONE = typed(1, kind="red-good-neighbour", title="好人榜")


async def test_one_entry_is_typed_and_makes_a_list(app_client: httpx.AsyncClient, lin: Caller) -> None:
    made = await act(app_client, lin, "/honor-lists/single", ONE)
    assert (made.status_code, made.json()["state"], made.json()["entries"]) == (201, "draft", 1)
    twice = await act(app_client, lin, "/honor-lists/single", ONE)
    assert (twice.status_code, twice.json()["code"]) == (422, "rows_refused")
    wrong = await act(app_client, lin, "/honor-lists/single", {**ONE, "number": "410611199001010000"})
    assert (wrong.status_code, wrong.json()["rows"][0]["column"]) == (422, "身份证号")
    assert await HonorList.all().count() == 1


async def test_the_form_of_one_entry_keeps_what_was_typed(app_client: httpx.AsyncClient, lin: Caller) -> None:
    refused = await post_form(app_client, lin, "/console/lists/single", {**ONE, "number": "1" * 18})
    assert refused.status_code == 422
    assert "照护独居老人两年" in refused.text
    kept = await post_form(app_client, lin, "/console/lists/single", ONE)
    assert kept.status_code == 303
    page = await read_page(app_client, lin, kept.headers["location"])
    assert "新增一条" in page.text
    assert (
        await post_form(app_client, lin, f"{kept.headers['location']}/entries", typed(2, "李小明"))
    ).status_code == 303
    again = await post_form(app_client, lin, f"{kept.headers['location']}/entries", typed(2, "李小明"))
    assert again.status_code == 422
    assert "已在同类名单中" in again.text


async def test_rows_typed_by_one_person_are_counted_over_all_doors(
    app_client: httpx.AsyncClient, lin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROWS_AN_HOUR", 2)
    made = await act(app_client, lin, "/honor-lists/single", ONE)
    place = f"/console/lists/{made.json()['id']}"
    assert (await post_form(app_client, lin, f"{place}/entries", typed(2, "李小明"))).status_code == 303
    third = typed(3, "赵小强")
    assert (await act(app_client, lin, f"/honor-lists/{made.json()['id']}/entries", third)).status_code == 429
    for path, form in ((f"{place}/entries", third), ("/console/lists/single", {**ONE, **third})):
        refused = await post_form(app_client, lin, path, form)
        assert refused.status_code == 429
        assert third["deed"] in refused.text
    assert await HonorEntry.all().count() == 2


async def test_what_was_changed_after_sending_back_is_shown_to_the_reviewer(
    app_client: httpx.AsyncClient, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    made = await make(app_client, lin, [person(1), person(2, "李小明")])
    early = (await act(app_client, lin, f"/honor-lists/{made}/entries", typed(3, "赵一"))).json()["id"]
    clock.advance(timedelta(minutes=1))
    assert (await remove(app_client, lin, made, early)).status_code == 204
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    first = (await read_page(app_client, zhou, f"/console/lists/{made}")).text
    assert "上次复核后的修改" not in first
    assert (await act(app_client, lin, f"/honor-lists/{made}/entries", typed(4, "钱二"))).status_code == 409
    clock.advance(timedelta(minutes=1))
    await act(app_client, zhou, f"/honor-lists/{made}/send-back", {"comment": "李小明不属实"})
    clock.advance(timedelta(minutes=1))
    second = await HonorEntry.get(name_masked="李*明")
    assert (await remove(app_client, lin, made, second.id)).status_code == 204
    assert (await remove(app_client, lin, made, second.id)).status_code == 404
    clock.advance(timedelta(minutes=1))
    assert (await act(app_client, lin, f"/honor-lists/{made}/entries", typed(4, "钱二"))).status_code == 201
    clock.advance(timedelta(minutes=1))
    assert (await act(app_client, lin, f"/honor-lists/{made}/comments", {"comment": "已更正"})).status_code == 204
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    page = (await read_page(app_client, zhou, f"/console/lists/{made}")).text
    changes = page[page.index("上次复核后的修改") : page.index("共2条")]
    assert "<del>李*明" in changes
    assert "<ins>钱*" in changes
    assert "赵*" not in changes
    story = (await look(app_client, zhou, f"/honor-lists/{made}/story")).json()
    assert [(one["act"], one["turn"]) for one in story] == [
        ("added", 0), ("removed", 0), ("send_back", 1), ("removed", 1), ("added", 1), ("comment", 1),
    ]  # fmt: skip
    assert {one["by"] for one in story} == {"lin", "zhou"}
    stale = await act(app_client, zhou, f"/honor-lists/{made}/approve", {"turn": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "honor_list_changed")
    assert (await act(app_client, zhou, f"/honor-lists/{made}/approve", {"turn": 2})).status_code == 200
    late = await act(app_client, lin, f"/honor-lists/{made}/comments", {"comment": "谢谢"})
    assert (late.status_code, late.json()["code"]) == (409, "honor_list_changed")


async def remove(client: httpx.AsyncClient, who: Caller, made: UUID, entry: object) -> httpx.Response:
    client.cookies.clear()
    token = (await client.get("/")).cookies["xinyi_csrf"]
    client.cookies.clear()
    return await client.delete(f"/staff/v1/honor-lists/{made}/entries/{entry}", headers=who.headers(csrf=token))


async def test_only_its_maker_changes_a_list_and_an_empty_one_is_not_handed_in(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller
) -> None:
    made = await make(app_client, lin, [person(1)])
    entry = await HonorEntry.get()
    for refused in (
        await act(app_client, zhou, f"/honor-lists/{made}/entries", typed(2, "李小明")),
        await remove(app_client, zhou, made, entry.id),
        await act(app_client, zhou, f"/honor-lists/{made}/submit"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "only_its_maker")
    assert (await remove(app_client, lin, made, entry.id)).status_code == 204
    empty = await act(app_client, lin, f"/honor-lists/{made}/submit")
    assert (empty.status_code, empty.json()["code"]) == (409, "honor_list_empty")


async def test_who_makes_and_who_reviews_is_said_by_the_kind(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    xu = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")
    refused = await act(app_client, xu, "/honor-lists/single", ONE)
    assert (refused.status_code, refused.json()["code"]) == (403, "list_kind_not_yours")
    assert (await act(app_client, xu, "/honor-lists/single", {**ONE, "kind": "red-volunteer"})).status_code == 201
    refused = await act(app_client, lin, "/honor-lists/single", {**ONE, "kind": "red-volunteer"})
    made = await make(app_client, lin, [person(5, "李小明")])
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    refused = await act(app_client, xu, f"/honor-lists/{made}/approve")
    assert (refused.status_code, refused.json()["code"]) == (403, "list_kind_not_yours")


async def test_shops_have_a_red_list_of_their_own_and_stand_on_their_page_unmasked(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    shop = await a_shop(runtime, "dining")
    row = {
        "kind": "red-honest-shop",
        "title": "诚信经营",
        "name": shop.merchant.name,
        "number": shop.merchant.uscc,
        "deed": "三年零投诉",
    }
    for change, column in (({"name": "别的店"}, "商户名称"), ({"number": "92410611MA00000000"}, "统一社会信用代码")):
        refused = await act(app_client, lin, "/honor-lists/single", {**row, **change})
        assert (refused.status_code, refused.json()["rows"][0]["column"]) == (422, column)
    far = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="far")
    await Account.filter(id=far.id).update(division="410621001001")
    refused = await act(app_client, far, "/honor-lists/single", row)
    assert "本辖区没有" in refused.json()["rows"][0]["zh"]
    made = (await act(app_client, lin, "/honor-lists/single", row)).json()["id"]
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    assert (await act(app_client, zhou, f"/honor-lists/{made}/approve")).status_code == 200
    listed = (await app_client.get("/api/v1/honor-lists/red-honest-shop/entries")).json()
    assert [(one["name"], one["state"]) for one in listed] == [(shop.merchant.name, "noticed")]
    await HonorEntry.all().update(
        state="published", published_at=runtime.clock.now(), valid_until=runtime.clock.now() + timedelta(days=9)
    )
    assert "三年零投诉" in (await app_client.get(f"/m/{shop.merchant.code}")).text
    listing = await read_page(app_client, shop.operator, "/portal/listings")
    assert "诚信经营红名单" in listing.text


async def test_the_template_of_a_kind_has_its_columns(app_client: httpx.AsyncClient, lin: Caller) -> None:
    people = await read_page(app_client, lin, "/console/lists/template.xlsx")
    shops = await read_page(app_client, lin, "/console/lists/template.xlsx?kind=red-honest-shop")
    assert people.status_code == shops.status_code == 200
    assert people.content != shops.content


async def test_that_staff_looked_is_on_the_trail_and_told_to_the_subject(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    made = await make(app_client, lin, [person(1)])
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    await read_page(app_client, zhou, f"/console/lists/{made}")
    await look(app_client, zhou, f"/honor-lists/{made}/entries")
    looks = await AuditEntry.filter(action="honor_list.view", object_id=str(made)).values_list("actor", flat=True)
    assert list(looks) == [f"staff:{zhou.id}"] * 2
    await act(app_client, zhou, f"/honor-lists/{made}/approve")
    assert "查看过所在名单2次" in (await read_page(app_client, wang, "/app/honors")).text
