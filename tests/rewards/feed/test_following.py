"""What the bureau tells is taken once, whole, by the rules of whoever would enter it, or kept with the reason."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from support.lists import WHOLE, act, search
from support.people import Caller, a_member_of_staff
from support.scenes import read_page

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.deaths.models import PersonDeath
from xinyi_rewards.feed.following import follow_feed
from xinyi_rewards.feed.models import FeedRow
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.repairs.models import RepairRequest

pytestmark = pytest.mark.anyio
ENTRY = {name: str(value) for name, value in WHOLE.items()}
REPAIR = {
    "number": ENTRY["number"],
    "document_no": ENTRY["document_no"],
    "verdict": "grant",
    "document": "演修〔2027〕1号",
    "decided_on": "2026-11-22",
    "reason": "已全部履行",
}


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


async def outcomes() -> list[tuple[int, str]]:
    rows: list[tuple[int, str]] = await FeedRow.all().order_by("number").values_list("number", "outcome")
    return rows


async def test_a_decision_waits_for_a_persons_review_and_is_taken_once(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, zhou: Caller, xu: Caller
) -> None:
    bureau.tell("entry", ENTRY)
    assert await follow_feed(runtime) == 1
    assert await follow_feed(runtime) == 0
    entry, made = await HonorEntry.get(), await HonorList.get()
    assert (entry.source, entry.state, made.maker_person) == ("bureau", "in_review", "bureau")
    assert await search(app_client) == []
    assert (await act(app_client, zhou, f"/honor-lists/{made.id}/approve")).status_code == 200
    assert [one["authority"] for one in await search(app_client)] == [ENTRY["authority"]]
    page = (await read_page(app_client, xu, "/console/feed")).text
    assert ENTRY["document_no"] in page
    assert ENTRY["number"] not in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"legal_basis": ""}, "缺少以下内容,不能登记:法律依据。"),
        ({"grade": "minor"}, "轻微失信信息不公示"),
        ({"determined_on": "yesterday"}, "内容不完整或格式有误"),
        ({"subject_kind": "ghost"}, "内容不完整或格式有误"),
        ({"kind": "red-volunteer"}, "不能转载"),
    ],
)
async def test_what_cannot_be_taken_is_kept_with_its_reason_and_the_next_goes_on(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, change: dict[str, str], words: str
) -> None:
    bureau.tell("entry", {**ENTRY, **change})
    bureau.tell("entry", ENTRY)
    assert await follow_feed(runtime) == 2
    assert await outcomes() == [(1, "refused"), (2, "taken")]
    assert words in (await FeedRow.get(number=1)).reason_zh
    assert await HonorEntry.all().count() == 1


@pytest.mark.parametrize("verdict", ["grant", "refuse"])
async def test_a_repair_that_was_decided_ends_the_entry_or_leaves_it(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, zhou: Caller, verdict: str
) -> None:
    bureau.tell("entry", ENTRY)
    await follow_feed(runtime)
    await act(app_client, zhou, f"/honor-lists/{(await HonorList.get()).id}/approve")
    entry, now = await HonorEntry.get(), runtime.clock.now()
    request = await RepairRequest.create(
        entry_id=entry.id, slot="open", merchant_id=entry.id, division="410611", state="passed_on", statement="已履行",
        commitment_version="1", filed_at=now, pass_on_by=now.date(), decide_by=now.date(), changed_at=now,
        official_number="XY-1", passed_on_at=now,
    )  # fmt: skip
    bureau.tell("repair", {**REPAIR, "verdict": verdict})
    bureau.tell("repair", {**REPAIR, "document_no": "另一份"})
    assert await follow_feed(runtime) == 2
    assert await outcomes() == [(1, "taken"), (2, "taken"), (3, "refused")]
    closed = await RepairRequest.get(id=request.id)
    assert (closed.source, closed.decision_document) == ("bureau", REPAIR["document"])
    assert closed.state == ("granted" if verdict == "grant" else "refused")
    assert (await HonorEntry.get()).state == ("repaired" if verdict == "grant" else "published")
    assert len(await search(app_client)) == (0 if verdict == "grant" else 1)


async def test_a_death_is_the_first_word_and_a_person_of_the_office_says_the_second(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, xu: Caller
) -> None:
    died = {"number": synthetic_identity_number(1), "died_on": "2026-11-20", "document": "演死证〔2026〕1号"}
    bureau.tell("entry", ENTRY)
    bureau.tell("death", died)
    bureau.tell("death", died)
    assert await follow_feed(runtime) == 3
    assert await outcomes() == [(1, "taken"), (2, "taken"), (3, "refused")]
    row = await PersonDeath.get()
    assert (row.source, row.state, row.reported_person) == ("bureau", "reported", "bureau")
    assert (await HonorEntry.get()).state == "in_review"
    confirmed = await act(app_client, xu, f"/deaths/{row.id}", {"act": "confirm", "number": died["number"]})
    assert confirmed.json()["ended_entries"] == 1
    assert (await HonorEntry.get()).state == "revoked"


@pytest.mark.parametrize("mode", ["down", "garbage"])
async def test_a_silent_bureau_loses_nothing(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, mode: str
) -> None:
    bureau.tell("entry", ENTRY)
    bureau.mode = mode
    assert await follow_feed(runtime) == 0
    assert not await FeedRow.exists()
    bureau.mode = "ok"
    assert await follow_feed(runtime) == 1


async def test_news_in_the_wrong_order_or_of_another_time_are_not_taken(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, clock: FixedClock
) -> None:
    bureau.news += [
        {"number": 2, "kind": "death", "fields": {}}, {"number": 1, "kind": "death", "fields": {}},
    ]  # fmt: skip
    assert await follow_feed(runtime) == 0
    bureau.news.clear()
    bureau.news.append({"number": 1, "kind": "rumour", "fields": {}})
    assert await follow_feed(runtime) == 0
    bureau.news[0]["kind"] = "death"
    clock.advance(timedelta(minutes=10))
    assert await follow_feed(runtime) in (0, 1)
    assert await FeedRow.filter(outcome="taken").count() == 0
