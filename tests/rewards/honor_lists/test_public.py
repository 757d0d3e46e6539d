"""What anybody reads of lists: the rules of each in both languages, for no crawler and in no cache; a shop's page."""

from __future__ import annotations

import httpx
import pytest
from support.lists import WHOLE, act
from support.people import Caller, a_member_of_staff, form_token
from support.scenes import Shop, a_shop
from tortoise import connections

from xinyi_merchants.public_pages.serving import page_name
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
LIST = "/lists/red-volunteer"


@pytest.fixture
async def listed(app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller) -> Shop:
    """A shop with a published entry of a black list."""
    xu, shop = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu"), await a_shop(runtime, "catering")
    decision = {**WHOLE, "subject_kind": "merchant", "name": shop.merchant.name, "number": shop.merchant.uscc}
    made = (await act(app_client, xu, "/honor-lists/mirrored", decision)).json()["id"]
    assert (await act(app_client, zhou, f"/honor-lists/{made}/approve")).status_code == 200
    app_client.cookies.clear()
    return shop


async def test_a_list_says_its_law_unit_terms_and_how_to_object_in_both_languages(
    app_client: httpx.AsyncClient,
) -> None:
    kinds = {one["kind"]: one for one in (await app_client.get("/api/v1/honor-lists")).json()}
    told = kinds["red-volunteer"]
    assert (told["unit_zh"], told["unit_en"]) == ("精神文明建设办公室", "Civic affairs office")
    assert (told["notice_days"], told["objection_days"], told["validity_days"]) == (7, 7, 365)
    assert "公示之日起7日" in told["how_to_object_zh"]
    assert "10个工作日" in told["how_to_object_zh"]
    assert "7 days" in told["how_to_object_en"]
    assert "portal" in told["how_to_object_en"]
    zh, en = [(await app_client.get(LIST, headers={"Accept-Language": language})).text for language in ("zh", "en")]
    assert all(text in zh for text in (told["unit_zh"], told["legal_basis"], told["how_to_object_zh"], "公示7日"))
    assert all(text in en for text in (told["unit_en"], told["legal_basis"], "7 days from the first day of notice"))
    assert "Civic affairs office" in (await app_client.get("/lists", headers={"Accept-Language": "en"})).text


async def test_a_mirrored_entry_says_until_when_one_could_object(app_client: httpx.AsyncClient, listed: Shop) -> None:
    (entry,) = (await app_client.get("/api/v1/honor-lists/black-enforcement/entries")).json()
    assert entry["objection_until"] == WHOLE["objection_until"]
    assert f"异议期至 {WHOLE['objection_until']}" in (await app_client.get("/lists/black-enforcement")).text


@pytest.mark.parametrize(
    "path",
    ["/lists", "/lists/red-none", LIST, "/api/v1/honor-lists", "/api/v1/honor-lists/red-volunteer/entries",
     "/api/v1/honor-list-snapshots/red-volunteer"],
)  # fmt: skip
async def test_lists_are_for_no_crawler_and_in_no_cache(app_client: httpx.AsyncClient, path: str) -> None:
    answer = await app_client.get(path)
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.status_code == 404 or answer.headers["cache-control"] == "no-store"
    rules = (await app_client.get("/robots.txt")).text.splitlines()
    assert any(path.startswith(rule.removeprefix("Disallow: ")) for rule in rules if rule.startswith("Disallow"))


async def test_what_is_found_is_for_no_crawler_and_in_no_cache(app_client: httpx.AsyncClient) -> None:
    for path in ("/lists/search", "/api/v1/honor-lists/search"):
        app_client.cookies.clear()
        token = await form_token(app_client)
        who = {"name": "王小丽", "last_four": "0001"}
        sent = {"json": who} if path.startswith("/api") else {"data": {**who, "_csrf_token": token}}
        answer = await app_client.post(path, **sent)  # type: ignore[arg-type]
        assert answer.status_code == 200
        assert (answer.headers["x-robots-tag"], answer.headers["cache-control"]) == ("noindex, nofollow", "no-store")


async def test_a_shops_page_and_status_are_for_no_crawler(app_client: httpx.AsyncClient, listed: Shop) -> None:
    page = await app_client.get(f"/m/{listed.merchant.code}")
    again = await app_client.get(f"/m/{listed.merchant.code}")
    status = await app_client.get(f"/api/v1/merchants/{listed.merchant.code}")
    assert all(one.headers["x-robots-tag"] == "noindex, nofollow" for one in (page, again, status))
    assert status.headers["cache-control"] == "no-store"
    assert "x-robots-tag" not in (await app_client.get("/")).headers


async def test_without_a_database_a_shops_page_shows_nothing_that_may_have_ended(
    app_client: httpx.AsyncClient, runtime: Runtime, listed: Shop
) -> None:
    path = f"/m/{listed.merchant.code}"
    assert WHOLE["document_no"] in (await app_client.get(path)).text
    await runtime.cache.delete(page_name(listed.merchant.code, "zh"))
    await connections.get("default").execute_script("ALTER TABLE merchant RENAME TO merchant_away")
    kept = await app_client.get(path)
    assert listed.merchant.name in kept.text
    assert WHOLE["document_no"] not in kept.text
    assert "无法取得最新信息时不显示" in kept.text
