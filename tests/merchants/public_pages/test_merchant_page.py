"""The page behind a sticker and the complaint form, over HTTP."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image
from tortoise import connections

from xinyi_merchants.complaints.models import Complaint, ComplaintPicture
from xinyi_merchants.public_pages.serving import (
    FRESH_SECONDS,
    NEAR_SECONDS,
    READER_SECONDS,
    forget_pages,
    keep_page,
    page_name,
)
from xinyi_merchants.registry.changing import set_picture
from xinyi_merchants.registry.models import HonestAward, Merchant
from xinyi_merchants.stickers.issuing import revoke_sticker, sticker_url
from xinyi_merchants.stickers.models import Sticker
from xinyi_platform.clock import local_date
from xinyi_platform.features import CityPlan
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing

pytestmark = pytest.mark.anyio


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "green").save(out, "PNG")
    return out.getvalue()


async def _scan(runtime: Any, plan: CityPlan) -> tuple[Sticker, str]:
    sticker = await Sticker.get(merchant_id=plan.shared["merchants"][0].id)
    return sticker, sticker_url(runtime, sticker).partition("TEST")[2]


async def test_a_scan_shows_the_shop_and_sets_no_cookie(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    _, path = await _scan(runtime, plan)
    assert path.startswith("/M/")
    answer = await app_client.get(path)
    shop = plan.shared["merchants"][0]
    assert answer.status_code == 200
    assert "贴纸是真的" in answer.text
    assert shop.name in answer.text
    assert answer.headers["cache-control"] == "public, max-age=30"
    assert "set-cookie" not in answer.headers


async def test_a_second_scan_is_served_without_the_database(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    _, path = await _scan(runtime, plan)
    first = await app_client.get(path)
    await Merchant.filter(id=plan.shared["merchants"][0].id).update(name="改名")
    assert (await app_client.get(path)).text == first.text


async def test_a_revoked_sticker_is_shown_as_revoked_at_once(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    sticker, path = await _scan(runtime, plan)
    await app_client.get(path)
    await revoke_sticker(
        runtime, sticker.id, sticker.merchant_id, reason="lost", actor="operator:x", now=runtime.clock.now()
    )
    assert "这张贴纸已作废" in (await app_client.get(path)).text


async def test_whatever_a_page_shows_is_nowhere_after_a_minute(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    """Also what ends by the clock, and what ended while the page was being drawn and nobody lets go again."""
    assert FRESH_SECONDS + NEAR_SECONDS + READER_SECONDS < 60
    code = plan.shared["merchants"][0].code
    await forget_pages(runtime, plan.shared["merchants"][0].id)
    drawn_before = {"fresh": b"before", "old": b"old"}
    await keep_page(runtime, code, "zh", **drawn_before, age_seconds=FRESH_SECONDS - 0.2)
    assert await runtime.cache.get(page_name(code, "zh")) == b"before"
    await asyncio.sleep(0.3)
    assert await runtime.cache.get(page_name(code, "zh")) is None
    await keep_page(runtime, code, "zh", **drawn_before, age_seconds=FRESH_SECONDS + 1)
    assert await runtime.cache.get(page_name(code, "zh")) is None


async def test_a_forged_sticker_is_not_ours(runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient) -> None:
    _, path = await _scan(runtime, plan)
    answer = await app_client.get(path[:-1] + ("2" if path[-1] != "2" else "3"))
    assert answer.status_code == 404
    assert "不是本平台的贴纸" in answer.text


async def test_without_a_database_the_page_says_that_it_cannot_tell(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    _, path = await _scan(runtime, plan)
    await runtime.cache.close()
    await connections.get("default").execute_script("ALTER TABLE sticker RENAME TO sticker_away")
    answer = await app_client.get(path)
    assert answer.status_code == 503
    assert "暂时无法判断" in answer.text or "暂时" in answer.text


async def test_what_was_known_is_shown_with_a_warning_while_the_database_is_away(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    _, path = await _scan(runtime, plan)
    assert "贴纸是真的" in (await app_client.get(path)).text
    code = path.rpartition("/")[2]
    await runtime.cache.delete(page_name(code, "zh"))
    await connections.get("default").execute_script("ALTER TABLE sticker RENAME TO sticker_away")
    answer = await app_client.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "现在无法核验贴纸" in answer.text
    assert "贴纸是真的" not in answer.text
    assert plan.shared["merchants"][0].name in answer.text
    assert (await app_client.get(f"{path}/picture")).status_code == 503


async def test_retiring_a_key_revokes_its_stickers_and_vouches_for_no_forgery(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    sticker, path = await _scan(runtime, plan)
    runtime.keys.rotate("sticker", runtime.clock.now())
    assert "贴纸是真的" in (await app_client.get(path)).text
    await runtime.cache.delete(page_name(path.rpartition("/")[2], "zh"))
    runtime.keys.retire(sticker.kid)
    answer = await app_client.get(path)
    assert (answer.status_code, "这张贴纸已作废" in answer.text) == (200, True)
    forged = await app_client.get(path[:-1] + ("2" if path[-1] != "2" else "3"))
    assert (forged.status_code, plan.shared["merchants"][0].name in forged.text) == (404, False)


async def test_a_sticker_whose_key_is_gone_proves_nothing(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    """A ring that was lost and made anew knows nothing of the old keys."""
    _, path = await _scan(runtime, plan)
    runtime.keys = KeyRing.generate(runtime.clock.now())
    for printed in (path, path[:-1] + ("2" if path[-1] != "2" else "3")):
        answer = await app_client.get(printed)
        assert answer.status_code == 503
        assert plan.shared["merchants"][0].name not in answer.text


async def test_an_award_counts_from_its_day(runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient) -> None:
    shop, today = plan.shared["merchants"][0], local_date(runtime.clock.now())
    await HonestAward.filter(merchant_id=shop.id).delete()
    tomorrow = today + timedelta(days=1)
    await HonestAward.create(
        id=new_id(), merchant_id=shop.id, awarded_on=tomorrow, valid_until=today + timedelta(days=366),
        state="granted", document_no="鹤信示〔2026〕2号",
    )  # fmt: skip
    path = f"/api/v1/merchants/{shop.code}"
    assert (await app_client.get(path)).json()["honest_until"] is None
    await HonestAward.filter(merchant_id=shop.id).update(awarded_on=today)
    assert (await app_client.get(path)).json()["honest_until"] == (today + timedelta(days=366)).isoformat()


async def test_the_picture_is_served(runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient) -> None:
    shop = plan.shared["merchants"][0]
    assert (await app_client.get(f"/m/{shop.code}/picture")).status_code == 404
    await set_picture(runtime, shop.id, _picture(), actor="operator:x", now=runtime.clock.now())
    assert (await app_client.get(f"/m/{shop.code}/picture")).headers["content-type"] == "image/jpeg"


async def test_pressing_twice_files_one_complaint_and_its_number_follows_it(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    code = plan.shared["merchants"][0].code
    form = (await app_client.get(f"/m/{code}/complain")).text
    hidden = dict(re.findall(r'name="(_csrf_token|once)" value="([^"]+)"', form))
    fields = {**hidden, "category": "price", "text": "多收了十元钱。", "phone": "13800000000"}
    files = [("pictures", ("a.png", _picture(), "image/png"))] * 2
    answers = [await app_client.post(f"/m/{code}/complain", data=fields, files=files) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303], answers[0].text
    assert answers[0].headers["location"] == answers[1].headers["location"]
    row = await Complaint.get()
    assert await ComplaintPicture.filter(complaint_id=row.id).count() == 2
    assert row.number in (await app_client.get(answers[0].headers["location"])).text
    followed = await app_client.post("/m/complaints", data={"number": row.number, "phone": "13800000000"})
    assert "多收了十元钱" in followed.text
    wrong = await app_client.post("/m/complaints", data={"number": row.number, "phone": "13800000001"})
    assert wrong.status_code == 404
    assert "多收了十元钱" not in wrong.text


async def test_a_wrong_field_shows_the_form_again_with_what_was_written(
    plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    code = plan.shared["merchants"][0].code
    form = (await app_client.get(f"/m/{code}/complain")).text
    hidden = dict(re.findall(r'name="(_csrf_token|once)" value="([^"]+)"', form))
    fields = {**hidden, "category": "price", "text": "多收了十元钱。", "phone": "138"}
    answer = await app_client.post(f"/m/{code}/complain", data=fields, files={"pictures": ("", b"")})
    assert answer.status_code == 400
    assert "多收了十元钱" in answer.text
    assert await Complaint.all().count() == 0


async def test_the_api_tells_a_merchant_and_asks_for_sign_in_to_complain(
    plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    shop = plan.shared["merchants"][0]
    answer = await app_client.get(f"/api/v1/merchants/{shop.code.lower()}")
    assert answer.json()["name"] == shop.name
    counted = ("received", "answered_in_time", "answered_late", "resolved", "open", "satisfied", "dissatisfied")
    numbers: dict[str, object] = {**dict.fromkeys(counted, 0), "timeliness_permille": None}
    assert answer.json()["complaints"] == {**numbers, "since": None, "last_year": numbers}
    refused = await app_client.post(f"/api/v1/merchants/{shop.code}/complaints", json={})
    assert refused.status_code == 401
