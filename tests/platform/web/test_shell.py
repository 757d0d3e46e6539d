"""The shell's pages, headers, form tokens and languages, over a small application of the host's own parts."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx
import pytest

from xinyi_platform.web.charts import bar_chart
from xinyi_platform.web.formatting import local_time, yuan
from xinyi_platform.web.pages import local_path

pytestmark = pytest.mark.anyio


async def test_the_landing_page_opens_three_doors_in_chinese(shell_client: httpx.AsyncClient) -> None:
    answer = await shell_client.get("/")
    assert answer.status_code == 200
    assert 'lang="zh-CN"' in answer.text
    for door in ("/app", "/portal", "/console"):
        assert f'class="door" href="{door}"' in answer.text


async def test_a_page_brings_a_policy_that_allows_nothing_inline(shell_client: httpx.AsyncClient) -> None:
    answer = await shell_client.get("/")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", answer.text)


async def test_an_unknown_address_carries_the_headers_too(shell_client: httpx.AsyncClient) -> None:
    answer = await shell_client.get("/app/nowhere")
    assert answer.status_code == 404
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "<h1" in answer.text


async def test_the_language_is_kept_and_the_redirect_stays_here(shell_client: httpx.AsyncClient) -> None:
    token = re.search(r'name="_csrf_token" value="([^"]+)"', (await shell_client.get("/")).text)
    assert token
    form = {"_csrf_token": token[1], "language": "en", "next": "//elsewhere.test"}
    answer = await shell_client.post("/language", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert 'lang="en"' in (await shell_client.get("/")).text


async def test_a_form_without_its_token_is_refused_with_a_way_on(shell_client: httpx.AsyncClient) -> None:
    answer = await shell_client.post("/language", data={"language": "en"})
    assert answer.status_code == 403
    assert "/problems/form_expired" in answer.text
    assert "xinyi_csrf" in answer.headers["set-cookie"]


async def test_every_error_code_has_its_page(shell_client: httpx.AsyncClient) -> None:
    assert "form_expired" in (await shell_client.get("/problems")).text
    assert (await shell_client.get("/problems/not_found")).status_code == 200
    assert (await shell_client.get("/problems/no_such_code")).status_code == 404


async def test_assets_are_kept_for_a_year_under_their_digest(shell_client: httpx.AsyncClient) -> None:
    text = (await shell_client.get("/")).text
    for url in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
        answer = await shell_client.get(url)
        assert answer.status_code == 200, url
        assert "immutable" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers
    assert (await shell_client.get("/static/../pages.py")).status_code == 404


async def test_a_home_asks_a_stranger_to_sign_in(shell_client: httpx.AsyncClient) -> None:
    answer = await shell_client.get("/console")
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
