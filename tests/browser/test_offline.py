"""A sticker checked in a real browser with no network and no server: the worker says what the Python check says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from browser.accessibility import axe_violations
from playwright.async_api import Browser, BrowserContext, Page, expect
from support.instance import Instance
from support.stickers import a_stranger, shown_cases

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.issuing import printed_code
from xinyi_merchants.stickers.models import Sticker
from xinyi_merchants.stickers.offline import AUDIENCE, sign_snapshot
from xinyi_platform.app import all_features, model_modules
from xinyi_platform.database import connect_database
from xinyi_platform.keys import KeyRing

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.on_postgres, pytest.mark.timeout(300)]
PHONE: Any = {"width": 390, "height": 844}
DISTRICT = "410611"
# Hands the worker something to keep past its own check, as a damaged device would.
_PUT = """async ([token, jwks]) => {
  const kept = await caches.open("xinyi-offline-snapshot");
  await kept.put("/m/offline/held", new Response(JSON.stringify({ snapshot: token, jwks })));
}"""


@pytest.fixture
async def phone(browser: Browser, city: Instance) -> Any:
    context = await browser.new_context(base_url=city.url, viewport=PHONE, locale="zh-CN")
    context.set_default_timeout(15_000)
    yield await context.new_page()
    await context.close()


async def two_codes(city: Instance) -> tuple[str, str]:
    """The printed codes of two shops of the district; the second one's sticker is revoked."""
    async with connect_database(city.environment["XINYI_DATABASE_URL"], model_modules(all_features())):
        ids: Any = await Merchant.filter(division__startswith=DISTRICT).values_list("id", flat=True)
        live, revoked = await Sticker.filter(merchant_id__in=ids).order_by("id").limit(2)
        await Sticker.filter(id=revoked.id).update(revoked_at=datetime.now(UTC), revoke_reason="lost")
    first, second = (printed_code(city.keys, row.serial, row.kid) for row in (live, revoked))
    return first, second


async def keep_snapshot(page: Page) -> None:
    await page.goto("/m/offline")
    await expect(page.locator("#held")).to_contain_text("本机还没有快照")
    await page.get_by_label("区", exact=True).select_option(DISTRICT)
    await page.get_by_role("button", name="保存或更新").click()
    await expect(page.locator("#held")).to_contain_text("淇滨区")


async def check(page: Page, text: str) -> tuple[str, str]:
    """Type a code and return the verdict with the words that stand below it."""
    await page.locator("#answer").evaluate("answer => { answer.hidden = true; }")
    await page.get_by_label("扫到或输入的内容").fill(text)
    await page.get_by_role("button", name="核验", exact=True).click()
    answer = page.locator("#answer")
    await expect(answer).to_be_visible()
    return str(await answer.get_attribute("data-verdict")), await answer.inner_text()


async def word(page: Page, reason: str) -> str:
    return str(await page.locator(f'#words [data-key="reason:{reason}"]').text_content())


async def go_dark(context: BrowserContext, city: Instance) -> None:
    """Take the network away, and the server with it."""
    await context.set_offline(True)
    city.stop("server")


async def test_without_network_and_server_every_code_gets_the_verdict_that_python_gives(
    phone: Page, city: Instance
) -> None:
    live, revoked = await two_codes(city)
    await keep_snapshot(phone)
    await go_dark(phone.context, city)
    await phone.reload()
    await expect(phone.get_by_role("heading", name="离线验码贴")).to_be_visible()
    await expect(phone.locator("#held")).to_contain_text("淇滨区")
    colour = await phone.locator(".btn-primary").first.evaluate("button => getComputedStyle(button).backgroundColor")
    assert colour != "rgba(0, 0, 0, 0)", "the style sheet is kept as well"
    wrong = []
    for case in shown_cases(city.url, live, revoked, a_stranger()):
        verdict, said = await check(phone, case.text)
        if verdict != case.verdict or await word(phone, case.reason) not in said:
            wrong.append((case.what, verdict, said))
    assert not wrong
    assert "数据截至" in (await check(phone, live))[1]
    assert await axe_violations(phone) == []


async def test_what_is_kept_ages_and_what_is_not_the_citys_tells_nothing(phone: Page, city: Instance) -> None:
    live, revoked = await two_codes(city)
    await keep_snapshot(phone)
    keys, now = city.keys, datetime.now(UTC)
    jwks = {"keys": keys.public_keys("certificate")}
    codes: Any = {"live": [live], "revoked": [revoked]}
    await go_dark(phone.context, city)

    async def held(token: str) -> list[tuple[str, str]]:
        await phone.evaluate(_PUT, [token, jwks])
        return [await check(phone, text) for text in (live, revoked)]

    week_old = sign_snapshot(keys, DISTRICT, city.url, **codes, at=now - timedelta(days=7, minutes=1))
    aged = await held(week_old)
    assert [verdict for verdict, _ in aged] == ["CANNOT TELL", "REVOKED"]
    assert await word(phone, "old") in aged[0][1]
    assert "7 天前" in aged[1][1]
    ahead = sign_snapshot(keys, DISTRICT, city.url, **codes, at=now + timedelta(days=3))
    assert await word(phone, "clock") in (await held(ahead))[0][1]
    strange = sign_snapshot(KeyRing.generate(now), DISTRICT, city.url, **codes, at=now)
    head, body, signature = sign_snapshot(keys, DISTRICT, city.url, **codes, at=now).split(".")
    flipped = f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    for token in (strange, flipped, f"{head}.{body}", "a.b.c", ""):
        for verdict, said in await held(token):
            assert verdict == "CANNOT TELL"
            assert await word(phone, "signature") in said
    assert AUDIENCE not in await phone.content()


async def test_a_snapshot_that_cannot_be_fetched_leaves_the_last_one(phone: Page, city: Instance) -> None:
    live, _ = await two_codes(city)
    await keep_snapshot(phone)
    await go_dark(phone.context, city)
    await phone.get_by_role("button", name="保存或更新").click()
    await expect(phone.locator("#keep-failed")).to_contain_text("现在没有网络")
    assert (await check(phone, live))[0] == "GENUINE"


async def test_the_check_without_script_goes_online(browser: Browser, city: Instance) -> None:
    live, _ = await two_codes(city)
    context = await browser.new_context(base_url=city.url, viewport=PHONE, locale="zh-CN", java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/m/offline")
    assert "没有脚本时,本页需要网络" in await page.locator("main").inner_text()
    await page.get_by_label("扫到或输入的内容").fill(live)
    await page.get_by_role("button", name="核验", exact=True).click()
    assert "贴纸是真的" in await page.locator("main").inner_text()
    await context.close()
