"""Takes the pictures of the READMEs from a running demo: `python tests/browser/screenshots.py [URL] [PATH …]`."""

from __future__ import annotations

import sys
from pathlib import Path

from conftest import _ARGUMENTS, chromium_path
from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).resolve().parents[2] / "platform/xinyi_platform/web/pictures"
WIDTHS = {"phone": (390, 844), "desk": (1280, 800)}


def main(url: str, paths: list[str]) -> None:
    """Write one picture for each path and width."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=_ARGUMENTS)
        for kind, (width, height) in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
            for path in paths:
                page.goto(url + path)
                name = path.strip("/").replace("/", "-") or "landing"
                page.screenshot(path=PICTURES / f"{name}-{kind}.png")
        browser.close()


if __name__ == "__main__":
    arguments = sys.argv[1:] or ["http://127.0.0.1:8600"]
    main(arguments[0].rstrip("/"), arguments[1:] or ["/"])
