"""With a death everything that is listed about the person ends at once, and nothing is listed any more."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from support.lists import WHOLE, act, approve, look, make, person, search
from support.people import Caller, a_member_of_staff, a_partner
from support.scenes import post_form, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.identity.models import Account
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.tasks.collecting import MOST_SHOWN
from xinyi_rewards.deaths import recording
from xinyi_rewards.deaths.models import PersonDeath
from xinyi_rewards.deaths.states import STANDING, TRANSITIONS, advance_death
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.rewards.models import RewardGrant

pytestmark = pytest.mark.anyio
START = datetime(2026, 11, 20, tzinfo=UTC)
DIED = {"number": synthetic_identity_number(1), "died_on": "2026-11-20", "document": "演死证〔2026〕1号"}


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


@pytest.fixture
async def sun(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    """Another person of the credit office."""
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="sun")


async def step(client: httpx.AsyncClient, who: Caller, named: str, **sent: str) -> httpx.Response:
    return await act(client, who, f"/deaths/{(await PersonDeath.get()).id}", {"act": named, **sent})


async def confirm(client: httpx.AsyncClient, who: Caller) -> httpx.Response:
    return await step(client, who, "confirm", number=DIED["number"])


async def test_everything_about_the_dead_ends_in_one_transaction_and_is_recalled(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, xu: Caller, sun: Caller, wang: Caller
) -> None:
    bank = await a_partner(runtime, "lists", client_id="bank", name="演示银行")
    mirrored = (await act(app_client, xu, "/honor-lists/mirrored", WHOLE)).json()["id"]
    await act(app_client, zhou, f"/honor-lists/{mirrored}/approve")
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(2, "李小明")]))
    app_client.cookies.clear()
    path = "/partner/v1/honor-lists/black-enforcement/entries"
    assert len((await app_client.get(path, headers=bank.headers())).json()["entries"]) == 1
    put_down = await act(app_client, xu, "/deaths", DIED)
    assert (put_down.status_code, put_down.json()["ended_entries"]) == (201, 0)
    assert len(await search(app_client)) == 1
    confirmed = await confirm(app_client, sun)
    assert (confirmed.status_code, confirmed.json()["ended_entries"]) == (200, 1)
    assert await search(app_client) == []
    ended = await HonorEntry.get(kind="black-enforcement")
    assert (ended.state, ended.end_reason) == ("revoked", "death")
    assert (await Recall.get()).entry_id == ended.id
    assert "death" not in (await Recall.get()).statement
    assert (await HonorEntry.get(kind="red-good-neighbour")).state == "published"
    assert (await act(app_client, xu, "/deaths", DIED)).json()["code"] == "death_known"


async def test_drafts_about_the_dead_end_too_and_none_are_made_any_more(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, xu: Caller, sun: Caller
) -> None:
    made = await make(app_client, lin, [person(1), person(2, "李小明")])
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    assert (await act(app_client, xu, "/deaths", DIED)).status_code == 201
    assert (await confirm(app_client, sun)).json()["ended_entries"] == 1
    assert (await act(app_client, zhou, f"/honor-lists/{made}/approve")).status_code == 200
    states = await HonorEntry.all().order_by("name_masked").values_list("state", flat=True)
    assert sorted(states) == ["published", "revoked"]
    again = {"kind": "red-good-neighbour", "title": "好人", "name": "王小丽", "number": DIED["number"], "deed": "助人"}
    assert "死亡" in (await act(app_client, lin, "/honor-lists/single", again)).json()["rows"][0]["zh"]
    refused = await act(app_client, xu, "/honor-lists/mirrored", WHOLE)
    assert (refused.status_code, refused.json()["field"]) == (400, "number")
    assert not await RewardGrant.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"number": "410611199001010000"}, "number"), ({"died_on": "2026-11-24"}, "died_on")],
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(
    app_client: httpx.AsyncClient, xu: Caller, change: dict[str, str], field: str
) -> None:
    refused = await act(app_client, xu, "/deaths", {**DIED, **change})
    assert (refused.status_code, refused.json()["field"]) == (400, field)
    on_the_page = await post_form(app_client, xu, "/console/deaths", {**DIED, **change})
    assert on_the_page.status_code == 400
    assert DIED["document"] in on_the_page.text
    assert not await PersonDeath.exists()


async def test_only_the_citys_credit_office_puts_a_death_down(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, xu: Caller
) -> None:
    district = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="district", division="410611")
    for who in (lin, district):
        assert (await act(app_client, who, "/deaths", DIED)).status_code == 403
    assert (await post_form(app_client, xu, "/console/deaths", DIED)).status_code == 303
    page = (await read_page(app_client, xu, "/console/deaths")).text
    assert DIED["document"] in page
    assert DIED["number"] not in page


async def test_nobody_confirms_what_she_put_down_herself_by_whichever_account(
    app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller, xu: Caller, sun: Caller
) -> None:
    await mirrored(app_client, xu, zhou)
    await act(app_client, xu, "/deaths", DIED)
    double = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu2")
    await Account.filter(id=double.id).update(person="person-xu")
    assert await kinds_of_tasks(app_client, xu) == await kinds_of_tasks(app_client, double) == []
    assert await kinds_of_tasks(app_client, sun) == ["确认死亡登记"]
    for who in (xu, double):
        refused = await confirm(app_client, who)
        assert (refused.status_code, refused.json()["code"]) == (403, "own_death_report")
    other = await step(app_client, sun, "confirm", number=synthetic_identity_number(2))
    assert (other.status_code, other.json()["field"]) == (400, "number")
    assert len(await search(app_client)) == 1
    assert (await confirm(app_client, sun)).json()["state"] == "confirmed"
    assert (await confirm(app_client, sun)).status_code == 409
    assert await search(app_client) == []
    acts = await AuditEntry.filter(object_kind="person_death").order_by("id").values_list("action", flat=True)
    assert acts == ["person_death.report", "person_death.confirm"]


async def test_before_it_is_confirmed_it_is_taken_back_and_nothing_has_ended(
    app_client: httpx.AsyncClient, zhou: Caller, xu: Caller, sun: Caller
) -> None:
    await act(app_client, xu, "/deaths", DIED)
    await mirrored(app_client, xu, zhou)
    assert (await step(app_client, xu, "withdraw")).json()["state"] == "withdrawn"
    assert (await confirm(app_client, sun)).status_code == 409
    assert len(await search(app_client)) == 1
    assert (await act(app_client, sun, "/deaths", DIED)).status_code == 201


async def test_two_persons_reverse_a_wrong_one_and_the_person_can_be_listed_again(
    app_client: httpx.AsyncClient, zhou: Caller, xu: Caller, sun: Caller
) -> None:
    await mirrored(app_client, xu, zhou)
    await act(app_client, xu, "/deaths", DIED)
    await confirm(app_client, sun)
    assert (await step(app_client, sun, "reverse")).status_code == 409
    assert (await step(app_client, sun, "contest")).status_code == 400
    assert (await step(app_client, sun, "contest", reason="证件号填错")).json()["state"] == "contested"
    assert (await act(app_client, xu, "/honor-lists/mirrored", WHOLE)).status_code == 400
    assert (await step(app_client, sun, "reverse")).json()["code"] == "own_death_report"
    assert (await step(app_client, sun, "uphold")).json()["state"] == "confirmed"
    await step(app_client, sun, "contest", reason="证件号填错")
    assert (await post_form(app_client, xu, f"/console/deaths/{(await PersonDeath.get()).id}", {"act": "reverse"})
            ).status_code == 303  # fmt: skip
    assert (await HonorEntry.get()).state == "revoked"
    assert (await act(app_client, xu, "/honor-lists/mirrored", WHOLE)).status_code == 201
    page = (await read_page(app_client, xu, "/console/deaths")).text
    assert "已经结束的条目不恢复" in page
    assert "证件号填错" in page


async def test_another_broken_constraint_is_not_told_as_a_known_death(
    app_client: httpx.AsyncClient, xu: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = UUID(int=7)
    monkeypatch.setattr(recording, "new_id", lambda: taken)
    assert (await act(app_client, xu, "/deaths", DIED)).status_code == 201
    other = await act(app_client, xu, "/deaths", {**DIED, "number": synthetic_identity_number(2)})
    assert other.status_code == 500
    assert await PersonDeath.all().count() == 1


async def mirrored(client: httpx.AsyncClient, xu: Caller, zhou: Caller) -> None:
    made = (await act(client, xu, "/honor-lists/mirrored", WHOLE)).json()["id"]
    await act(client, zhou, f"/honor-lists/{made}/approve")


async def kinds_of_tasks(client: httpx.AsyncClient, who: Caller) -> list[str]:
    return [one["kind_zh"] for one in (await look(client, who, "/tasks")).json()]


async def another_death(row: int, state: str, person: str) -> PersonDeath:
    """A death of somebody else, put down `row` minutes after the first of them."""
    at = START + timedelta(minutes=row)
    standing = state in STANDING
    return await PersonDeath.create(
        identity_index=f"index-{row}", slot=f"index-{row}" if standing else f"over-{row}", state=state,
        died_on=date(2026, 11, 1), document=f"演死证〔2026〕{1000 + row}号", source="bureau", actor="bureau:feed",
        reported_person=person, ended_entries=0, put_down_at=at, changed_at=at,
    )  # fmt: skip


async def test_what_waits_is_shown_and_confirmed_however_much_was_put_down_after_it(
    app_client: httpx.AsyncClient, xu: Caller, sun: Caller
) -> None:
    await act(app_client, xu, "/deaths", DIED)
    await PersonDeath.all().update(put_down_at=START - timedelta(days=30))
    for row in range(51):
        await another_death(row, "withdrawn", "somebody")
    assert (await look(app_client, sun, "/deaths")).json()[0]["document"] == DIED["document"]
    assert DIED["document"] in (await read_page(app_client, sun, "/console/deaths")).text


async def test_her_own_rows_push_no_task_off_the_list(app_client: httpx.AsyncClient, sun: Caller) -> None:
    for row in range(MOST_SHOWN):
        await another_death(row, "reported", "person-sun")
    theirs = await another_death(MOST_SHOWN, "reported", "somebody")
    tasks = (await look(app_client, sun, "/tasks")).json()
    assert [one["title"] for one in tasks] == [theirs.document]


@pytest.mark.parametrize("state", TRANSITIONS)
async def test_only_the_edges_of_the_table_can_be_walked(state: str) -> None:
    for event in {event for edges in TRANSITIONS.values() for event in edges} - set(TRANSITIONS[state]):
        with pytest.raises(TransitionForbidden):
            advance_death(state, event)
