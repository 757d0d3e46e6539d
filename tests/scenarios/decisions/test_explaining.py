"""What was told can be told again, to her alone."""

from __future__ import annotations

import httpx
import pytest
from support.people import Caller, a_resident
from support.scenes import read_page

from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions import replay_decision
from xinyi_scenarios.decisions.models import Decision

pytestmark = pytest.mark.anyio


async def test_a_decision_is_told_again_with_all_that_it_rested_on(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    headers = {**wang.headers(), "Accept-Language": "en"}
    told = (await app_client.get("/api/v1/scenarios/checkup/eligibility", headers=headers)).json()
    again = (await app_client.get(f"/api/v1/decisions/{told['decision']}", headers=headers)).json()
    assert (again["verdict"], again["findings"]) == (told["verdict"], told["findings"])
    assert any(finding["would_change"] for finding in again["findings"])
    assert {"scene", "red_lists"} <= {seen["fact"] for seen in again["inputs"]}
    page = await read_page(app_client, wang, f"/app/decisions/{told['decision']}")
    assert (page.status_code, "红名单" in page.text) == (200, True)
    assert "/app/decisions/" in (await read_page(app_client, wang, "/app/scenes/checkup")).text
    other = await a_resident(runtime, 77)
    assert (await app_client.get(f"/api/v1/decisions/{told['decision']}", headers=other.headers())).status_code == 404


async def test_an_older_trace_without_what_would_change_it_still_replays(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    headers = wang.headers()
    told = (await app_client.get("/api/v1/scenarios/checkup/eligibility", headers=headers)).json()
    stored = await Decision.get(id=told["decision"])
    assert any(row["change"] for row in stored.trace)
    older = [{key: value for key, value in row.items() if key != "change"} for row in stored.trace]
    await Decision.filter(id=stored.id).update(trace=older)
    assert (await replay_decision(stored.id))[1] is True
    assert (await app_client.get(f"/api/v1/decisions/{stored.id}", headers=headers)).status_code == 200
