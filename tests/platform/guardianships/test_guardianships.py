"""A guardianship is asked for, confirmed by the ward's community, ended by either, and known to rules."""

from __future__ import annotations

import httpx
import pytest
from support.people import Caller, a_member_of_staff, a_resident, form_token

from xinyi_platform.audit import AuditEntry
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.guardianships import guardian_facts
from xinyi_platform.guardianships.states import TRANSITIONS
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.notices.models import Notice
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.transitions import next_state

pytestmark = pytest.mark.anyio
MINE = "/api/v1/me/guardianships"


async def ask(client: httpx.AsyncClient, who: Caller, ward: int) -> httpx.Response:
    body = {"name": "王小丽", "relation": "parent", "identity_number": synthetic_identity_number(ward)}
    return await client.post(MINE, headers=who.headers(), json=body)


async def decide(client: httpx.AsyncClient, staff: Caller, which: str, verdict: str) -> httpx.Response:
    csrf = await form_token(client)
    client.cookies.clear()
    body = {"verdict": verdict, "reason": "已查看户口簿"}
    return await client.post(f"/staff/v1/guardianships/{which}/decide", headers=staff.headers(csrf=csrf), json=body)


async def test_asked_confirmed_and_ended_and_both_know(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    mother, ward = await a_resident(runtime, 1), await a_resident(runtime, 2)
    staff = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER)
    asked = await ask(app_client, mother, 2)
    assert (asked.status_code, asked.json()["state"]) == (201, "asked")
    assert (await ask(app_client, mother, 2)).status_code == 409
    facts = await guardian_facts([mother.id, ward.id])  # type: ignore[list-item]
    assert (len(facts[mother.id]["waiting"]), facts[mother.id]["wards"]) == (1, [])  # type: ignore[index]
    which = asked.json()["id"]
    assert (await decide(app_client, staff, which, "confirm")).json()["state"] == "confirmed"
    assert (await decide(app_client, staff, which, "refuse")).status_code == 409
    facts = await guardian_facts([mother.id, ward.id])  # type: ignore[list-item]
    assert (len(facts[mother.id]["wards"]), facts[ward.id]["has_guardian"]) == (1, True)  # type: ignore[index]
    for who, role in ((mother, "guardian"), (ward, "ward")):
        (row,) = (await app_client.get(MINE, headers=who.headers())).json()
        assert (row["role"], row["ward"], row["state"]) == (role, "王*丽", "confirmed")
    ended = await app_client.post(f"{MINE}/{which}/end", headers=ward.headers())
    assert ended.json()["state"] == "ended"
    assert (await guardian_facts([mother.id]))[mother.id]["wards"] == []  # type: ignore[list-item,index]
    acts = await AuditEntry.filter(object_kind="guardianship").order_by("at", "id").values_list("action", flat=True)
    assert sorted(acts) == ["guardianship.ask", "guardianship.confirm", "guardianship.end"]
    assert await Notice.filter(resident_id=ward.id).count() == 2
    assert (await ask(app_client, mother, 2)).status_code == 201


async def test_a_stranger_an_unknown_ward_and_oneself_get_nowhere(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    mother, stranger = await a_resident(runtime, 1), await a_resident(runtime, 3)
    await a_resident(runtime, 2)
    for ward in (1, 99):
        refused = await ask(app_client, mother, ward)
        assert (refused.status_code, refused.json()["code"]) == (422, "ward_not_found")
    which = (await ask(app_client, mother, 2)).json()["id"]
    assert (await app_client.post(f"{MINE}/{which}/end", headers=stranger.headers())).status_code == 404


async def test_the_pages_ask_and_decide(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    mother = await a_resident(runtime, 1)
    await a_resident(runtime, 2)
    staff = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER)
    csrf = await form_token(app_client)
    app_client.cookies.clear()
    form = {"_csrf_token": csrf, "name": "王小丽", "number": "13800000002", "relation": "parent"}
    wrong = await app_client.post(
        "/app/guardianships", headers=mother.headers(csrf=csrf), data={**form, "name": "李四"}
    )
    assert (wrong.status_code, "没有找到" in wrong.text) == (422, True)
    assert (
        await app_client.post("/app/guardianships", headers=mother.headers(csrf=csrf), data=form)
    ).status_code == 303
    desk = await app_client.get("/console/guardianships", headers=staff.headers())
    (row,) = (await app_client.get(MINE, headers=mother.headers())).json()
    assert f"/console/guardianships/{row['id']}" in desk.text
    decided = {"_csrf_token": csrf, "act": "refuse", "reason": "材料不全"}
    path = f"/console/guardianships/{row['id']}"
    assert (await app_client.post(path, headers=staff.headers(csrf=csrf), data=decided)).status_code in (302, 303)
    assert "材料不全" in (await app_client.get("/app/guardianships", headers=mother.headers())).text


@pytest.mark.parametrize("state", list(TRANSITIONS))
@pytest.mark.parametrize("event", ["confirm", "refuse", "end"])
def test_an_edge_that_is_missing_is_refused(state: str, event: str) -> None:
    if event in TRANSITIONS[state]:
        assert next_state(TRANSITIONS, kind="guardianship", state=state, event=event) in TRANSITIONS
    else:
        with pytest.raises(TransitionForbidden):
            next_state(TRANSITIONS, kind="guardianship", state=state, event=event)
