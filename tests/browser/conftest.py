"""A real browser for the tests that need one, and the accessibility check."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def chromium_path() -> str | None:
    """Return the system's Chromium, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Open Chromium. Without one the test is skipped with that reason; in CI it fails instead."""
    path = chromium_path()
    if path is None:
        message = "no Chromium found: install the package `chromium`"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield opened
        await opened.close()
