"""A round from its draft to the certificate, over HTTP, by two persons; and every step that is refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from support.rounds import DAYS, ROOT, Scene, compute, consent, end_notice
from support.scenes import a_shop, post_form, read_page

from xinyi_merchants.evaluations.computing import compute_asked, compute_round
from xinyi_merchants.evaluations.errors import RoundChanged, RoundStillRuns
from xinyi_merchants.evaluations.models import (
    AwardWithdrawal,
    EvaluationCandidate,
    EvaluationChallenge,
    EvaluationRound,
)
from xinyi_merchants.evaluations.states import STATES, TABLE, advance
from xinyi_merchants.registry.models import HonestAward, Merchant
from xinyi_platform.cli import main
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.outbox import OutboxEvent

pytestmark = pytest.mark.anyio
EVENTS = ("open", "compute", "notice", "award", "cancel")


def test_every_edge_that_is_not_in_the_table_is_refused() -> None:
    refused = 0
    for state in STATES:
        for event in (*EVENTS, "unknown"):
            if event in TABLE[state]:
                assert advance(state, event) in STATES
                continue
            with pytest.raises(TransitionForbidden):
                advance(state, event)
            refused += 1
    assert refused == len(STATES) * 6 - 8


async def test_from_the_draft_to_the_certificate(scene: Scene, tmp_path: Path) -> None:
    await consent(scene)
    survey = f"/app/surveys/{scene.round_id}/{scene.shop.merchant.code}"
    assert survey in (await read_page(scene.client, scene.shop.operator, "/portal/rating")).text
    assert (await post_form(scene.client, scene.resident, survey, {"points": "5"})).status_code == 303
    assert "感谢" in (await read_page(scene.client, scene.resident, survey)).text
    await compute(scene)
    listed = (await read_page(scene.client, scene.other, f"{ROOT}/{scene.round_id}")).text
    assert "示范店1" in listed
    assert "1份问卷,不足5份" in listed

    assert (await scene.act(scene.maker, "notice")).status_code == 403
    assert (await scene.act(scene.other, "notice")).status_code == 303
    assert "示范店1" in (await scene.client.get("/honest-merchants")).text
    named = (await scene.client.get("/api/v1/honest-merchants")).json()[0]
    assert [shop["code"] for shop in named["merchants"]] == [scene.shop.merchant.code]
    assert "total" not in str(named)

    early = await scene.act(scene.other, "award", document_no="鹤信示〔2026〕9号")
    assert early.status_code == 409
    await end_notice(scene)
    assert (await scene.act(scene.maker, "award", document_no="鹤信示〔2026〕9号")).status_code == 403
    assert (await scene.act(scene.other, "award", document_no="")).status_code == 400
    assert (await scene.act(scene.other, "award", document_no="鹤信示〔2026〕9号")).status_code == 303
    certificate = await scene.client.get(f"/m/{scene.shop.merchant.code}/certificate")
    assert "鹤信示〔2026〕9号" in certificate.text
    assert "<svg" in certificate.text
    facts = (await scene.client.get(f"/api/v1/merchants/{scene.shop.merchant.code}")).json()
    assert facts["honest_until"]
    assert await OutboxEvent.filter(topic="honest_award.granted").count() == 1

    candidate = await scene.candidate()
    path = f"/portal/rating/{candidate.id}/download"
    rating = (await read_page(scene.client, scene.shop.operator, "/portal/rating")).text
    assert path in rating
    downloaded = tmp_path / "evaluation.json"
    downloaded.write_bytes((await read_page(scene.client, scene.shop.operator, path)).content)
    said = await asyncio.to_thread(CliRunner().invoke, main, ["evaluation", "recompute", str(downloaded)])
    assert said.output.startswith("SAME: passed"), said.output


async def test_only_the_merchant_itself_downloads_its_sheet_and_only_after_the_confirmation(scene: Scene) -> None:
    await consent(scene)
    await compute(scene)
    path = f"/portal/rating/{(await scene.candidate()).id}/download"
    assert (await read_page(scene.client, scene.shop.operator, path)).status_code == 404
    await scene.act(scene.other, "notice")
    assert (await read_page(scene.client, scene.shop.operator, path)).status_code == 200
    stranger = await a_shop(scene.runtime, "hotel", number=2)
    assert (await read_page(scene.client, stranger.operator, path)).status_code == 404


async def test_a_round_is_not_computed_before_its_last_day_is_over(scene: Scene) -> None:
    with pytest.raises(RoundStillRuns):
        await compute_round(scene.runtime, scene.round_id, actor="test")
    assert (await scene.act(scene.maker, "compute")).status_code == 409


async def test_a_computation_that_was_stopped_goes_on_and_takes_each_merchant_in_once(scene: Scene) -> None:
    for number in range(2, 8):
        await a_shop(scene.runtime, "hotel", number=number)
    row = await EvaluationRound.get(id=scene.round_id)
    await EvaluationRound.filter(id=row.id).update(**{name: getattr(row, name) - timedelta(days=1) for name in DAYS})

    def stop(done: int, total: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await compute_round(scene.runtime, scene.round_id, actor="test", tell=stop, batch=2)
    assert await EvaluationCandidate.filter(round_id=row.id).count() == 4
    assert await scene.state() == "open"
    assert await compute_round(scene.runtime, scene.round_id, actor="test", batch=2) == 3
    assert await EvaluationCandidate.filter(round_id=row.id).count() == 7
    assert await scene.state() == "computed"


async def test_two_computations_at_once_take_each_merchant_in_once(scene: Scene) -> None:
    for number in range(2, 8):
        await a_shop(scene.runtime, "hotel", number=number)
    row = await EvaluationRound.get(id=scene.round_id)
    await EvaluationRound.filter(id=row.id).update(**{name: getattr(row, name) - timedelta(days=1) for name in DAYS})
    runs = [compute_round(scene.runtime, row.id, actor="test", batch=2) for _ in range(3)]
    ends = await asyncio.gather(*runs, return_exceptions=True)
    assert any(isinstance(end, int) for end in ends)
    assert all(isinstance(end, int | RoundChanged | TransitionForbidden) for end in ends), ends
    assert await EvaluationCandidate.filter(round_id=row.id).count() == 7


async def test_the_button_leaves_a_small_round_to_the_worker(scene: Scene) -> None:
    row = await EvaluationRound.get(id=scene.round_id)
    await EvaluationRound.filter(id=row.id).update(**{name: getattr(row, name) - timedelta(days=1) for name in DAYS})
    assert await compute_asked(scene.runtime) == 0
    assert (await scene.act(scene.maker, "compute")).status_code == 303
    assert await scene.state() == "open"
    assert await compute_asked(scene.runtime) == 1
    assert await scene.state() == "computed"


async def object_to(scene: Scene, **fields: str) -> httpx.Response:
    form = {
        "round": str(scene.round_id),
        "code": scene.shop.merchant.code,
        "name": "李明",
        "phone": "13900001111",
        "reason": "该店上月卖过期食品。",
    }
    return await post_form(scene.client, None, "/honest-merchants/objections", {**form, **fields})


async def test_every_objection_is_decided_by_another_person_before_the_award(scene: Scene) -> None:
    await consent(scene)
    await compute(scene)
    assert (await object_to(scene)).status_code == 409
    await scene.act(scene.other, "notice")
    assert (await object_to(scene, phone="12")).status_code == 400
    assert (await object_to(scene, code="XXXX")).status_code == 404
    assert (await object_to(scene)).status_code == 200
    filed = await EvaluationChallenge.get()
    assert "李明" not in filed.name_cipher
    assert "13900001111" not in filed.phone_cipher
    await end_notice(scene)
    assert (await object_to(scene)).status_code == 409
    award = {"document_no": "鹤信示〔2026〕9号"}
    refused = await scene.act(scene.other, "award", **award)
    assert refused.status_code == 409
    assert "1件异议" in refused.text
    decision = {"target": str(filed.id), "reason": "经核查属实。"}
    assert (await scene.act(scene.maker, "uphold", **decision)).status_code == 403
    assert (await scene.act(scene.other, "uphold", **{**decision, "reason": ""})).status_code == 400
    assert (await scene.act(scene.other, "uphold", **decision)).status_code == 303
    assert (await scene.act(scene.other, "dismiss", **decision)).status_code == 409
    assert (await scene.act(scene.other, "award", **award)).status_code == 303
    assert not await HonestAward.all().exists()


async def test_a_merchant_objects_to_not_being_named_and_is_awarded_when_upheld(scene: Scene) -> None:
    await compute(scene)
    await scene.act(scene.other, "notice")
    form = {"round": str(scene.round_id), "reason": "我店已授权信用查询。"}
    assert (await post_form(scene.client, scene.shop.operator, "/portal/rating/objections", form)).status_code == 303
    filed = await EvaluationChallenge.get()
    assert filed.by_merchant
    await scene.act(scene.other, "uphold", target=str(filed.id), reason="补充材料属实。")
    await end_notice(scene)
    await scene.act(scene.other, "award", document_no="鹤信示〔2026〕9号")
    assert (await HonestAward.get()).merchant_id == scene.shop.merchant.id


async def test_two_awards_at_once_award_once(scene: Scene) -> None:
    await consent(scene)
    await compute(scene)
    await scene.act(scene.other, "notice")
    await end_notice(scene)
    token = (await scene.client.get("/")).cookies["xinyi_csrf"]
    scene.client.cookies.clear()
    form = {"_csrf_token": token, "act": "award", "document_no": "鹤信示〔2026〕9号"}
    headers, path = scene.other.headers(csrf=token), f"{ROOT}/{scene.round_id}"
    answers = await asyncio.gather(*(scene.client.post(path, data=form, headers=headers) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    assert await HonestAward.all().count() == 1
    assert await OutboxEvent.filter(topic="honest_award.granted").count() == 1


async def test_a_second_account_of_the_maker_confirms_nothing(scene: Scene) -> None:
    await compute(scene)
    await EvaluationRound.filter(id=scene.round_id).update(maker_person="person-other")
    assert (await scene.act(scene.other, "notice")).status_code == 403
    assert await scene.state() == "computed"


async def test_an_award_is_withdrawn_by_two_persons_and_the_merchant_is_told(scene: Scene) -> None:
    shop = await a_shop(scene.runtime, "hotel", number=2, honest_days=100)
    path, form = f"{ROOT}/withdrawals", {"act": "propose", "code": shop.merchant.code, "reason": "发生安全事故。"}
    assert (await post_form(scene.client, scene.maker, path, form)).status_code == 303
    assert (await post_form(scene.client, scene.maker, path, form)).status_code == 409
    proposed = await AwardWithdrawal.get()
    confirm = {"act": "confirm", "target": str(proposed.id)}
    assert (await post_form(scene.client, scene.maker, path, confirm)).status_code == 403
    certificate = f"/m/{shop.merchant.code}/certificate"
    assert (await scene.client.get(certificate)).status_code == 200
    assert "发生安全事故" in (await read_page(scene.client, scene.other, path)).text
    assert (await post_form(scene.client, scene.other, path, confirm)).status_code == 303
    assert (await post_form(scene.client, scene.other, path, confirm)).status_code == 409
    assert (await scene.client.get(certificate)).status_code == 404
    told = await OutboxEvent.get(topic="honest_award.withdrawn")
    assert (told.audience, told.payload["reason"]) == (f"merchant:{shop.merchant.id}", "发生安全事故。")


async def test_who_closed_while_the_notice_ran_is_not_awarded(scene: Scene) -> None:
    await consent(scene)
    await compute(scene)
    await scene.act(scene.other, "notice")
    await end_notice(scene)
    await Merchant.filter(id=scene.shop.merchant.id).update(status="closed")
    assert (await scene.act(scene.other, "award", document_no="鹤信示〔2026〕9号")).status_code == 303
    assert not await HonestAward.all().exists()
    assert not (await scene.candidate()).named


async def test_a_plan_that_cannot_be_is_refused_and_what_was_typed_is_kept(scene: Scene) -> None:
    form = {
        "title": "评定", "opens_on": "2026-12-01", "survey_from": "2026-11-01", "survey_until": "2026-12-02",
        "closes_on": "2026-12-31", "notice_days": "7",
    }  # fmt: skip
    refused = await post_form(scene.client, scene.maker, ROOT, form)
    assert refused.status_code == 400
    assert 'value="2026-11-01"' in refused.text
    assert (await post_form(scene.client, scene.maker, ROOT, {**form, "closes_on": "soon"})).status_code == 400
    short = {**form, "survey_from": "2026-12-01", "notice_days": "6"}
    assert (await post_form(scene.client, scene.maker, ROOT, short)).status_code == 400
