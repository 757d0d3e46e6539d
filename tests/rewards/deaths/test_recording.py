"""With a death everything that is listed about the person ends at once, and nothing is listed any more."""

from __future__ import annotations

import httpx
import pytest
from support.lists import WHOLE, act, approve, make, person, search
from support.people import Caller, a_member_of_staff, a_partner
from support.scenes import post_form, read_page

from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.deaths.models import PersonDeath
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.rewards.models import RewardGrant

pytestmark = pytest.mark.anyio
DIED = {"number": synthetic_identity_number(1), "died_on": "2026-11-20", "document": "演死证〔2026〕1号"}


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


async def test_everything_about_the_dead_ends_in_one_transaction_and_is_recalled(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, xu: Caller, wang: Caller
) -> None:
    bank = await a_partner(runtime, "lists", client_id="bank", name="演示银行")
    mirrored = (await act(app_client, xu, "/honor-lists/mirrored", WHOLE)).json()["id"]
    await act(app_client, zhou, f"/honor-lists/{mirrored}/approve")
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(2, "李小明")]))
    app_client.cookies.clear()
    path = "/partner/v1/honor-lists/black-enforcement/entries"
    assert len((await app_client.get(path, headers=bank.headers())).json()["entries"]) == 1
    put_down = await act(app_client, xu, "/deaths", DIED)
    assert (put_down.status_code, put_down.json()["ended_entries"]) == (201, 1)
    assert await search(app_client) == []
    ended = await HonorEntry.get(kind="black-enforcement")
    assert (ended.state, ended.end_reason) == ("revoked", "death")
    assert (await Recall.get()).entry_id == ended.id
    assert "death" not in (await Recall.get()).statement
    assert (await HonorEntry.get(kind="red-good-neighbour")).state == "published"
    assert (await act(app_client, xu, "/deaths", DIED)).json()["code"] == "death_known"


async def test_drafts_about_the_dead_end_too_and_none_are_made_any_more(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, xu: Caller
) -> None:
    made = await make(app_client, lin, [person(1), person(2, "李小明")])
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    assert (await act(app_client, xu, "/deaths", DIED)).json()["ended_entries"] == 1
    assert (await act(app_client, zhou, f"/honor-lists/{made}/approve")).status_code == 200
    states = await HonorEntry.all().order_by("name_masked").values_list("state", flat=True)
    assert sorted(states) == ["published", "revoked"]
    again = {"kind": "red-good-neighbour", "title": "好人", "name": "王小丽", "number": DIED["number"], "deed": "助人"}
    assert "死亡" in (await act(app_client, lin, "/honor-lists/single", again)).json()["rows"][0]["zh"]
    refused = await act(app_client, xu, "/honor-lists/mirrored", WHOLE)
    assert (refused.status_code, refused.json()["field"]) == (400, "number")
    assert not await RewardGrant.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"number": "410611199001010000"}, "number"), ({"died_on": "2026-11-24"}, "died_on")],
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(
    app_client: httpx.AsyncClient, xu: Caller, change: dict[str, str], field: str
) -> None:
    refused = await act(app_client, xu, "/deaths", {**DIED, **change})
    assert (refused.status_code, refused.json()["field"]) == (400, field)
    on_the_page = await post_form(app_client, xu, "/console/deaths", {**DIED, **change})
    assert on_the_page.status_code == 400
    assert DIED["document"] in on_the_page.text
    assert not await PersonDeath.exists()


async def test_only_the_citys_credit_office_puts_a_death_down(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, xu: Caller
) -> None:
    district = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="district", division="410611")
    for who in (lin, district):
        assert (await act(app_client, who, "/deaths", DIED)).status_code == 403
    assert (await post_form(app_client, xu, "/console/deaths", DIED)).status_code == 303
    page = (await read_page(app_client, xu, "/console/deaths")).text
    assert DIED["document"] in page
    assert DIED["number"] not in page
