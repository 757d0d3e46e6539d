"""The portal's home: how a shop stands and why, what waits, and what would raise its rating."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from support.people import a_resident
from support.scenes import a_shop, id_of, read_page

from xinyi_merchants.complaints.acting import Actor, act
from xinyi_merchants.complaints.facts import ComplaintNumbers
from xinyi_merchants.complaints.filing import Filing, file_complaint
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.registry import MerchantFacts, find_merchant
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.registry.standing import advice_for
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime

TODAY = date(2026, 11, 23)
CLEAN = ComplaintNumbers(
    received=0, answered_in_time=0, answered_late=0, resolved=0, open=0, satisfied=0, dissatisfied=0,
    timeliness_permille=None,
)  # fmt: skip


def a_fact(**changes: Any) -> MerchantFacts:
    values: dict[str, Any] = {
        "id": new_id(), "code": "X", "name": "店", "trade": "hotel", "division": "410611001001", "address": "路",
        "honest_until": None, "picture_id": new_id(), "status": "open",
    }  # fmt: skip
    return MerchantFacts(**(values | changes))


def numbers(**changes: int) -> ComplaintNumbers:
    held = {name: getattr(CLEAN, name) for name in ComplaintNumbers.__struct_fields__}
    return ComplaintNumbers(**(held | changes))


@pytest.mark.parametrize(
    ("shop", "counted", "licence", "said"),
    [
        (a_fact(honest_until=TODAY + timedelta(days=200)), CLEAN, date(2020, 1, 1), []),
        (a_fact(honest_until=TODAY + timedelta(days=60)), CLEAN, date(2020, 1, 1), ["2027-01-22到期"]),
        (a_fact(), CLEAN, date(2020, 1, 1), ["可在下一轮参评"]),
        (a_fact(), CLEAN, date(2026, 3, 1), ["自2027-03-01起"]),
        (a_fact(), CLEAN, date(2024, 2, 29), ["可在下一轮参评"]),
        (a_fact(honest_until=TODAY + timedelta(days=200), picture_id=None), CLEAN, date(2020, 1, 1), ["门头照片"]),
        (
            a_fact(honest_until=TODAY + timedelta(days=200)),
            numbers(answered_late=2, open=1, dissatisfied=1),
            date(2020, 1, 1),
            ["2件投诉未按时", "1件未办结", "不满意的评价多于满意"],
        ),
    ],
)
def test_advice_is_drawn_from_the_facts_alone(
    shop: MerchantFacts, counted: ComplaintNumbers, licence: date, said: list[str]
) -> None:
    found = advice_for(shop, counted, licence_date=licence, today=TODAY)
    assert [words in one.text.zh for words, one in zip(said, found, strict=True)] == [True] * len(said)


@pytest.mark.anyio
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_home_answers_at_a_glance(app_client: httpx.AsyncClient, runtime: Runtime, language: str) -> None:
    shop, her = await a_shop(runtime, "catering", honest_days=100), await a_resident(runtime)
    await Merchant.all().update(licence_date=date(2020, 1, 1))
    filing = Filing(category="price", text="多收了十元钱。", wish="", phone="13800000000", resident_id=id_of(her))
    now = runtime.clock.now()
    receipt = await file_complaint(runtime, await find_merchant(shop.merchant.id), filing, now=now)
    await act(runtime, await Complaint.get(id=receipt.id), "accept", Actor("staff", id_of(her)), now=now)
    app_client.cookies.set("xinyi_lang", language)
    headers = {"Cookie": f"{shop.operator.headers()['Cookie']}; xinyi_lang={language}"}
    app_client.cookies.clear()
    home = (await app_client.get("/portal", headers=headers)).text
    complaint = await Complaint.get()
    assert f'<a href="/portal/complaints/{complaint.id}">{complaint.number}</a>' in home
    wanted = {
        "zh": (
            "我的状况与原因",
            "诚信商户:有效期至",
            "等我答复的投诉",
            "2026年11月26日",
            "顾客核销了什么",
            "尽快办结1件",
        ),
        "en": ("How I stand, and why", "What would raise my rating", "26 Nov 2026", "What customers redeemed"),
    }[language]
    assert not [words for words in wanted if words not in home]
    assert "风险" not in home
    assert (await read_page(app_client, shop.operator, "/portal")).status_code == 200
