"""A wrong entry is revoked by two persons: hidden from the proposal on, gone everywhere with the confirmation."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from support.lists import WHOLE, act, approve, look, make, person, search
from support.people import Caller, a_member_of_staff, form_token
from support.scenes import post_form, read_page

from xinyi_platform.clock import FixedClock
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.identity.models import Account
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.tasks.collecting import MOST_SHOWN
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.revocations.models import Revocation
from xinyi_rewards.revocations.states import TRANSITIONS, advance

pytestmark = pytest.mark.anyio
WHY = {"reason": "同名同姓,登记有误", "document": ""}


@pytest.fixture
async def entry(app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller) -> HonorEntry:
    """王小丽's published place on a red list."""
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)]))
    return await HonorEntry.get()


async def propose(client: httpx.AsyncClient, who: Caller, entry: HonorEntry, **changed: str) -> httpx.Response:
    return await act(client, who, f"/honor-entries/{entry.id}/revocations", {**WHY, **changed})


async def decide(client: httpx.AsyncClient, who: Caller, proposed: object, verdict: str) -> httpx.Response:
    return await act(client, who, f"/revocations/{proposed}/decide", {"verdict": verdict, "reason": "经核实"})


async def test_it_is_hidden_at_once_and_gone_with_another_persons_word(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller, entry: HonorEntry
) -> None:
    proposed = await propose(app_client, lin, entry)
    assert proposed.status_code == 201, proposed.text
    assert proposed.json()["decide_by"] == "2026-11-26"
    assert await search(app_client) == []
    assert (await propose(app_client, zhou, entry)).json()["code"] == "revocation_open"
    assert "已暂停展示" in (await read_page(app_client, wang, "/app/honors")).text
    row = proposed.json()["id"]
    assert [one["id"] for one in (await look(app_client, zhou, "/revocations")).json()] == [row]
    assert (await decide(app_client, lin, row, "confirm")).json()["code"] == "own_revocation"
    assert (await decide(app_client, zhou, row, "confirm")).status_code == 204
    assert (await decide(app_client, zhou, row, "refuse")).status_code == 409
    ended = await HonorEntry.get()
    assert (ended.state, ended.end_reason) == ("revoked", "经核实")


async def test_a_refused_proposal_shows_the_entry_again_unless_it_is_contested_too(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller, entry: HonorEntry
) -> None:
    row = (await propose(app_client, lin, entry)).json()["id"]
    app_client.cookies.clear()
    path = f"/api/v1/me/honors/{entry.id}/objections"
    filed = await app_client.post(path, headers=wang.headers(), json={"reason": "不是我"})
    assert (await decide(app_client, zhou, row, "refuse")).status_code == 204
    assert await search(app_client) == []
    body = {"verdict": "dismiss", "reason": "属实"}
    assert (await act(app_client, zhou, f"/objections/{filed.json()['id']}/decide", body)).status_code == 204
    assert len(await search(app_client)) == 1
    assert (await propose(app_client, lin, entry)).status_code == 201


async def test_a_double_of_the_proposer_and_who_may_not_review_do_not_confirm(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, entry: HonorEntry
) -> None:
    row = (await propose(app_client, lin, entry)).json()["id"]
    double = await a_member_of_staff(runtime, Role.REVIEWER, username="double")
    await Account.filter(id=double.id).update(person=(await Account.get(id=lin.id)).person)
    other = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="other")
    far = await a_member_of_staff(runtime, Role.REVIEWER, username="far", division="410621")
    for who, status in ((double, 403), (other, 403), (far, 404)):
        assert (await decide(app_client, who, row, "confirm")).status_code == status
    assert (await propose(app_client, far, entry)).status_code == 404
    assert (await Revocation.get()).state == "proposed"


async def test_many_who_confirm_at_once_revoke_once(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, entry: HonorEntry
) -> None:
    row = (await propose(app_client, lin, entry)).json()["id"]
    reviewers = [await a_member_of_staff(runtime, Role.REVIEWER, username=f"r{n}") for n in range(6)]
    token = await form_token(app_client)
    app_client.cookies.clear()
    body = {"verdict": "confirm", "reason": "经核实"}
    answers = await asyncio.gather(
        *(
            app_client.post(f"/staff/v1/revocations/{row}/decide", headers=who.headers(csrf=token), json=body)
            for who in reviewers
        )
    )
    assert sorted(answer.status_code for answer in answers) == [204, *[409] * 5]


