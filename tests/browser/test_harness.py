"""The harness itself: a check that cannot fail would prove nothing."""

from __future__ import annotations

import pytest
from browser.accessibility import axe_violations
from playwright.async_api import Browser

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def test_the_accessibility_check_finds_a_field_without_a_label(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content("<html lang=en><title>t</title><main><input></main></html>")
    assert [row for row in await axe_violations(page) if row.startswith("label:")]
