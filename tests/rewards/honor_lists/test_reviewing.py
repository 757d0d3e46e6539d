"""Who makes a list does not review it, by whichever account, and one approval is one approval."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from support.lists import WITH_NOTICE, act, look, make, person
from support.people import Caller, a_member_of_staff
from support.scenes import read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.identity.models import Account
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList

pytestmark = pytest.mark.anyio


async def test_the_maker_does_not_review_her_own_list_not_even_by_another_account(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    both = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, Role.REVIEWER, username="both")
    other = await a_member_of_staff(runtime, Role.REVIEWER, username="other")
    await Account.filter(id=other.id).update(person="person-both")
    made = await make(app_client, both, [person(1)])
    await act(app_client, both, f"/honor-lists/{made}/submit")
    for who in (both, other):
        for verb, body in (("approve", None), ("send-back", {"comment": "改"})):
            refused = await act(app_client, who, f"/honor-lists/{made}/{verb}", body)
            assert refused.status_code == 403
            assert refused.json()["code"] == "own_list_review"
    assert (await HonorList.get(id=made)).state == "in_review"


async def test_only_the_maker_hands_in_and_only_a_draft(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller
) -> None:
    made = await make(app_client, lin, [person(1)])
    assert (await act(app_client, zhou, f"/honor-lists/{made}/submit")).status_code == 403
    assert (await act(app_client, zhou, f"/honor-lists/{made}/approve")).status_code == 409
    assert (await act(app_client, lin, f"/honor-lists/{made}/submit")).status_code == 200
    assert (await act(app_client, lin, f"/honor-lists/{made}/submit")).status_code == 409


async def test_a_list_that_was_sent_back_can_be_handed_in_again(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller
) -> None:
    made = await make(app_client, lin, [person(1)])
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    back = await act(app_client, zhou, f"/honor-lists/{made}/send-back", {"comment": "请补充事迹"})
    assert (back.json()["state"], back.json()["comment"]) == ("draft", "请补充事迹")
    assert (await HonorEntry.get()).state == "draft"
    assert (await act(app_client, lin, f"/honor-lists/{made}/submit")).json()["state"] == "in_review"
    again = await act(app_client, zhou, f"/honor-lists/{made}/approve", {"turn": 2})
    assert again.json()["state"] == "approved"


async def test_many_approvals_at_once_have_one_effect(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    made = await make(app_client, lin, [person(n) for n in range(1, 6)], kind=WITH_NOTICE)
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    reviewers = [await a_member_of_staff(runtime, Role.REVIEWER, username=f"r{n}") for n in range(10)]
    token = (await app_client.get("/")).cookies["xinyi_csrf"]
    app_client.cookies.clear()
    answers = await asyncio.gather(
        *(
            app_client.post(f"/staff/v1/honor-lists/{made}/approve", headers=who.headers(csrf=token), json={"turn": 1})
            for who in reviewers
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 9]
    assert await AuditEntry.filter(action="honor_list.approve").count() == 1
    assert await HonorEntry.filter(state="noticed").count() == 5


async def test_who_sent_a_list_back_can_still_give_it_up_when_its_maker_has_left(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller
) -> None:
    made = await make(app_client, lin, [person(1)])
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    await act(app_client, zhou, f"/honor-lists/{made}/send-back", {"comment": "请补充事迹"})
    refused = await act(app_client, zhou, f"/honor-lists/{made}/refuse", {"comment": "经办人已调离"})
    assert (refused.status_code, refused.json()["state"]) == (200, "withdrawn")
    story = (await look(app_client, zhou, f"/honor-lists/{made}/story")).json()
    assert {line["text"] for line in story} == {"请补充事迹", "经办人已调离"}
    assert await AuditEntry.filter(action="honor_list.refuse", actor=f"staff:{zhou.id}").count() == 1
    await make(app_client, lin, [person(1)])  # its place is free


async def test_who_approved_a_list_that_needs_two_can_still_give_it_up_and_is_offered_no_second_review(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller
) -> None:
    made = await make(app_client, lin, [person(1)])
    await HonorList.filter(id=made).update(reviews_needed=2)
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    assert f"/console/lists/{made}/approve" in (await read_page(app_client, zhou, f"/console/lists/{made}")).text
    assert (await act(app_client, zhou, f"/honor-lists/{made}/approve")).json()["approvals"] == 1
    page = (await read_page(app_client, zhou, f"/console/lists/{made}")).text
    assert "您已复核过本次提交" in page
    offered = {act: f"/console/lists/{made}/{act}" in page for act in ("approve", "send-back", "refuse")}
    assert offered == {"approve": False, "send-back": False, "refuse": True}
    refused = (await act(app_client, zhou, f"/honor-lists/{made}/refuse", {"comment": "重复申报"})).json()
    assert (refused["state"], refused["approvals"]) == ("withdrawn", 1)


@pytest.mark.parametrize("role", [Role.COMMUNITY_WORKER, Role.CREDIT_OFFICE, Role.ADMIN])
async def test_reviewing_takes_the_reviewers_role(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, role: Role
) -> None:
    made = await make(app_client, lin, [person(1)])
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    other = await a_member_of_staff(runtime, role, username="someone")
    assert (await look(app_client, other, f"/honor-lists/{made}")).status_code == 200
    assert (await act(app_client, other, f"/honor-lists/{made}/approve")).status_code == 403
