"""A person's name is published in the form that she chose, passed on masked, and found by exact name alone."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from support.lists import WHOLE, act, approve, make, person, search
from support.people import Caller, a_member_of_staff, a_partner, a_resident, form_token
from support.scenes import post_form, read_page

from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.spreadsheets import read_cells
from xinyi_rewards.honor_lists import naming
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry

pytestmark = pytest.mark.anyio
PUBLIC = "/api/v1/honor-lists/red-good-neighbour/entries"


async def published(client: httpx.AsyncClient, lin: Caller, zhou: Caller) -> HonorEntry:
    await approve(client, lin, zhou, await make(client, lin, [person(1)]))
    return await HonorEntry.get()


async def choose(client: httpx.AsyncClient, who: Caller, entry: HonorEntry, form: str) -> httpx.Response:
    client.cookies.clear()
    return await client.put(f"/api/v1/me/honors/{entry.id}/name-form", headers=who.headers(), json={"form": form})


@pytest.mark.parametrize(("form", "shown"), [("full", "王小丽"), ("hidden", "一位居民"), ("masked", "王*丽")])
async def test_a_name_is_published_as_its_bearer_chose(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller, form: str, shown: str
) -> None:
    entry = await published(app_client, lin, zhou)
    bank = await a_partner(runtime, "lists", client_id="bank", name="演示银行")
    assert (await choose(app_client, await a_resident(runtime, 2), entry, form)).status_code == 404
    assert (await choose(app_client, wang, entry, form)).status_code == 204
    assert [one["name"] for one in (await app_client.get(PUBLIC)).json()] == [shown]
    assert shown in (await app_client.get("/lists/red-good-neighbour")).text
    assert [one["name"] for one in await search(app_client)] == ([] if form == "hidden" else [shown])
    app_client.cookies.clear()
    path = "/partner/v1/honor-lists/red-good-neighbour/entries"
    passed_on = (await app_client.get(path, headers=bank.headers())).json()["entries"]
    assert passed_on[0]["name"] == ("一位居民" if form == "hidden" else "王*丽")
    assert (await choose(app_client, wang, entry, "masked")).status_code == 204
    assert [one["name"] for one in (await app_client.get(PUBLIC)).json()] == ["王*丽"]


async def test_of_who_shows_no_name_nothing_else_is_shown_or_passed_on(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await published(app_client, lin, zhou)
    bank = await a_partner(runtime, "lists", client_id="bank", name="演示银行")
    await choose(app_client, wang, entry, "hidden")
    (shown,) = (await app_client.get(PUBLIC)).json()
    assert (shown["is_hidden"], shown["name"], shown["identity_number"], shown["deed"]) == (True, "一位居民", "", "")
    page = await app_client.get("/lists/red-good-neighbour")
    english = await app_client.get("/lists/red-good-neighbour", headers={"Accept-Language": "en"})
    app_client.cookies.clear()
    who = {"name": "王小丽", "last_four": entry.identity_masked[-4:], "_csrf_token": await form_token(app_client)}
    found = await app_client.post("/lists/search", data=who)
    assert found.status_code == 200
    app_client.cookies.clear()
    path = "/partner/v1/honor-lists/red-good-neighbour/entries"
    passed_on = await app_client.get(path, headers=bank.headers())
    sheet = await post_form(app_client, zhou, "/console/recalls/sheet", {"kind": "red-good-neighbour"})
    rows = str(read_cells(sheet.content, "list.xlsx"))
    for text in (page.text, english.text, found.text, passed_on.text, rows):
        assert entry.identity_masked not in text
        assert entry.deed not in text
    assert "一位居民" in page.text
    assert "A resident" in english.text
    assert "一位居民" not in found.text


async def test_it_is_chosen_on_the_page_and_ends_with_the_entry(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await published(app_client, lin, zhou)
    assert (await post_form(app_client, wang, f"/app/honors/{entry.id}/name", {"form": "loud"})).status_code == 400
    assert (await post_form(app_client, wang, f"/app/honors/{entry.id}/name", {"form": "full"})).status_code == 303
    assert "公开全名" in (await read_page(app_client, wang, "/app/honors")).text
    await end_entry(runtime, entry.id, "expire", actor="test", reason="over", at=runtime.clock.now())
    ended = await HonorEntry.get()
    assert (ended.name_masked, ended.name_form) == ("王*丽", "masked")
    assert (await choose(app_client, wang, entry, "full")).status_code == 404


async def test_persons_on_a_black_list_are_found_by_exact_name_alone_and_choose_nothing(
    app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller, wang: Caller
) -> None:
    xu = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")
    made = (await act(app_client, xu, "/honor-lists/mirrored", WHOLE)).json()["id"]
    await act(app_client, zhou, f"/honor-lists/{made}/approve")
    assert [one["state"] for one in await search(app_client)] == ["published"]
    assert await search(app_client, "王小") == []
    assert (await app_client.get("/api/v1/honor-lists/black-enforcement/entries")).json() == []
    page = await app_client.get("/lists/black-enforcement")
    assert "王*丽" not in page.text
    assert "不供浏览" in page.text
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert (await choose(app_client, wang, await HonorEntry.get(), "full")).status_code == 404


async def test_a_kind_says_what_a_place_on_it_gives(app_client: httpx.AsyncClient) -> None:
    kinds = {one["kind"]: one for one in (await app_client.get("/api/v1/honor-lists")).json()}
    assert set(kinds["red-good-neighbour"]["gives"]) == {"checkup", "medical", "elder-care", "read", "permit", "job"}
    assert kinds["black-enforcement"]["gives"] == []
    assert (kinds["black-enforcement"]["browse"], kinds["red-honest-shop"]["subjects"]) == ("merchants", "merchant")
    page = (await app_client.get("/lists/red-good-neighbour")).text
    assert "列入即可享受: 信易检、信易医、信易养、信易阅" in page


@pytest.mark.parametrize(("shows", "number", "deed"), [([], "", ""), (["deed"], "", "照护"), (["number"], "4106*", "")])
def test_of_an_entry_is_shown_what_its_kind_shows(
    monkeypatch: pytest.MonkeyPatch, shows: list[str], number: str, deed: str
) -> None:
    kind = msgspec.structs.replace(kind_of("red-volunteer"), shows=shows)
    monkeypatch.setattr(naming, "kind_of", lambda _: kind)
    entry = HonorEntry(kind=kind.slug, name_form="masked", name_masked="王*丽", identity_masked="4106*", deed="照护")
    assert naming.shown_of(entry) == naming.Shown("王*丽", number, deed)
