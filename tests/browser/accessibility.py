"""What every page of a browser test is held to: no violation of WCAG and nothing too wide, on a phone and at a desk."""

from __future__ import annotations

from axe_playwright_python.async_playwright import Axe
from browser.people import DESK, PHONE
from playwright.async_api import Page


async def faults_of(page: Page, path: str) -> list[str]:
    """Open a page once and look at it at both widths; return what is wrong, and leave the window as it was."""
    answer = await page.goto(path)
    assert answer is not None
    assert answer.status < 500, path
    was, found = page.viewport_size, []
    for size in (PHONE, DESK):
        await page.set_viewport_size(size)
        found += [f"{path} at {size['width']}: {violation}" for violation in await axe_violations(page)]
        width = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if width > 0:
            found.append(f"{path} at {size['width']}: {width} px too wide")
    if was is not None:
        await page.set_viewport_size(was)
    return found


async def axe_violations(page: Page) -> list[str]:
    """Return WCAG 2 A and AA violations as `rule: first offending element`; an empty list is a pass."""
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    results = await Axe().run(page, options=rules)
    return [f"{row['id']}: {row['nodes'][0]['html'][:160]}" for row in results.response["violations"]]
