"""No piece of news holds up those behind it: it is refused with a reason or waits, and somebody deals with it."""

from __future__ import annotations

import asyncpg
import httpx
import pytest
import structlog
from support.lists import WHOLE, act, look, search
from support.people import Caller, a_member_of_staff
from support.scenes import post_form, read_page
from tortoise.exceptions import OperationalError

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.errors import Conflict
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance.errors import AgencyChanged
from xinyi_rewards.deaths.models import PersonDeath
from xinyi_rewards.feed import following
from xinyi_rewards.feed.following import MOST_TRIES, follow_feed
from xinyi_rewards.feed.models import FeedRow
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.repairs import handling
from xinyi_rewards.repairs.errors import RepairChanged
from xinyi_rewards.repairs.models import RepairRequest
from xinyi_scenarios.entitlements.changing import EntitlementChanged

pytestmark = pytest.mark.anyio
ENTRY = {name: str(value) for name, value in WHOLE.items()}
DEATH = {"number": synthetic_identity_number(2), "died_on": "2026-11-20", "document": "演死证〔2026〕1号"}
REPAIR = {
    "number": ENTRY["number"],
    "document_no": f" {ENTRY['document_no']} ",
    "verdict": "grant",
    "document": "演修〔2027〕1号",
    "decided_on": "2026-11-22",
    "reason": "已全部履行",
}


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


async def published(client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, zhou: Caller) -> HonorEntry:
    """An entry that the feed brought and another person approved."""
    bureau.tell("entry", ENTRY)
    await follow_feed(runtime)
    await act(client, zhou, f"/honor-lists/{(await HonorList.get()).id}/approve")
    return await HonorEntry.get()


async def requested(runtime: Runtime, entry: HonorEntry, state: str) -> RepairRequest:
    now = runtime.clock.now()
    return await RepairRequest.create(
        entry_id=entry.id, slot="open", merchant_id=entry.id, division="410611", state=state, statement="已履行",
        commitment_version="1", filed_at=now, pass_on_by=now.date(), decide_by=now.date(), changed_at=now,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"fact": "长" * 201}, "认定事实(最多200个字符)"),
        ({"authority": "长" * 81}, "认定机关(最多80个字符)"),
        ({"document_no": "号" * 81}, "文书号(最多80个字符)"),
        ({"legal_basis": "长" * 201}, "法律依据(最多200个字符)"),
        ({"name": "长" * 41}, "名称(最多40个字符)"),
        ({"fact": "a\x00b"}, "认定事实"),
        ({"document_no": "演\x00号"}, "文书号"),
        ({"fact": "长" * 201, "authority": "a\x07"}, "认定事实(最多200个字符)、认定机关(最多80个字符)"),
        ({"objection_until": "9999-12-31"}, "异议期限"),
    ],
)
async def test_a_text_that_cannot_be_kept_is_named_and_the_death_behind_it_is_taken(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, xu: Caller, change: dict[str, str], named: str
) -> None:
    bureau.tell("entry", {**ENTRY, **change})
    bureau.tell("death", DEATH)
    assert [await follow_feed(runtime) for _ in range(2)] == [2, 0]
    assert await FeedRow.all().order_by("number").values_list("outcome", flat=True) == ["refused", "taken"]
    assert named in (await FeedRow.get(number=1)).reason_zh
    assert await PersonDeath.exists()
    by_form = await post_form(app_client, xu, "/console/mirrored/new", {**ENTRY, **change})
    assert by_form.status_code == 400
    assert named.split("(")[0] in by_form.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"document": ""}, "决定或证明文书号:请填写"),
        ({"document": "号" * 81}, "决定或证明文书号:请填写"),
        ({"document": "演\x00修"}, "决定或证明文书号:含有"),
        ({"decided_on": "2026-12-24"}, "决定日期"),
        ({"verdict": "perhaps"}, "修复决定"),
        ({"document_no": "另一份"}, "没有与该主体和文书号相符的条目"),
    ],
)
async def test_a_repair_that_cannot_be_kept_says_why(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    bureau: Simulator,
    zhou: Caller,
    change: dict[str, str],
    words: str,
) -> None:
    entry = await published(app_client, runtime, bureau, zhou)
    await requested(runtime, entry, "passed_on")
    bureau.tell("repair", {**REPAIR, **change})
    bureau.tell("death", DEATH)
    await follow_feed(runtime)
    assert words in (await FeedRow.get(number=2)).reason_zh
    assert await PersonDeath.exists()
    assert (await RepairRequest.get()).state == "passed_on"


