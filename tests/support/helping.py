"""Listings that are helped with, trainings, and what both sides of a request for agency send."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from support.lists import WHOLE, act
from support.people import DIVISION, Caller
from support.scenes import post_form

from xinyi_platform.clock import SHANGHAI
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance.models import AgencyRequest, TrainingSession
from xinyi_rewards.honor_lists.models import HonorEntry

RIPE = {**WHOLE, "determined_on": "2026-08-01"}
"""A decision whose shortest term is over."""
WISH = {"wish": "不清楚要哪些材料,请帮忙准备。", "contact": "13800000001", "signed": "2026-1"}
STATEMENT = "已于十一月还清全部欠款,并向法院提交了凭证。"


async def listed(client: httpx.AsyncClient, xu: Caller, zhou: Caller, **change: object) -> HonorEntry:
    """A mirrored listing that another person has approved: public, or noticed while its term to object runs."""
    made = (await act(client, xu, "/honor-lists/mirrored", {**RIPE, **change})).json()
    assert (await act(client, zhou, f"/honor-lists/{made['id']}/approve")).status_code == 200
    return await HonorEntry.get(honor_list_id=made["id"])


async def call(
    client: httpx.AsyncClient,
    who: Caller,
    method: str,
    entry: HonorEntry,
    tail: str = "",
    body: object = None,
    *,
    key: str = "k",
) -> httpx.Response:
    """Call a resident's API of help about an entry."""
    client.cookies.clear()
    headers = {**who.headers(), "Idempotency-Key": key}
    return await client.request(method, f"/api/v1/me/help/{entry.id}{tail}", headers=headers, json=body)


async def overview(client: httpx.AsyncClient, who: Caller, entry: HonorEntry) -> dict[str, Any]:
    """What a resident reads about the help with an entry."""
    found: dict[str, Any] = (await call(client, who, "GET", entry)).json()
    return found


async def plan(client: httpx.AsyncClient, runtime: Runtime, who: Caller, **changes: str) -> httpx.Response:
    """Plan a training that begins in two hours, with two places."""
    begins = (runtime.clock.now() + timedelta(hours=2)).astimezone(SHANGHAI).replace(tzinfo=None)
    form = {
        "division": DIVISION,
        "title": "信用修复讲座",
        "place": "社区活动室",
        "starts_at": begins.isoformat(timespec="minutes"),
        "ends_at": (begins + timedelta(hours=2)).isoformat(timespec="minutes"),
        "capacity": "2",
    }
    return await post_form(client, who, "/console/help/sessions", {**form, **changes})


async def planned(client: httpx.AsyncClient, runtime: Runtime, who: Caller, **changes: str) -> TrainingSession:
    """The one training that was planned."""
    assert (await plan(client, runtime, who, **changes)).status_code == 303
    return await TrainingSession.get()


async def handle(client: httpx.AsyncClient, who: Caller, row: AgencyRequest, **fields: str) -> httpx.Response:
    """Take one step of a request in the console."""
    return await post_form(client, who, f"/console/help/agency/{row.id}", fields)


async def draft(
    client: httpx.AsyncClient, who: Caller, row: AgencyRequest, statement: str = STATEMENT, picture: bytes = b""
) -> httpx.Response:
    """Prepare a draft in the console, with a picture or none."""
    files = {"papers": ("1.jpg", picture, "image/jpeg")} if picture else {"papers": ("", b"", "image/jpeg")}
    return await post_form(client, who, f"/console/help/agency/{row.id}/draft", {"statement": statement}, files=files)
