"""A listing that can be repaired, and the steps of its repair."""

from __future__ import annotations

import io

import httpx
from PIL import Image
from support.lists import WHOLE, act
from support.people import Caller, form_token

from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.repairs.models import RepairRequest

FILED = {"statement": "已全部履行判决确定的义务。", "signed": "2026-1"}
RIPE = {**WHOLE, "determined_on": "2026-08-01"}
GRANT = {"act": "grant", "document": "(2026)演修0001号", "decided_on": "2026-11-23", "reason": "已履行,准予修复"}


async def listed(client: httpx.AsyncClient, xu: Caller, zhou: Caller, **change: object) -> HonorEntry:
    """A mirrored listing that another person has approved and that is public."""
    made = (await act(client, xu, "/honor-lists/mirrored", {**RIPE, **change})).json()
    assert (await act(client, zhou, f"/honor-lists/{made['id']}/approve")).status_code == 200
    return await HonorEntry.get(honor_list_id=made["id"])


async def ask(
    client: httpx.AsyncClient, who: Caller, entry: HonorEntry, body: object, *, tail: str = "", key: str = "k"
) -> httpx.Response:
    client.cookies.clear()
    headers = {**who.headers(), "Idempotency-Key": key}
    return await client.post(f"/api/v1/me/honors/{entry.id}/repair{tail}", headers=headers, json=body)


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    return out.getvalue()


async def step(client: httpx.AsyncClient, who: Caller, row: RepairRequest, body: object) -> httpx.Response:
    return await act(client, who, f"/repair-requests/{row.id}", body)


async def file_form(client: httpx.AsyncClient, who: Caller, entry: HonorEntry, *papers: bytes) -> httpx.Response:
    """File by the form of the app, with pictures."""
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    files = [("papers", (f"{place}.jpg", data, "image/jpeg")) for place, data in enumerate(papers)]
    return await client.post(f"/app/repairs/{entry.id}", headers=who.headers(csrf=token), data=FILED, files=files)
