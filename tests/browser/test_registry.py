"""The registry's pages in a real browser: readable by everybody, on a phone and at a desk, and used without script."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from browser.accessibility import faults_of
from browser.people import DESK, PHONE, sign_in_to_work
from playwright.async_api import Browser, Page, expect
from support.instance import Instance

from xinyi_merchants.registry.uscc import make_uscc

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.on_postgres, pytest.mark.timeout(300)]
PLACE = "410611001001"
SHOP = ("/portal", "/portal/shop", "/portal/people", "/portal/webhooks")
DESKS = ("/console/merchants", "/console/merchants/waiting", "/console/merchants/sheet")


async def arrive(browser: Browser, city: Instance, viewport: Any, *, script: bool = True) -> Page:
    context = await browser.new_context(
        viewport=viewport, base_url=city.url, locale="zh-CN", java_script_enabled=script
    )
    return await context.new_page()


async def test_every_page_passes_the_accessibility_check(browser: Browser, city: Instance) -> None:
    logins = {row["name"]: row for row in city.logins()}
    shop, desk = await arrive(browser, city, PHONE), await arrive(browser, city, DESK)
    found = await faults_of(shop, "/portal/sign-up")
    await sign_in_to_work(shop, "portal", logins["shop01"])
    for path in SHOP:
        found += await faults_of(shop, path)
    await shop.goto("/portal/people")
    await shop.get_by_label("称呼").fill("小周")
    await shop.get_by_role("button", name="生成邀请链接").click()
    link = await shop.locator("code").inner_text()
    found += await faults_of(shop, link.removeprefix(city.url))
    await sign_in_to_work(desk, "console", logins["lin"])
    for path in DESKS:
        found += await faults_of(desk, path)
    await desk.goto("/console/merchants")
    await desk.locator("tbody a").first.click()
    found += await faults_of(desk, desk.url.removeprefix(city.url))
    assert found == []


async def test_a_shop_signs_up_and_its_owner_signs_in_without_script(browser: Browser, city: Instance) -> None:
    logins = {row["name"]: row for row in city.logins()}
    shop = await arrive(browser, city, PHONE, script=False)
    await shop.goto("/portal/sign-in")
    await shop.get_by_role("link", name="还没有入驻").click()
    for label, text in (("统一社会信用代码", make_uscc("00000555", division=PLACE)), ("名称", "无脚本小店"),
                        ("地址", "示范路5号"), ("联系电话", "0392-5555555"), ("发照日期", "2020-03-08"),
                        ("联系人", "示范店主")):  # fmt: skip
        await shop.get_by_label(label).fill(text)
    await shop.get_by_label("行业").select_option("catering")
    await shop.get_by_label("所在社区").select_option(PLACE)
    await shop.get_by_role("button", name="提交").click()
    await expect(shop.get_by_text("等待社区核实")).to_be_visible()
    desk = await arrive(browser, city, DESK, script=False)
    await sign_in_to_work(desk, "console", logins["lin"])
    await desk.goto("/console/merchants/waiting")
    card = desk.locator("section.card", has_text="无脚本小店")
    await card.get_by_role("button", name="确认").click()
    await expect(desk.locator("section.card", has_text="无脚本小店")).to_have_count(0)
    await shop.reload()
    await shop.get_by_role("link", name="设置店主账号").click()
    secret = await shop.locator("code").inner_text()
    await shop.get_by_label("用户名").fill("wujiaoben")
    await shop.get_by_label("密码", exact=True).fill("a password of length")
    await shop.get_by_label("动态验证码").fill(pyotp.TOTP(secret).now())
    await shop.get_by_role("button", name="完成").click()
    await expect(shop.get_by_role("heading", name="商户登录")).to_be_visible()
