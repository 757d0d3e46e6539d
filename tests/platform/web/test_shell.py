"""The shell's pages, headers, form tokens and languages, over a small application of the host's own parts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from xinyi_platform import web
from xinyi_platform.features import Feature
from xinyi_platform.keys import KeyRing
from xinyi_platform.problems import handle_error
from xinyi_platform.settings import Settings
from xinyi_platform.web.charts import bar_chart
from xinyi_platform.web.formatting import local_time, yuan
from xinyi_platform.web.pages import ROUTES, local_path

pytestmark = pytest.mark.anyio


class Shell(Feature):
    """The web shell alone."""

    name = "shell"
    route_handlers: ClassVar[Any] = ROUTES
    template_folders: ClassVar[Any] = (Path(web.__file__).parent / "templates",)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings()
    runtime: Any = SimpleNamespace(settings=settings, keys=KeyRing.generate(datetime(2026, 11, 23, tzinfo=UTC)))
    shell = Shell()
    app = Litestar(
        plugins=[shell],
        state=State({"runtime": runtime, "features": [shell]}),
        exception_handlers={Exception: handle_error},
        middleware=web.middleware(runtime),
        before_send=[web.add_headers],
        template_config=web.template_config([shell], settings),
        csrf_config=web.csrf_config(runtime),
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as opened:
        yield opened


async def test_the_landing_page_opens_three_doors_in_chinese(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 200
    assert 'lang="zh-CN"' in answer.text
    for door in ("/app", "/portal", "/console"):
        assert f'class="door" href="{door}"' in answer.text


async def test_a_page_brings_a_policy_that_allows_nothing_inline(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", answer.text)


async def test_an_unknown_address_carries_the_headers_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/app/nowhere")
    assert answer.status_code == 404
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "<h1" in answer.text


async def test_the_language_is_kept_and_the_redirect_stays_here(client: httpx.AsyncClient) -> None:
    token = re.search(r'name="_csrf_token" value="([^"]+)"', (await client.get("/")).text)
    assert token
    form = {"_csrf_token": token[1], "language": "en", "next": "//elsewhere.test"}
    answer = await client.post("/language", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert 'lang="en"' in (await client.get("/")).text


async def test_a_form_without_its_token_is_refused_with_a_way_on(client: httpx.AsyncClient) -> None:
    answer = await client.post("/language", data={"language": "en"})
    assert answer.status_code == 403
    assert "/problems/form_expired" in answer.text
    assert "xinyi_csrf" in answer.headers["set-cookie"]


async def test_every_error_code_has_its_page(client: httpx.AsyncClient) -> None:
    assert "form_expired" in (await client.get("/problems")).text
    assert (await client.get("/problems/not_found")).status_code == 200
    assert (await client.get("/problems/no_such_code")).status_code == 404


async def test_assets_are_kept_for_a_year_under_their_digest(client: httpx.AsyncClient) -> None:
    text = (await client.get("/")).text
    for url in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
        answer = await client.get(url)
        assert answer.status_code == 200, url
        assert "immutable" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers
    assert (await client.get("/static/../pages.py")).status_code == 404


async def test_a_home_asks_a_stranger_to_sign_in(client: httpx.AsyncClient) -> None:
    answer = await client.get("/console")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in?next=/console")


@pytest.mark.parametrize("path", ["https://e.test", "//e.test", "/\\e.test", "", "/a\nb"])
def test_a_path_that_leads_elsewhere_becomes_the_landing_page(path: str) -> None:
    assert local_path(path) == "/"


def test_money_and_time_read_as_people_write_them() -> None:
    assert (yuan(123450), yuan(-5), yuan(None)) == ("¥1,234.50", "-¥0.05", "")
    assert local_time(datetime(2026, 11, 23, 2, tzinfo=UTC)) == "2026-11-23 10:00"


def test_a_chart_holds_nothing_that_the_policy_forbids() -> None:
    chart = bar_chart("<b>", ["10月", "11月"], {"投诉": [3, 5]})
    assert chart.svg.startswith("<svg")
    assert not re.search(r"<script|<style|style=|xlink", chart.svg)
