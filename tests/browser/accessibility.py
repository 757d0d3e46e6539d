"""The accessibility check that browser tests share."""

from __future__ import annotations

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page


async def axe_violations(page: Page) -> list[str]:
    """Return WCAG 2 A and AA violations as `rule: first offending element`; an empty list is a pass."""
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    results = await Axe().run(page, options=rules)
    return [f"{row['id']}: {row['nodes'][0]['html'][:160]}" for row in results.response["violations"]]
