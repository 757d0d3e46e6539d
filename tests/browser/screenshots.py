"""Takes the README's pictures from a running demo: `python tests/browser/screenshots.py [URL]`."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import zxingcpp
from browser.conftest import _ARGUMENTS, chromium_path
from browser.people import claim, give_consent, sign_in_resident, sign_in_to_work
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from xinyi_platform.settings import Settings

PICTURES = Path(__file__).resolve().parents[2] / ".github/pictures"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1000, "height": 700}
RESIDENT = "13800000001"


async def arrive(browser: Browser, url: str, viewport: Any) -> Page:
    context = await browser.new_context(base_url=url, viewport=viewport, locale="zh-CN")
    return await context.new_page()


async def keep(page: Page, name: str) -> None:
    """Write what the window shows as a small PNG with a palette."""
    taken = Image.open(io.BytesIO(await page.screenshot()))
    taken.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)


async def take_pictures(url: str, logins: dict[str, dict[str, str]]) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=_ARGUMENTS)
        code = await show_the_app(await arrive(browser, url, PHONE))
        await show_the_till(await arrive(browser, url, DESK), logins["shop05"], code)
        await show_a_sticker(await arrive(browser, url, PHONE), logins["shop01"])
        await show_the_review(await arrive(browser, url, DESK), logins["zhou"])
        await browser.close()


async def show_the_app(page: Page) -> str:
    """The resident's pages. Returns the code that the till types."""
    await sign_in_resident(page, RESIDENT)
    await give_consent(page)
    await page.goto("/app/scenes")
    await keep(page, "scenes")
    await page.goto("/app/scenes/checkup")
    await keep(page, "reasons")
    code = await claim(page, "travel")
    await keep(page, "code")
    await page.goto("/app")
    await keep(page, "home")
    await page.goto("/app/access-log")
    await keep(page, "who-looked")
    return code


async def show_the_till(page: Page, login: dict[str, str], code: str) -> None:
    """What a code is worth at the till."""
    await sign_in_to_work(page, "portal", login)
    await page.goto("/portal/redeem")
    await page.get_by_label("权益码").fill(code)
    await page.get_by_role("button", name="查看权益").click()
    await page.get_by_label("消费金额").fill("80.00")
    await keep(page, "redeem")


async def show_a_sticker(page: Page, login: dict[str, str]) -> None:
    """What anybody sees who scans the sticker at a shop's door."""
    await sign_in_to_work(page, "portal", login)
    await page.goto("/portal/stickers")
    drawn = await page.request.get(str(await page.get_by_role("link", name="下载PNG").first.get_attribute("href")))
    address = zxingcpp.read_barcodes(Image.open(io.BytesIO(await drawn.body())))[0].text
    await page.goto(urlsplit(address).path)
    await keep(page, "merchant")


async def show_the_review(page: Page, login: dict[str, str]) -> None:
    """A list that waits for a second person."""
    await sign_in_to_work(page, "console", login)
    await page.goto("/console/lists")
    await page.get_by_role("row").filter(has_text="待复核").get_by_role("link").click()
    await keep(page, "review")


def known_logins() -> dict[str, dict[str, str]]:
    """Return the demo's logins, as the seeding left them beside the key ring."""
    rows = json.loads((Settings.from_environment().secret_file.parent / "logins.json").read_text())
    return {row["name"]: row for row in rows}


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8600"
    asyncio.run(take_pictures(address.rstrip("/"), known_logins()))
