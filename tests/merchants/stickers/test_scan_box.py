"""The box that leads to a shop's page by whatever was scanned or typed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from support.stickers import other_than

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.registry.uscc import make_uscc
from xinyi_merchants.stickers.models import Sticker

pytestmark = pytest.mark.anyio
EARLY = "91350100M0001TGQXM"  # a legal code of a pilot city whose check character is wrong


async def look_up(client: httpx.AsyncClient, text: str, **more: str) -> httpx.Response:
    return await client.get("/m/scan", params={"q": text, **more})


async def leads_to(client: httpx.AsyncClient, text: str, **more: str) -> str:
    answer = await look_up(client, text, **more)
    assert answer.status_code == 303, answer.text
    assert "set-cookie" not in answer.headers
    return answer.headers["location"]


async def test_everything_that_names_a_shop_leads_to_its_page(
    app_client: httpx.AsyncClient, shop: Merchant, sticker: Sticker, printed: str
) -> None:
    for text in (
        f"HTTP://CITY.TEST/M/{printed}",
        f"city.test/m/{printed}",
        printed.lower(),
        f" {printed[:9]} {printed[9:]}",
    ):
        assert await leads_to(app_client, text) == f"/m/{printed}"
    for text in (
        shop.code,
        shop.code.lower(),
        f"http://city.test/m/{shop.code}",
        shop.uscc,
        shop.uscc.lower(),
        f"{shop.uscc[:6]} {shop.uscc[6:]}",
        f"统一社会信用代码:{shop.uscc}\n名称:{shop.name}",
    ):
        assert await leads_to(app_client, text) == f"/m/{shop.code}"
    page = await app_client.get(await leads_to(app_client, shop.uscc))
    assert shop.name in page.text
    assert "编号不能证明门口的贴纸是真的" in page.text


async def test_a_code_of_the_registry_is_found_whatever_its_check_character(
    app_client: httpx.AsyncClient, shop: Merchant
) -> None:
    await Merchant.filter(id=shop.id).update(uscc=EARLY)
    assert await leads_to(app_client, EARLY) == f"/m/{shop.code}"


async def test_the_chosen_district_goes_along_as_an_area(app_client: httpx.AsyncClient, printed: str) -> None:
    assert await leads_to(app_client, printed, at="410611") == f"/m/{printed}?at=410611"
    assert await leads_to(app_client, printed, at="110101") == f"/m/{printed}?at=110100"
    assert await leads_to(app_client, printed, at="<script>") == f"/m/{printed}"


async def test_another_address_is_not_ours_even_where_it_names_one_of_our_shops(
    app_client: httpx.AsyncClient, shop: Merchant, printed: str
) -> None:
    answer = await look_up(app_client, f"https://evil.example/?code={shop.uscc}")
    assert answer.status_code == 404
    assert "不是本平台的码贴" in answer.text
    assert f'href="/m/{shop.code}"' in answer.text
    assert "evil.example" not in answer.text
    bare = await look_up(app_client, f"https://evil.example/m/{printed}")
    assert (bare.status_code, shop.name in bare.text) == (404, False)


@pytest.mark.parametrize("text", ["你好", "123", "91410600", "<b>x</b>", "0" * 499])
async def test_what_is_nothing_keeps_what_was_typed_and_says_what_to_type(
    app_client: httpx.AsyncClient, text: str
) -> None:
    answer = await look_up(app_client, text)
    assert answer.status_code == 400
    assert "没有认出来" in answer.text
    assert "<b>x</b>" not in answer.text


async def test_an_unknown_credit_code_says_so(app_client: httpx.AsyncClient, shop: Merchant) -> None:
    unknown = make_uscc("99999999", division="410611")
    assert "没有这个统一社会信用代码的商户" in (await look_up(app_client, unknown)).text
    wrong = await look_up(app_client, shop.uscc[:-1] + other_than(shop.uscc[-1]))
    assert wrong.status_code == 404


async def test_the_box_and_the_offline_page_work_without_cookie_and_in_both_languages(
    app_client: httpx.AsyncClient,
) -> None:
    for path, zh, en in (("/m/scan", "扫码或输入", "Look a shop up"), ("/m/offline", "离线验码贴", "without network")):
        for language, said in (("zh", zh), ("en", en)):
            answer = await app_client.get(path, headers={"Accept-Language": language})
            assert answer.status_code == 200
            assert said in answer.text
            assert "set-cookie" not in answer.headers
    assert (await look_up(app_client, "")).status_code == 200
    assert (await look_up(app_client, "x" * 501)).status_code == 400


async def test_without_script_the_offline_page_says_so_and_sends_the_code_to_the_box(
    app_client: httpx.AsyncClient,
) -> None:
    page = (await app_client.get("/m/offline")).text
    assert "<noscript>" in page
    assert "本页需要网络" in page
    assert '<form method="get" action="/m/scan"' in page


@pytest.mark.parametrize("name", ["worker.js", "page.js", "check.js"])
async def test_the_scripts_are_served_for_the_pages_reach_under_the_policy(
    app_client: httpx.AsyncClient, name: str
) -> None:
    answer = await app_client.get(f"/m/offline/{name}")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["service-worker-allowed"] == "/m/offline"
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    for other in ("nothing.js", "..%2Fworker.js", "offline.py"):
        assert (await app_client.get(f"/m/offline/{other}")).status_code == 404


async def test_every_file_that_the_worker_keeps_is_there(app_client: httpx.AsyncClient, runtime: Any) -> None:
    worker = (await app_client.get("/m/offline/worker.js")).text
    files = worker.partition("const FILES = [")[2].partition("]")[0].replace('"', "").split(", ")
    page = (await app_client.get("/m/offline")).text
    assert len(files) == 9
    for path in files:
        assert (await app_client.get(path)).status_code == 200
    asked = {part.partition('"')[0] for mark in ('src="', 'href="') for part in page.split(mark)[1:]}
    assert {path for path in asked if path.endswith((".js", ".css", ".svg"))} <= set(files)
