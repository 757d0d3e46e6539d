"""A black entry mirrors a whole decision: each field left out is refused by name, and its term is the law's."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import combinations

import httpx
import pytest
from support.lists import WHOLE, act, look, search
from support.people import Caller, a_member_of_staff
from support.scenes import Shop, a_shop, post_form, read_page

from xinyi_merchants.registry.models import Merchant
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.models import Account
from xinyi_platform.ids import new_id
from xinyi_platform.notices.models import Notice
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.deaths.models import PersonDeath
from xinyi_rewards.honor_lists import asking
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.honor_lists.publishing import expire_entries, publish_due

pytestmark = pytest.mark.anyio
PATH = "/honor-lists/mirrored"
MANDATORY = ("authority", "document_no", "legal_basis", "determined_on", "notified_on", "objection_until")


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


async def test_every_way_of_leaving_a_field_out_is_refused_by_name(app_client: httpx.AsyncClient, xu: Caller) -> None:
    ways = [names for size in range(1, 7) for names in combinations(MANDATORY, size)]
    assert len(ways) == 63
    for left_out in ways:
        refused = await act(app_client, xu, PATH, {name: WHOLE[name] for name in WHOLE if name not in left_out})
        assert refused.status_code == 422
        assert refused.json()["code"] == "fields_missing"
        assert refused.json()["fields"] == list(left_out)
    assert not await HonorList.all().exists()


@pytest.mark.parametrize("name", ["name", "number", "fact", "grade"])
async def test_blank_is_left_out(app_client: httpx.AsyncClient, xu: Caller, name: str) -> None:
    refused = await act(app_client, xu, PATH, {**WHOLE, name: " "})
    assert (refused.status_code, refused.json()["fields"]) == (422, [name])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"grade": "minor"}, "grade"),
        ({"grade": "grave"}, "grade"),
        ({"determined_on": "2026-11-24"}, "determined_on"),
        ({"notified_on": "2026-11-24", "objection_until": "2026-12-01"}, "notified_on"),
        ({"objection_until": "2026-11-09"}, "objection_until"),
        ({"ends_on": "2027-01-31"}, "ends_on"),
        ({"ends_on": "2027-11-02"}, "ends_on"),
        ({"determined_on": "2025-11-01"}, "ends_on"),
        ({"number": "410611199001010000"}, "number"),
        ({"subject_kind": "merchant"}, "number"),
    ],
)
async def test_a_term_against_the_law_is_refused(
    app_client: httpx.AsyncClient, xu: Caller, change: dict[str, str], field: str
) -> None:
    refused = await act(app_client, xu, PATH, {**WHOLE, **change})
    assert refused.status_code == 400
    assert refused.json()["field"] == field
    assert not await HonorEntry.all().exists()


async def test_only_the_credit_office_enters_and_only_what_is_mirrored(
    app_client: httpx.AsyncClient, xu: Caller, lin: Caller, zhou: Caller
) -> None:
    for who in (lin, zhou):
        assert (await act(app_client, who, PATH, WHOLE)).status_code == 403
    refused = await act(app_client, xu, PATH, {**WHOLE, "kind": "red-volunteer"})
    assert (refused.status_code, refused.json()["code"]) == (403, "mirrors_only")


async def test_another_person_approves_and_it_stands_from_the_law_to_the_last_day(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, xu: Caller, zhou: Caller, wang: Caller
) -> None:
    made = (await act(app_client, xu, PATH, {**WHOLE, "objection_until": "2026-11-25"})).json()
    assert (made["state"], made["reviews_needed"]) == ("in_review", 1)
    assert (await act(app_client, zhou, f"/honor-lists/{made['id']}/approve")).status_code == 200
    assert await search(app_client) == []
    told = await Notice.get(resident_id=wang.id)
    assert (told.kind, "异议" in told.body_zh) == ("honor_entry.noticed", True)
    clock.advance(timedelta(days=3))
    assert await publish_due(runtime) == 1
    shown = (await search(app_client))[0]
    assert (shown["state"], shown["repairable_from"], shown["ends_on"]) == ("published", "2027-02-02", "2027-11-01")
    assert (shown["authority"], shown["document_no"]) == (WHOLE["authority"], WHOLE["document_no"])
    entry = await HonorEntry.get()
    assert entry.valid_until is not None
    clock.advance(entry.valid_until - clock.now() - timedelta(seconds=1))
    assert await expire_entries(runtime) == 0
    assert len(await search(app_client)) == 1
    clock.advance(timedelta(seconds=1))
    assert await search(app_client) == []
    clock.advance(timedelta(days=9))
    assert await expire_entries(runtime) == 1
    assert (await AuditEntry.get(action="honor_entry.expire")).detail["late_hours"] == 216


async def about(shop: Shop) -> dict[str, object]:
    """A decision about a shop."""
    row = await Merchant.get(id=shop.merchant.id)
    return {**WHOLE, "subject_kind": "merchant", "name": row.name, "number": row.uscc}


async def test_a_merchants_page_tells_what_is_published_about_it_until_it_ends(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, xu: Caller, zhou: Caller
) -> None:
    shop: Shop = await a_shop(runtime, "catering")
    page = f"/m/{shop.merchant.code}"
    body = await about(shop)
    made = (await act(app_client, xu, PATH, body)).json()
    assert WHOLE["document_no"] not in (await app_client.get(page)).text
    await act(app_client, zhou, f"/honor-lists/{made['id']}/approve")
    shown = (await app_client.get(page)).text
    assert all(text in shown for text in (WHOLE["authority"], WHOLE["document_no"], "2027-11-01"))
    clock.advance(timedelta(days=400))
    await expire_entries(runtime)
    assert WHOLE["document_no"] not in (await app_client.get(page)).text


async def test_a_merchant_reads_what_is_listed_about_it_objects_and_is_off_the_page_at_once(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, zhou: Caller
) -> None:
    shop, other = await a_shop(runtime, "catering"), await a_shop(runtime, "catering", number=2)
    page = f"/m/{shop.merchant.code}"
    wrong = await act(app_client, xu, PATH, {**await about(shop), "name": "别的店"})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "name")
    made = (await act(app_client, xu, PATH, await about(shop))).json()
    assert WHOLE["document_no"] not in (await read_page(app_client, shop.operator, "/portal/listings")).text
    await act(app_client, zhou, f"/honor-lists/{made['id']}/approve")
    mine = (await read_page(app_client, shop.operator, "/portal/listings")).text
    assert all(text in mine for text in (WHOLE["document_no"], WHOLE["legal_basis"], "2027-02-02", "2027-11-01"))
    assert "与本店有关的公示" in (await read_page(app_client, shop.operator, "/portal")).text
    entry = await HonorEntry.get()
    path = f"/portal/listings/{entry.id}/object"
    assert (await post_form(app_client, other.operator, path, {"reason": "不实"})).status_code == 404
    assert (await post_form(app_client, shop.operator, path, {"reason": " "})).status_code == 400
    assert WHOLE["document_no"] in (await app_client.get(page)).text
    assert (await post_form(app_client, shop.operator, path, {"reason": "已履行"})).status_code == 303
    assert WHOLE["document_no"] not in (await app_client.get(page)).text
    assert (await post_form(app_client, shop.operator, path, {"reason": "再次"})).status_code == 409
    waiting = (await look(app_client, zhou, "/objections")).json()[0]
    body = {"verdict": "uphold", "reason": "已履行,登记有误"}
    assert (await act(app_client, xu, f"/objections/{waiting['id']}/decide", body)).status_code == 403
    assert (await act(app_client, zhou, f"/objections/{waiting['id']}/decide", body)).status_code == 204
    assert "已履行,登记有误" in (await read_page(app_client, shop.operator, "/portal/listings")).text
    assert (await HonorEntry.get()).state == "revoked"


async def test_the_form_names_what_is_missing_and_keeps_what_was_typed(
    app_client: httpx.AsyncClient, xu: Caller
) -> None:
    typed = {**WHOLE, "document_no": ""}
    refused = await post_form(app_client, xu, "/console/mirrored/new", typed)
    assert refused.status_code == 422
    assert "缺少以下内容" in refused.text
    assert "文书号" in refused.text
    assert WHOLE["authority"] in refused.text
    done = await post_form(app_client, xu, "/console/mirrored/new", WHOLE)
    assert (done.status_code, done.headers["location"]) == (303, f"/console/lists/{(await HonorList.get()).id}")
    twice = await post_form(app_client, xu, "/console/mirrored/new", WHOLE)
    assert twice.status_code == 409


async def test_what_the_city_enters_the_city_reviews(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, zhou: Caller
) -> None:
    await Account.filter(id=xu.id).update(division="410600")
    await Account.filter(id=zhou.id).update(division="410611")
    made = (await act(app_client, xu, PATH, WHOLE)).json()
    assert (await act(app_client, zhou, f"/honor-lists/{made['id']}/approve")).status_code == 404
    await Account.filter(id=zhou.id).update(division="410600")
    assert (await act(app_client, zhou, f"/honor-lists/{made['id']}/approve")).status_code == 200


async def test_two_reviewers_are_two_persons_whatever_their_accounts(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller
) -> None:
    made = (await act(app_client, xu, PATH, WHOLE)).json()
    await HonorList.filter(id=made["id"]).update(reviews_needed=3)
    token = (await app_client.get("/")).cookies["xinyi_csrf"]
    app_client.cookies.clear()
    reviewers = [await a_member_of_staff(runtime, Role.REVIEWER, username=f"r{n}") for n in range(9)]
    doubles = [await a_member_of_staff(runtime, Role.REVIEWER, username=f"d{n}") for n in range(3)]
    for number, who in enumerate(reviewers):
        await Account.filter(id=who.id).update(person=f"person-{number % 3}")
    await Account.filter(id__in=[who.id for who in doubles]).update(person="person-xu")
    address = f"/staff/v1/honor-lists/{made['id']}/approve"
    answers = await asyncio.gather(
        *(app_client.post(address, headers=who.headers(csrf=token), json={"turn": 1}) for who in [*reviewers, *doubles])
    )
    codes = [answer.status_code for answer in answers]
    assert (codes.count(200), codes[9:]) == (3, [403] * 3)
    assert (await HonorList.get(id=made["id"])).state == "approved"


async def test_a_list_is_withdrawn_by_its_maker_until_it_is_approved_and_frees_its_places(
    app_client: httpx.AsyncClient, xu: Caller, zhou: Caller
) -> None:
    made = (await act(app_client, xu, PATH, WHOLE)).json()["id"]
    assert (await act(app_client, zhou, f"/honor-lists/{made}/withdraw")).status_code == 403
    assert (await act(app_client, xu, f"/honor-lists/{made}/withdraw")).json()["state"] == "withdrawn"
    assert (await act(app_client, zhou, f"/honor-lists/{made}/approve")).status_code == 409
    again = (await act(app_client, xu, PATH, WHOLE)).json()["id"]
    assert (await act(app_client, zhou, f"/honor-lists/{again}/approve")).status_code == 200
    assert (await act(app_client, xu, f"/honor-lists/{again}/withdraw")).status_code == 409


@pytest.mark.parametrize(
    "wrong", [{"ends_on": "2027-01-31"}, {"determined_on": "2026-11-24"}, {"grade": "minor"}, {"number": "1"}]
)
async def test_a_decision_that_could_not_be_kept_anyway_tells_nothing_of_a_person(
    app_client: httpx.AsyncClient, xu: Caller, wang: Caller, wrong: dict[str, str]
) -> None:
    told = [(await act(app_client, xu, PATH, {**WHOLE, **wrong, "name": name})).json() for name in ("王小丽", "王大丽")]
    assert told[0] == told[1]
    assert told[0]["field"] in wrong
    assert not await AuditEntry.filter(action="honor_list.mirror_check").exists()


async def test_every_decision_that_asks_about_a_person_is_counted_and_on_the_trail(
    app_client: httpx.AsyncClient, xu: Caller, wang: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROWS_AN_HOUR", 3)
    unfit = {**WHOLE, "name": "王大丽"}
    assert (await act(app_client, xu, PATH, unfit)).json()["field"] == "name"
    assert (await post_form(app_client, xu, "/console/mirrored/new", unfit)).status_code == 400
    assert (await act(app_client, xu, PATH, WHOLE)).status_code == 201
    trail = AuditEntry.filter(action="honor_list.mirror_check", actor=f"staff:{xu.id}", object_id=WHOLE["kind"])
    assert await trail.count() == 3
    assert (await act(app_client, xu, PATH, unfit)).status_code == 429
    refused = await post_form(app_client, xu, "/console/mirrored/new", unfit)
    assert refused.status_code == 429
    assert "王大丽" in refused.text


async def test_an_unknown_kind_keeps_what_was_typed(app_client: httpx.AsyncClient, xu: Caller) -> None:
    refused = await post_form(app_client, xu, "/console/mirrored/new", {**WHOLE, "kind": "black-nothing"})
    assert refused.status_code == 404
    assert WHOLE["document_no"] in refused.text


async def test_a_decision_about_somebody_who_died_meanwhile_is_not_approved(
    app_client: httpx.AsyncClient, clock: FixedClock, xu: Caller, zhou: Caller
) -> None:
    made = (await act(app_client, xu, PATH, WHOLE)).json()["id"]
    one, entry = new_id(), await HonorEntry.get()
    await PersonDeath.create(
        id=one, identity_index=entry.identity_index, slot=entry.identity_index,
        died_on=clock.now().date(), document="演民〔2026〕1号", source="bureau", actor="bureau:feed", state="confirmed",
        reported_person="bureau", confirmed_person="another", ended_entries=0, put_down_at=clock.now(),
        confirmed_at=clock.now(), changed_at=clock.now(),
    )  # fmt: skip
    refused = await act(app_client, zhou, f"/honor-lists/{made}/approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "entries_barred")
    assert (await HonorEntry.get()).state == "in_review"