async def test_a_mirrored_entry_needs_the_units_correction(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    xu = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")
    made = (await act(app_client, xu, "/honor-lists/mirrored", WHOLE)).json()["id"]
    early = await HonorEntry.get()
    assert (await propose(app_client, xu, early, document="更正1号")).status_code == 409
    await act(app_client, zhou, f"/honor-lists/{made}/approve")
    black = await HonorEntry.get()
    assert (await propose(app_client, lin, black, document="更正1号")).status_code in (403, 404)
    without = await propose(app_client, xu, black)
    assert (without.status_code, without.json()["field"]) == (400, "document")
    assert len(await search(app_client)) == 1
    row = (await propose(app_client, xu, black, document="更正1号")).json()["id"]
    assert (await decide(app_client, zhou, row, "confirm")).status_code == 204
    assert (await HonorEntry.get()).state == "revoked"


async def test_a_proposal_lapses_with_an_entry_that_ends_otherwise(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, entry: HonorEntry
) -> None:
    row = (await propose(app_client, lin, entry)).json()["id"]
    await end_entry(runtime, entry.id, "expire", actor="job:expire", reason="validity over", at=clock.now())
    assert (await Revocation.get()).state == "lapsed"
    assert (await decide(app_client, zhou, row, "confirm")).status_code == 409


async def test_the_pages_keep_what_was_typed_and_name_what_is_wrong(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, entry: HonorEntry
) -> None:
    path = f"/console/entries/{entry.id}/revocation"
    assert "提出撤销" in (await read_page(app_client, lin, path)).text
    refused = await post_form(app_client, lin, path, {"reason": "错", "document": "依据7号"})
    assert (refused.status_code, "依据7号" in refused.text) == (400, True)
    assert (await post_form(app_client, lin, path, {"reason": "登记有误"})).status_code == 303
    row = await Revocation.get()
    assert "等待另一人确认" in (await read_page(app_client, lin, "/console/revocations")).text
    assert "确认撤销条目" in (await read_page(app_client, zhou, "/console/tasks")).text
    decide_at = f"/console/revocations/{row.id}"
    for form in ({"reason": "经核实"}, {"verdict": "confirm", "reason": "x"}):
        refused = await post_form(app_client, zhou, decide_at, form)
        assert (refused.status_code, form["reason"] in refused.text) == (400, True)
    assert (await post_form(app_client, zhou, decide_at, {"verdict": "confirm", "reason": "经核实"})).status_code == 303
    assert (await HonorEntry.get()).state == "revoked"


@pytest.mark.parametrize("state", list(TRANSITIONS))
@pytest.mark.parametrize("event", ["confirm", "refuse", "lapse"])
def test_every_edge_is_in_the_table_or_refused(state: str, event: str) -> None:
    if event in TRANSITIONS[state]:
        assert advance(state, event) == TRANSITIONS[state][event]
        return
    with pytest.raises(TransitionForbidden):
        advance(state, event)


async def test_her_own_proposals_push_no_task_off_the_list(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, entry: HonorEntry
) -> None:
    await propose(app_client, lin, entry)
    row = await Revocation.get()
    values = {name: getattr(entry, name) for name in HonorEntry._meta.db_fields}
    earlier = {name: getattr(row, name) for name in Revocation._meta.db_fields}
    earlier |= {"proposed_person": "person-zhou", "decide_by": row.decide_by - timedelta(days=1)}
    for number in range(MOST_SHOWN):
        other = await HonorEntry.create(**{**values, "id": new_id(), "slot": f"s{number}"})
        await Revocation.create(**{**earlier, "id": new_id(), "entry_id": other.id})
    assert [one["kind_zh"] for one in (await look(app_client, zhou, "/tasks")).json()] == ["确认撤销条目"]