async def test_what_the_database_says_of_a_row_reaches_neither_the_log_nor_the_reason(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise OperationalError(f"DETAIL: Failing row contains ({ENTRY['name']}, {ENTRY['number']})")

    monkeypatch.setattr(following, "apply_news", broken)
    bureau.tell("entry", ENTRY)
    with structlog.testing.capture_logs() as logs:
        await follow_feed(runtime)
    row = await FeedRow.get()
    assert (row.outcome, row.fields_cipher) == ("refused", "")
    assert ENTRY["number"] not in f"{row.reason_zh}{row.reason_en}{logs}"
    assert ENTRY["name"] not in f"{row.reason_zh}{row.reason_en}{logs}"
    assert [one["error"] for one in logs if one["event"] == "feed_piece_failed"] == ["OperationalError"]


async def test_a_lost_connection_refuses_nothing(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object, **__: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    bureau.tell("entry", ENTRY)
    with monkeypatch.context() as patched:
        patched.setattr(following, "apply_news", lost)
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await follow_feed(runtime)
    assert not await FeedRow.exists()
    assert await follow_feed(runtime) == 1
    assert (await FeedRow.get()).outcome == "taken"


@pytest.mark.parametrize("sent_back", [False, True])
async def test_a_repair_before_the_review_ends_the_entry_and_nobody_publishes_it(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, zhou: Caller, sent_back: bool
) -> None:
    bureau.tell("entry", ENTRY)
    await follow_feed(runtime)
    made = await HonorList.get()
    if sent_back:
        await act(app_client, zhou, f"/honor-lists/{made.id}/send-back", {"comment": "请核对"})
    bureau.tell("repair", REPAIR)
    await follow_feed(runtime)
    assert (await FeedRow.get(number=2)).outcome == "taken"
    assert ((await HonorEntry.get()).state, (await HonorList.get()).state) == ("revoked", "withdrawn")
    assert (await act(app_client, zhou, f"/honor-lists/{made.id}/approve")).status_code == 409
    assert await search(app_client) == []
    bureau.tell("repair", REPAIR)
    bureau.tell("entry", ENTRY)
    await follow_feed(runtime)
    assert await FeedRow.filter(outcome="taken").count() == 4


@pytest.mark.parametrize("state", ["filed", "sent_back", "passed_on"])
async def test_a_grant_closes_the_request_in_any_step_with_its_document(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, zhou: Caller, state: str
) -> None:
    entry = await published(app_client, runtime, bureau, zhou)
    await requested(runtime, entry, state)
    bureau.tell("repair", REPAIR)
    await follow_feed(runtime)
    row = await RepairRequest.get()
    assert (row.state, row.decision_document, row.source) == ("granted", REPAIR["document"], "bureau")
    assert (await HonorEntry.get()).state == "repaired"


async def test_a_refusal_leaves_a_request_that_was_not_passed_on(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, zhou: Caller
) -> None:
    entry = await published(app_client, runtime, bureau, zhou)
    await requested(runtime, entry, "filed")
    bureau.tell("repair", {**REPAIR, "verdict": "refuse"})
    await follow_feed(runtime)
    assert (await FeedRow.get(number=2)).outcome == "taken"
    assert ((await RepairRequest.get()).state, (await HonorEntry.get()).state) == ("filed", "published")


@pytest.mark.parametrize("conflict", [RepairChanged, AgencyChanged, EntitlementChanged])
async def test_what_meets_a_conflict_is_tried_again_at_the_next_run(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    bureau: Simulator,
    zhou: Caller,
    xu: Caller,
    monkeypatch: pytest.MonkeyPatch,
    conflict: type[Conflict],
) -> None:
    async def changing(*_: object, **__: object) -> None:
        raise conflict

    entry = await published(app_client, runtime, bureau, zhou)
    await requested(runtime, entry, "passed_on")
    bureau.tell("repair", REPAIR)
    with monkeypatch.context() as patched:
        patched.setattr(handling, "move", changing)
        await follow_feed(runtime)
        waiting = await FeedRow.get(number=2)
        assert (waiting.outcome, waiting.tries) == ("waiting", 1)
        assert ENTRY["number"] not in waiting.fields_cipher
        hrefs = [one["href"] for one in (await look(app_client, xu, "/tasks")).json()]
        assert "/console/feed" not in hrefs
        await follow_feed(runtime)
        assert (await FeedRow.get(number=2)).tries == 2
    await follow_feed(runtime)
    taken = await FeedRow.get(number=2)
    assert (taken.outcome, taken.fields_cipher) == ("taken", "")
    assert (await HonorEntry.get()).state == "repaired"


async def test_a_piece_that_waits_and_cannot_be_read_any_more_holds_up_no_other(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, zhou: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def changing(*_: object, **__: object) -> None:
        raise RepairChanged

    await published(app_client, runtime, bureau, zhou)
    bureau.tell("repair", REPAIR)
    with monkeypatch.context() as patched:
        patched.setattr(handling, "hold_entry", changing)
        await follow_feed(runtime)
    await FeedRow.filter(outcome="waiting").update(fields_cipher="gone.AAAA")
    bureau.tell("death", DEATH)
    assert await follow_feed(runtime) == 1
    assert await FeedRow.all().order_by("number").values_list("outcome", flat=True) == ["taken", "refused", "taken"]


async def test_what_meets_a_conflict_for_too_long_is_refused(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    bureau: Simulator,
    zhou: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def changing(*_: object, **__: object) -> None:
        raise RepairChanged

    await published(app_client, runtime, bureau, zhou)
    bureau.tell("repair", REPAIR)
    monkeypatch.setattr(handling, "hold_entry", changing)
    await follow_feed(runtime)
    await FeedRow.filter(number=2).update(tries=MOST_TRIES)
    await follow_feed(runtime)
    row = await FeedRow.get(number=2)
    assert (row.outcome, row.fields_cipher, row.reason_zh) == ("refused", "", RepairChanged.text.zh)


async def test_the_office_deals_with_what_was_refused_and_notes_how_once(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, xu: Caller
) -> None:
    bureau.tell("entry", {**ENTRY, "grade": "minor"})
    bureau.tell("entry", {**ENTRY, "legal_basis": ""})
    await follow_feed(runtime)
    district = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="district", division="410611")
    assert (await look(app_client, district, "/tasks")).json() == []
    tasks = (await look(app_client, xu, "/tasks")).json()
    assert [(one["kind_zh"], one["title"]) for one in tasks] == [
        ("处理未接收的平台推送", f"{number} {ENTRY['document_no']}") for number in (1, 2)
    ]
    first, second = await FeedRow.all().order_by("number")
    assert (await act(app_client, xu, f"/bureau-feed/{first.id}", {"note": " "})).status_code == 400
    settled = await act(app_client, xu, f"/bureau-feed/{first.id}", {"note": "已与法院核对"})
    assert (settled.status_code, settled.json()["note"]) == (200, "已与法院核对")
    assert (await act(app_client, xu, f"/bureau-feed/{first.id}", {"note": "再次"})).status_code == 409
    short = await post_form(app_client, xu, f"/console/feed/{second.id}", {"note": "好"})
    assert (short.status_code, 'value="好"' in short.text) == (400, True)
    assert (await post_form(app_client, xu, f"/console/feed/{second.id}", {"note": "已另行录入"})).status_code == 303
    assert (await look(app_client, xu, "/tasks")).json() == []
    page = (await read_page(app_client, xu, "/console/feed")).text
    assert "已与法院核对" in page
    assert "已另行录入" in page
