"""What a round takes in: the bureau's word, sheets, inspections, the survey, redemptions; and what is left out."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import httpx
import pytest
from support.people import a_resident
from support.rounds import ROOT, Scene, compute, consent
from support.scenes import a_shop, post_form, read_page

from xinyi_merchants.evaluations.gathering import InputSuppliers, gather_inputs
from xinyi_merchants.evaluations.models import (
    EvaluationCandidate,
    EvaluationConsent,
    EvaluationFinding,
    EvaluationRound,
    SurveyAnswer,
)
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.risk_classes.models import Inspection
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import local_date

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("case", ["no consent", "withdrawn", "bureau down"])
async def test_without_the_bureaus_word_credit_is_left_out_and_never_a_no(
    scene: Scene, bureau: Simulator, case: str
) -> None:
    if case != "no consent":
        await consent(scene)
    if case == "withdrawn":
        await consent(scene, "withdraw")
        assert (await EvaluationConsent.get()).withdrawn_at is not None
    if case == "bureau down":
        bureau.mode = "down"
    await compute(scene)
    candidate = await scene.candidate()
    assert (candidate.outcome, candidate.named) == ("cannot_tell", False)
    assert '"standing":null' in candidate.inputs


async def test_who_is_serious_with_the_bureau_is_vetoed(scene: Scene, bureau: Simulator) -> None:
    await consent(scene)
    bureau.overrides[scene.shop.merchant.uscc] = ("serious", True)
    await compute(scene)
    assert (await scene.candidate()).outcome == "veto"


async def test_young_and_closed_shops_are_listed_with_their_reason(scene: Scene) -> None:
    young = await a_shop(scene.runtime, "hotel", number=2)
    closed = await a_shop(scene.runtime, "hotel", number=3)
    await Merchant.filter(id=closed.merchant.id).update(status="closed")
    await compute(scene)
    outcomes = {row.merchant_id: row.outcome for row in await EvaluationCandidate.filter(round_id=scene.round_id)}
    assert outcomes[young.merchant.id] == "too_young"
    assert outcomes[closed.merchant.id] == "closed"
    text = (await read_page(scene.client, scene.other, f"{ROOT}/{scene.round_id}")).text
    assert "开业不满一年" in text


async def test_a_resident_answers_once_however_often_she_clicks(scene: Scene) -> None:
    other = await a_shop(scene.runtime, "hotel", number=2)
    path = f"/app/surveys/{scene.round_id}/{scene.shop.merchant.code}"
    page = await read_page(scene.client, scene.resident, path)
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    cookie = page.cookies.get("xinyi_csrf") or scene.client.cookies.get("xinyi_csrf")
    headers = scene.resident.headers(csrf=cookie)
    scene.client.cookies.clear()
    form = {"_csrf_token": token[1], "points": "4"}
    answers = await asyncio.gather(*(scene.client.post(path, data=form, headers=headers) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409, 409, 409]
    assert await SurveyAnswer.all().count() == 1
    path = f"/app/surveys/{scene.round_id}/{other.merchant.code}"
    assert (await post_form(scene.client, scene.resident, path, {"points": "6"})).status_code == 400
    assert (await post_form(scene.client, scene.resident, path, {"points": "1"})).status_code == 303
    await compute(scene)
    assert (await post_form(scene.client, await a_resident(scene.runtime, 2), path, {"points": "1"})).status_code == 409


async def upload(scene: Scene, kind: str, sheet: str) -> httpx.Response:
    form = {"round": str(scene.round_id), "kind": kind}
    files = {"sheet": ("sheet.csv", sheet.encode(), "text/csv")}
    return await post_form(scene.client, scene.maker, f"{ROOT}/imports", form, files=files)


async def test_sheets_are_taken_in_whole_or_not_at_all(scene: Scene) -> None:
    code = scene.shop.merchant.uscc
    head = "统一社会信用代码,否决事项\n"
    bad = await upload(scene, "veto", f"{head}{code},迟到\n000,拖欠工资三个月以上\n{code},\n")
    assert bad.status_code == 422
    assert "第2行" in bad.text
    assert "第3行没有这个商户" in bad.text
    assert not await EvaluationFinding.all().exists()
    assert (await upload(scene, "agency", "评分\n90\n")).status_code == 422
    assert (await upload(scene, "agency", f"统一社会信用代码,评分\n{code},101\n")).status_code == 422
    assert (await upload(scene, "veto", f"{head}{code},被列入经营异常名录\n")).status_code == 303
    assert (await upload(scene, "veto", f"{head}{code},拖欠工资三个月以上\n")).status_code == 303
    assert (await upload(scene, "agency", f"统一社会信用代码,评分\n{code},90\n")).status_code == 303
    await compute(scene)
    candidate = await scene.candidate()
    assert candidate.outcome == "veto"
    assert '"agency":900' in candidate.inputs
    assert '"vetoes":["wages_owed"]' in candidate.inputs
    assert (await upload(scene, "agency", f"统一社会信用代码,评分\n{code},10\n")).status_code == 400


async def test_inspections_of_the_year_count_and_older_or_later_ones_do_not(scene: Scene) -> None:
    today = local_date(scene.runtime.clock.now())
    for number, (days, has_passed) in enumerate(((-400, False), (-300, True), (-30, False), (-1, True), (0, False))):
        await Inspection.create(
            merchant_id=scene.shop.merchant.id,
            day=today + timedelta(days=days),
            kind="general",
            has_passed=has_passed,
            authority="市场监管局",
            document_no=f"检〔2026〕{number}号",
            created_at=scene.runtime.clock.now(),
        )
    await compute(scene)
    inputs = (await scene.candidate()).inputs
    assert ('"inspections":3' in inputs, '"inspections_passed":2' in inputs) == (True, True)


async def test_how_few_answers_fell_is_told_to_nobody(scene: Scene) -> None:
    path = f"/app/surveys/{scene.round_id}/{scene.shop.merchant.code}"
    for number in range(2, 6):
        assert (
            await post_form(scene.client, await a_resident(scene.runtime, number), path, {"points": "1"})
        ).is_redirect
    assert await SurveyAnswer.all().count() == 4
    few = await gather_inputs(
        scene.runtime.part(InputSuppliers),
        scene.runtime.bureau,
        await EvaluationRound.get(id=scene.round_id),
        [await Merchant.get(id=scene.shop.merchant.id)],
    )
    assert [(one.answers, one.survey) for one in few.values()] == [(4, [])]
    await post_form(scene.client, scene.resident, path, {"points": "5"})
    await compute(scene)
    assert '"answers":5' in (await scene.candidate()).inputs
    assert '"survey":[4,0,0,0,1]' in (await scene.candidate()).inputs


async def test_redemptions_at_the_merchant_are_counted_by_the_scenes(scene: Scene) -> None:
    await compute(scene)
    assert '"redemptions":0' in (await scene.candidate()).inputs
