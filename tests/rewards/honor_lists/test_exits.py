"""Ways out of a list: red ends with black, what is over is never published, and one bad row holds no other up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from support.lists import NO_NOTICE, WHOLE, WITH_NOTICE, act, approve, csv_sheet, make, person, search
from support.people import Caller, a_member_of_staff
from support.scenes import id_of, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_red_of_listed, expire_entries, publish_due
from xinyi_rewards.honor_lists.reading import kinds_listed

pytestmark = pytest.mark.anyio


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    """The credit office."""
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


async def mirror(client: httpx.AsyncClient, xu: Caller, zhou: Caller, **changed: object) -> HonorEntry:
    """A decision about 王小丽 whose term to object is over, approved and so published."""
    made = await act(client, xu, "/honor-lists/mirrored", {**WHOLE, **changed})
    assert made.status_code == 201, made.text
    approved = await act(client, zhou, f"/honor-lists/{made.json()['id']}/approve")
    assert approved.status_code == 200, approved.text
    return await HonorEntry.get(honor_list_id=made.json()["id"])


async def test_a_place_on_a_red_list_ends_when_its_holder_is_published_on_a_black_one(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, xu: Caller,
    wang: Caller,
) -> None:  # fmt: skip
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)]))
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)], kind=WITH_NOTICE))
    await mirror(app_client, xu, zhou)
    assert await HonorEntry.filter(kind__startswith="red-", state="revoked").count() == 2
    who = id_of(wang)
    assert (await kinds_listed([who], "red", at=clock.now()))[who] == []
    assert (await kinds_listed([who], "black", at=clock.now()))[who] == ["black-enforcement"]


async def test_a_red_list_in_review_is_not_approved_with_somebody_who_was_listed_meanwhile(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, xu: Caller
) -> None:
    made = await make(app_client, lin, [person(1), person(2, "李小明")])
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    await mirror(app_client, xu, zhou)
    refused = await act(app_client, zhou, f"/honor-lists/{made}/approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "entries_barred")
    assert "王*丽" in refused.json()["detail"]
    assert await HonorEntry.filter(honor_list_id=made, state="in_review").count() == 2


async def test_what_a_race_let_through_is_ended_by_the_sweep(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, xu: Caller
) -> None:
    black = await mirror(app_client, xu, zhou)
    await HonorEntry.filter(id=black.id).update(state="in_review")
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)]))
    await HonorEntry.filter(id=black.id).update(state="published")
    assert await end_red_of_listed(runtime) == 1
    assert await end_red_of_listed(runtime) == 0
    assert (await HonorEntry.get(kind=NO_NOTICE)).state == "revoked"


@pytest.mark.parametrize("state", ["in review", "contested"])
async def test_what_nobody_may_see_counts_against_nobody(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, xu: Caller, wang: Caller, state: str
) -> None:
    if state == "in review":
        assert (await act(app_client, xu, "/honor-lists/mirrored", WHOLE)).status_code == 201
    else:
        entry = await mirror(app_client, xu, zhou)
        path = f"/api/v1/me/honors/{entry.id}/objections"
        assert (await app_client.post(path, headers=wang.headers(), json={"reason": "不是我"})).status_code == 201
    sheet, form = csv_sheet([person(1)]), {"kind": NO_NOTICE, "title": "好人榜"}
    assert (await act(app_client, lin, "/honor-lists", form=form, sheet=sheet)).status_code == 201
    asked = await AuditEntry.get(action="honor_list.check")
    assert (asked.detail["asked"], asked.detail["good"], asked.actor) == (1, 1, f"staff:{lin.id}")


async def test_an_entry_whose_end_comes_before_its_publication_expires_unpublished(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, zhou: Caller, xu: Caller
) -> None:
    late = {**WHOLE, "ends_on": "2027-03-01"}
    for until in ("2027-06-01", "9999-12-31", "2027-03-01"):
        refused = await act(app_client, xu, "/honor-lists/mirrored", {**late, "objection_until": until})
        assert (refused.status_code, refused.json()["field"]) == (400, "objection_until")
    entry = await mirror(app_client, xu, zhou, ends_on="2027-03-01", objection_until="2027-02-28")
    await HonorEntry.filter(id=entry.id).update(publish_at=clock.now() + timedelta(days=200))
    clock.advance(timedelta(days=201))
    assert await publish_due(runtime) == 0
    assert (await HonorEntry.get(id=entry.id)).state == "expired"
    assert await expire_entries(runtime) == 0
    assert await search(app_client) == []


async def test_a_term_to_object_has_the_days_that_the_kind_asks_for(app_client: httpx.AsyncClient, xu: Caller) -> None:
    short = {**WHOLE, "objection_until": WHOLE["notified_on"]}
    refused = await act(app_client, xu, "/honor-lists/mirrored", short)
    assert (refused.status_code, refused.json()["field"]) == (400, "objection_until")
    assert "7" in refused.json()["detail"]


async def test_one_entry_that_cannot_be_read_holds_no_other_up(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(n) for n in (1, 2, 3)], kind=WITH_NOTICE))
    broken = (await HonorEntry.all().order_by("id"))[0]
    await HonorEntry.filter(id=broken.id).update(name_cipher="gone.AAAA")
    clock.advance(timedelta(days=7))
    assert await publish_due(runtime) == 2
    assert (await HonorEntry.get(id=broken.id)).stuck_since == clock.now()
    zhou = replace(zhou, cookies={cookie_name("console"): await open_session("console", id_of(zhou), now=clock.now())})
    assert "未能按时处理" in (await read_page(app_client, zhou, "/console/tasks")).text
    clock.advance(timedelta(days=400))
    assert await expire_entries(runtime) == 2
    await HonorEntry.filter(id=broken.id).update(valid_until=clock.now())
    assert await expire_entries(runtime) == 1  # an end needs no name


async def test_several_decisions_about_one_person_stand_beside_each_other(
    app_client: httpx.AsyncClient, zhou: Caller, xu: Caller
) -> None:
    await mirror(app_client, xu, zhou)
    same = await act(app_client, xu, "/honor-lists/mirrored", WHOLE)
    assert (same.status_code, same.json()["code"]) == (409, "already_listed")
    await mirror(app_client, xu, zhou, document_no="(2026)演0600执0002号")
    assert [entry["document_no"] for entry in await search(app_client)].count(WHOLE["document_no"]) == 1
    assert len(await search(app_client)) == 2


async def test_a_number_of_somebody_called_otherwise_is_refused(
    app_client: httpx.AsyncClient, xu: Caller, wang: Caller
) -> None:
    refused = await act(app_client, xu, "/honor-lists/mirrored", {**WHOLE, "name": "李小明"})
    assert (refused.status_code, refused.json()["field"]) == (400, "name")


async def test_a_reviewer_refuses_a_list_whose_maker_has_left_and_its_places_are_free(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller
) -> None:
    made = await make(app_client, lin, [person(1), person(2)])
    assert (await act(app_client, lin, f"/honor-lists/{made}/refuse", {"comment": "不行"})).status_code == 403
    refused = await act(app_client, zhou, f"/honor-lists/{made}/refuse", {"comment": "经办人已调离"})
    assert (refused.json()["state"], refused.json()["comment"]) == ("withdrawn", "经办人已调离")
    assert await HonorEntry.filter(state="revoked").count() == 2
    assert await AuditEntry.filter(action="honor_entry.withdraw").count() == 2
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)]))
    assert await AuditEntry.filter(action="honor_entry.notice").count() == 1
