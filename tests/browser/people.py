"""What people do in a browser, in the words of the story: shared by the story's test and by the pictures."""

from __future__ import annotations

import pyotp
from playwright.async_api import Page, ViewportSize

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=800)


async def sign_in_resident(page: Page, phone: str) -> None:
    """Ask for the one-time code, which the demo shows on the page, and enter it."""
    await page.goto("/app/sign-in")
    await page.get_by_label("手机号码").fill(phone)
    await page.get_by_role("button", name="获取验证码").click()
    await page.get_by_label("六位验证码").fill(await page.locator("#demo-code").inner_text())
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.wait_for_url("**/app")


async def sign_in_to_work(page: Page, surface: str, login: dict[str, str]) -> None:
    """Enter user name, password and the authenticator's code."""
    await page.goto(f"/{surface}/sign-in")
    await page.get_by_label("用户名").fill(login["name"])
    await page.get_by_label("密码", exact=True).fill(login["secret"])
    await page.get_by_label("动态验证码").fill(pyotp.TOTP(login["totp"]).now())
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.wait_for_url(f"**/{surface}")


async def give_consent(page: Page) -> None:
    """Read what is asked for and agree, from the list of scenes; do nothing where consent was given."""
    await page.goto("/app/scenes")
    asked = page.get_by_role("link", name="查看并决定")
    if await asked.count():
        await asked.click()
        await page.get_by_role("button", name="同意", exact=True).click()
        await page.wait_for_url("**/app/scenes")


async def claim(page: Page, scene: str) -> str:
    """Claim a scene's benefit, or open the one that is held, and return the code that the till types."""
    await page.goto(f"/app/scenes/{scene}")
    claim_it = page.get_by_role("button", name="领取", exact=True)
    if await claim_it.count():
        await claim_it.click()
    else:
        await page.get_by_role("link", name="查看我的权益").click()
    return await page.locator("#typed-code").inner_text()
