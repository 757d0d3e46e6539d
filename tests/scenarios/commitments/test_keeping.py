"""Keeping a promise: papers, judgements, the due date and its end, by the resident and the receiving office."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.people import Caller, a_partner
from support.promises import DUE_DAYS, REPAIR_DAYS, a_picture, an_office
from support.scenes import a_consenting_resident, ask, id_of, problem_code, signed_in_anew

from xinyi_platform.audit import AuditEntry
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.tokens import issue_partner_token
from xinyi_platform.ids import new_id
from xinyi_platform.notices.models import Notice
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.commitments.models import CommitmentPaper, SignedCommitment
from xinyi_scenarios.commitments.reading import commitment_facts
from xinyi_scenarios.commitments.sweeping import settle_due
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.ledger import balance_of
from xinyi_scenarios.quotas.models import Quota
from xinyi_scenarios.requirements.gathering import Gathering

pytestmark = pytest.mark.anyio
PATH = "/partner/v1/commitments"


def office_anew(runtime: Runtime, office: Caller) -> Caller:
    """The same office with a new token, once the clock has run past the first."""
    scopes = ["commitments", "scene:papers-later"]
    token = issue_partner_token(runtime.keys, id_of(office), scopes, runtime.clock.now()).token
    return Caller(office.name, office.id, token)


async def judge(
    client: httpx.AsyncClient, runtime: Runtime, office: Caller, made: dict[str, Any], act: str, body: object = None
) -> httpx.Response:
    return await ask(client, office_anew(runtime, office), f"{PATH}/{made['id']}/{act}", body)


async def upload(
    client: httpx.AsyncClient, runtime: Runtime, who: Caller, made: dict[str, Any], key: str, *, once: str = ""
) -> httpx.Response:
    headers = {**signed_in_anew(runtime, who).headers(), "Idempotency-Key": once or str(new_id())}
    files = {"picture": ("paper.png", a_picture(), "image/png")}
    return await client.post(f"/api/v1/me/commitments/{made['id']}/papers/{key}", headers=headers, files=files)


async def entitlement_of(made: dict[str, Any]) -> Entitlement:
    return await Entitlement.get(id=made["entitlement_id"])


async def test_from_the_signature_to_the_kept_promise(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, office: Caller, signed: dict[str, Any]
) -> None:
    assert (await judge(app_client, runtime, office, signed, "grant")).json()["granted_at"]
    sent = await upload(app_client, runtime, wang, signed, "lease")
    assert (sent.status_code, sent.json()["papers"][0]["state"], sent.json()["papers"][0]["has_picture"]) == (
        200, "handed_in", True,
    )  # fmt: skip
    picture = await app_client.get(f"{PATH}/{signed['id']}/papers/lease/picture", headers=office.headers())
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert (await judge(app_client, runtime, office, signed, "papers/lease/confirm")).json()["state"] == "signed"
    assert (await entitlement_of(signed)).state == "issued"
    received = await judge(app_client, runtime, office, signed, "papers/health/receive")
    assert received.json()["papers"][1]["channel"] == "counter"
    done = await judge(app_client, runtime, office, signed, "papers/health/confirm")
    assert (done.json()["state"], done.json()["days_left"]) == ("fulfilled", None)
    held = await entitlement_of(signed)
    assert held.state == "redeemed"
    assert await AuditEntry.filter(action="entitlement.redeem", object_id=str(held.id)).count() == 1
    assert [entry.action async for entry in AuditEntry.filter(object_kind="commitment").order_by("at", "id")] == [
        f"commitment.{event}" for event in ("sign", "grant", "hand_in", "confirm", "hand_in", "confirm", "fulfil")
    ]
    mine = (await app_client.get("/api/v1/me/commitments", headers=signed_in_anew(runtime, wang).headers())).json()
    assert mine == [done.json()]


async def test_all_that_was_handed_in_is_confirmed_at_once_but_not_what_is_missing(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, office: Caller, signed: dict[str, Any]
) -> None:
    await upload(app_client, runtime, wang, signed, "lease")
    refused = await judge(app_client, runtime, office, signed, "fulfil")
    assert (refused.status_code, problem_code(refused), refused.json()["missing"]) == (
        409, "commitment_papers_missing", 1,
    )  # fmt: skip
    await upload(app_client, runtime, wang, signed, "health")
    assert (await judge(app_client, runtime, office, signed, "fulfil")).json()["state"] == "fulfilled"
    again = await judge(app_client, runtime, office, signed, "fulfil")
    assert (again.status_code, problem_code(again)) == (409, "transition_forbidden")


async def test_two_who_confirm_the_last_papers_at_once_settle_it_once(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, office: Caller, signed: dict[str, Any]
) -> None:
    for key in ("lease", "health"):
        await upload(app_client, runtime, wang, signed, key)
    acts = ["papers/lease/confirm", "papers/health/confirm", "fulfil", "fulfil"]
    answers = await asyncio.gather(*(judge(app_client, runtime, office, signed, act) for act in acts))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert (await SignedCommitment.get(id=signed["id"])).state == "fulfilled"
    assert await AuditEntry.filter(action="commitment.fulfil").count() == 1
    assert await AuditEntry.filter(action="entitlement.redeem").count() == 1


async def test_a_paper_that_is_sent_back_can_come_again(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, office: Caller, signed: dict[str, Any]
) -> None:
    await upload(app_client, runtime, wang, signed, "lease")
    twice = await upload(app_client, runtime, wang, signed, "lease")
    assert (twice.status_code, problem_code(twice)) == (409, "transition_forbidden")
    refused = await judge(app_client, runtime, office, signed, "papers/lease/refuse", {"reason": "缺少签字页"})
    assert (refused.json()["papers"][0]["state"], refused.json()["papers"][0]["reason"]) == ("refused", "缺少签字页")
    notice = await Notice.get(kind="commitment.refused")
    assert "缺少签字页" in notice.body_zh
    assert (await upload(app_client, runtime, wang, signed, "lease")).status_code == 200
    await judge(app_client, runtime, office, signed, "papers/lease/confirm")
    late = await judge(app_client, runtime, office, signed, "papers/lease/refuse", {"reason": "x"})
    assert (late.status_code, problem_code(late)) == (409, "transition_forbidden")


async def test_a_paper_is_no_picture_or_no_paper_of_this_promise(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, signed: dict[str, Any]
) -> None:
    path = f"/api/v1/me/commitments/{signed['id']}/papers"
    for key, files, status, problem in (
        ("lease", None, 400, "invalid_field"),
        ("lease", {"picture": ("x.png", b"not a picture", "image/png")}, 422, "invalid_picture"),
        ("passport", {"picture": ("x.png", a_picture(), "image/png")}, 404, "not_found"),
    ):
        headers = {**wang.headers(), "Idempotency-Key": str(new_id())}
        answer = await app_client.post(f"{path}/{key}", headers=headers, files=files)
        assert (answer.status_code, problem_code(answer)) == (status, problem)
    assert not await CommitmentPaper.filter(state="handed_in").exists()


async def test_a_repeated_key_hands_in_once(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, signed: dict[str, Any]
) -> None:
    first, again = [await upload(app_client, runtime, wang, signed, "lease", once="one") for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, again.json())
    assert await AuditEntry.filter(action="commitment.hand_in").count() == 1


async def test_past_the_due_day_it_is_broken_and_the_benefit_stands_still(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    office: Caller,
    signed: dict[str, Any],
    clock: FixedClock,
) -> None:
    await upload(app_client, runtime, wang, signed, "lease")
    clock.advance(timedelta(days=DUE_DAYS))
    assert await settle_due(runtime) <= 1, "the due day belongs to it; a reminder may go out"
    assert (await SignedCommitment.get(id=signed["id"])).state == "signed"
    clock.advance(timedelta(days=1))
    assert [await settle_due(runtime), await settle_due(runtime)] == [1, 0]
    row, held = await SignedCommitment.get(id=signed["id"]), await entitlement_of(signed)
    assert (row.state, held.state, held.reason) == ("broken", "suspended", "the commitment was not kept in time")
    assert row.repair_until == row.due_on + timedelta(days=REPAIR_DAYS)
    notice = await Notice.get(kind="commitment.broken")
    assert (notice.about_loss, notice.link) == (True, f"/app/commitments/{row.id}")
    assert not await OutboxEvent.filter(topic__contains="bureau").exists()


async def test_a_broken_promise_is_made_good_within_its_days(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    office: Caller,
    signed: dict[str, Any],
    clock: FixedClock,
) -> None:
    clock.advance(timedelta(days=DUE_DAYS + 1))
    await settle_due(runtime)
    clock.advance(timedelta(days=REPAIR_DAYS - 1))
    for key in ("lease", "health"):
        assert (await upload(app_client, runtime, wang, signed, key)).status_code == 200
    clock.advance(timedelta(days=20))
    done = await judge(app_client, runtime, office, signed, "fulfil")
    assert (done.status_code, done.json()["state"]) == (200, "repaired"), "the office's days are not hers"
    assert (await entitlement_of(signed)).state == "redeemed"
    assert await AuditEntry.filter(action__in=["entitlement.resume", "entitlement.redeem"]).count() == 2


async def test_after_its_days_it_stays_broken(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    office: Caller,
    signed: dict[str, Any],
    clock: FixedClock,
) -> None:
    clock.advance(timedelta(days=DUE_DAYS + REPAIR_DAYS + 1))
    for answer in (
        await upload(app_client, runtime, wang, signed, "lease"),
        await judge(app_client, runtime, office, signed, "papers/lease/receive"),
    ):
        assert (answer.status_code, problem_code(answer)) == (409, "commitment_repair_over")
    await settle_due(runtime)
    assert (await SignedCommitment.get(id=signed["id"])).state == "broken"


async def test_before_the_sweep_comes_by_the_calendar_counts_already(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    office: Caller,
    signed: dict[str, Any],
    clock: FixedClock,
) -> None:
    clock.advance(timedelta(days=DUE_DAYS + 1))
    shown = await app_client.get(f"{PATH}/{signed['id']}", headers=office_anew(runtime, office).headers())
    assert (shown.json()["state"], shown.json()["days_left"]) == ("broken", REPAIR_DAYS - 1)
    extended = await judge(app_client, runtime, office, signed, "extend", {"days": 5, "reason": "窗口系统故障"})
    assert (extended.status_code, problem_code(extended)) == (409, "transition_forbidden")
    assert (await upload(app_client, runtime, wang, signed, "lease")).json()["state"] == "broken"
    assert (await entitlement_of(signed)).state == "suspended"


async def test_what_waits_for_the_office_is_not_late_and_a_late_refusal_leaves_days(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    office: Caller,
    signed: dict[str, Any],
    clock: FixedClock,
) -> None:
    for key in ("lease", "health"):
        await upload(app_client, runtime, wang, signed, key)
    clock.advance(timedelta(days=DUE_DAYS + 4))
    await settle_due(runtime)
    assert (await SignedCommitment.get(id=signed["id"])).state == "signed"
    refused = await judge(app_client, runtime, office, signed, "papers/lease/refuse", {"reason": "照片模糊"})
    assert (refused.json()["state"], refused.json()["days_left"]) == ("signed", 5)
    clock.advance(timedelta(days=6))
    assert await settle_due(runtime) == 1
    assert (await SignedCommitment.get(id=signed["id"])).state == "broken"


async def test_the_due_date_moves_once_with_a_reason_and_its_maker(
    app_client: httpx.AsyncClient, runtime: Runtime, office: Caller, signed: dict[str, Any]
) -> None:
    too_long = await judge(app_client, runtime, office, signed, "extend", {"days": DUE_DAYS + 1, "reason": "x"})
    assert (too_long.status_code, problem_code(too_long)) == (422, "commitment_extension_too_long")
    moved = await judge(app_client, runtime, office, signed, "extend", {"days": 5, "reason": "窗口系统故障"})
    assert (moved.json()["due_on"], moved.json()["extension_reason"]) == ("2026-12-18", "窗口系统故障")
    row = await SignedCommitment.get(id=signed["id"])
    assert (row.extended_by, row.first_due_on.isoformat()) == (f"partner:{office.id}", "2026-12-13")
    again = await judge(app_client, runtime, office, signed, "extend", {"days": 1, "reason": "再延"})
    assert (again.status_code, problem_code(again)) == (409, "commitment_already_extended")


async def test_reminders_go_out_before_the_day_each_once(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    office: Caller,
    signed: dict[str, Any],
    clock: FixedClock,
) -> None:
    told = []
    for _ in range(DUE_DAYS):
        clock.advance(timedelta(days=1))
        sent = await asyncio.gather(settle_due(runtime), settle_due(runtime))
        told.append(sum(sent))
    assert [DUE_DAYS - day for day, sent in enumerate(told, 1) if sent] == [7, 1]
    assert sum(told) == 2
    assert await Notice.filter(kind="commitment.remind", about_loss=True).count() == 2


async def test_who_has_handed_everything_in_is_not_reminded(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, signed: dict[str, Any], clock: FixedClock
) -> None:
    for key in ("lease", "health"):
        await upload(app_client, runtime, wang, signed, key)
    clock.advance(timedelta(days=DUE_DAYS - 1))
    assert await settle_due(runtime) == 0
    assert not await Notice.filter(kind="commitment.remind").exists()


async def test_it_can_be_taken_back_until_something_was_granted_on_it(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, office: Caller, signed: dict[str, Any]
) -> None:
    path = f"/api/v1/me/commitments/{signed['id']}/withdraw"
    await judge(app_client, runtime, office, signed, "grant")
    refused = await ask(app_client, wang, path)
    assert (refused.status_code, problem_code(refused)) == (409, "commitment_already_granted")
    await SignedCommitment.filter(id=signed["id"]).update(granted_at=None)
    gone = await ask(app_client, wang, path)
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    held = await entitlement_of(signed)
    assert held.state == "cancelled"
    assert (await Quota.get(id=held.quota_id)).used == 0
    assert (await balance_of(held.quota_id)).get("resident", 0) == 0
    again = await ask(app_client, wang, path)
    assert (again.status_code, problem_code(again)) == (409, "transition_forbidden")


async def test_what_hangs_on_a_promise_is_neither_given_back_nor_used_past_it(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, signed: dict[str, Any]
) -> None:
    back = await ask(app_client, wang, f"/api/v1/entitlements/{signed['entitlement_id']}/cancel")
    assert (back.status_code, problem_code(back)) == (409, "commitment_runs")
    till = await a_partner(runtime, "redemptions", client_id="till")
    used = await ask(app_client, till, "/partner/v1/redemptions", {"code": signed["code"]})
    assert used.status_code in (403, 409)
    assert (await entitlement_of(signed)).state == "issued"


async def test_a_promise_whose_benefit_ended_on_another_ground_is_closed_unless_granted(
    app_client: httpx.AsyncClient, runtime: Runtime, office: Caller, signed: dict[str, Any], clock: FixedClock
) -> None:
    await judge(app_client, runtime, office, signed, "grant")
    await change_entitlement(signed["entitlement_id"], "withdraw", actor="job:test", at=clock.now())
    assert await settle_due(runtime) == 0
    for key in ("lease", "health"):
        await judge(app_client, runtime, office, signed, f"papers/{key}/receive")
    assert (await judge(app_client, runtime, office, signed, "fulfil")).json()["state"] == "fulfilled"
    assert (await entitlement_of(signed)).state == "withdrawn"


async def test_a_promise_without_a_grant_is_closed_with_its_benefit(
    app_client: httpx.AsyncClient, runtime: Runtime, signed: dict[str, Any], clock: FixedClock
) -> None:
    await change_entitlement(signed["entitlement_id"], "withdraw", actor="job:test", at=clock.now())
    assert [await settle_due(runtime), await settle_due(runtime)] == [1, 0]
    assert (await SignedCommitment.get(id=signed["id"])).state == "withdrawn"


async def test_an_office_sees_the_promises_of_its_scenes_due_soon_first(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    bureau: Simulator,
    office: Caller,
    signed: dict[str, Any],
) -> None:
    listed = (await app_client.get(PATH, headers=office.headers())).json()
    assert [row["id"] for row in listed] == [signed["id"]]
    by_code = await app_client.get(PATH, headers=office.headers(), params={"code": signed["code"]})
    assert by_code.json() == listed
    assert (await app_client.get(PATH, headers=office.headers(), params={"state": "broken"})).json() == []
    other = await an_office(runtime, "another-scene", client_id="other-office")
    assert (await app_client.get(PATH, headers=other.headers())).json() == []
    by_code = await app_client.get(PATH, headers=other.headers(), params={"code": signed["code"]})
    assert by_code.json() == []
    for act, body in (
        ("grant", None), ("fulfil", None), ("extend", {"days": 1, "reason": "x"}), ("papers/lease/receive", None),
        ("papers/lease/confirm", None), ("papers/lease/refuse", {"reason": "x"}),
    ):  # fmt: skip
        answer = await ask(app_client, other, f"{PATH}/{signed['id']}/{act}", body)
        assert (answer.status_code, problem_code(answer)) == (404, "not_found"), act
    for path in (f"{PATH}/{signed['id']}", f"{PATH}/{signed['id']}/papers/lease/picture"):
        assert (await app_client.get(path, headers=other.headers())).status_code == 404


async def test_the_requirement_reads_what_runs_with_the_calendar_taken_in(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    bureau: Simulator,
    wang: Caller,
    signed: dict[str, Any],
    clock: FixedClock,
) -> None:
    zhang = await a_consenting_resident(runtime, bureau, 2)

    async def facts() -> dict[Any, Any]:
        gathering = Gathering(at=clock.now(), reason="claim", fresh_within=timedelta(hours=1))
        return dict(await commitment_facts(runtime, [id_of(wang), id_of(zhang)], gathering))

    promise = {"kind": "papers-later", "state": "signed", "due_on": "2026-12-13"}
    assert await facts() == {wang.id: [promise], zhang.id: []}
    clock.advance(timedelta(days=DUE_DAYS + 1))
    assert await facts() == {wang.id: [{**promise, "state": "broken"}], zhang.id: []}
    await settle_due(runtime)
    assert await facts() == {wang.id: [{**promise, "state": "broken"}], zhang.id: []}
