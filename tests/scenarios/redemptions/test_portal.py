"""The till in the portal: typed, photographed, refused with a reason, redeemed once, undone once."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from PIL import Image
from support.people import Caller, an_operator
from support.scenes import Shop, a_shop, claim, post_form, read_page

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.issuing import issue_sticker, sticker_url
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.qr import QUIET_ZONE, modules_of
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.codes import sign_code
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.redemptions.models import Redemption

pytestmark = pytest.mark.anyio


@pytest.fixture
async def park(app_client: httpx.AsyncClient, runtime: Runtime) -> Shop:
    return await a_shop(runtime, "attraction")


@pytest.fixture
async def held(app_client: httpx.AsyncClient, wang: Caller) -> dict[str, Any]:
    found: dict[str, Any] = (await claim(app_client, wang, "travel")).json()
    return found


def photograph(text: str, kind: str = "PNG") -> bytes:
    """A picture of a code, as a phone would take it."""
    rows, scale = modules_of(text), 6
    side = len(rows) + 2 * QUIET_ZONE
    picture = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x + QUIET_ZONE, y + QUIET_ZONE), 0)
    out = io.BytesIO()
    picture.resize((side * scale, side * scale), Image.Resampling.NEAREST).convert("RGB").save(out, kind)
    return out.getvalue()


async def redeem(client: httpx.AsyncClient, shop: Shop, code: str, price: str = "80", **more: Any) -> httpx.Response:
    return await post_form(client, shop.operator, "/portal/redeem", {"code": code, "price": price}, **more)


async def test_a_typed_code_is_shown_redeemed_and_listed_while_the_bureau_is_down(
    app_client: httpx.AsyncClient, park: Shop, held: dict[str, Any], bureau: Simulator
) -> None:
    bureau.mode = "down"
    typed = f"{held['code'][:4]}-{held['code'][4:8]}-{held['code'][8:]}".lower()
    shown = await post_form(app_client, park.operator, "/portal/redeem/check", {"code": typed})
    assert shown.status_code == 200
    assert "信易游" in shown.text
    assert 'name="price"' in shown.text
    done = await redeem(app_client, park, held["code"], "80.00")
    row = await Redemption.get()
    assert (done.status_code, done.headers["location"]) == (303, f"/portal/redemptions?done={row.id}")
    assert (row.price_fen, row.discount_fen, row.merchant_id) == (8_000, 1_600, park.merchant.id)
    listed = await read_page(app_client, park.operator, done.headers["location"])
    assert "核销成功" in listed.text
    assert "信易游" in listed.text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_photographed_code_is_decoded(
    app_client: httpx.AsyncClient, runtime: Runtime, park: Shop, held: dict[str, Any], clock: FixedClock, kind: str
) -> None:
    token = sign_code(runtime.keys, code=held["code"], scenario="travel", now=clock.now()).token
    files = {"picture": ("code", photograph(token, kind), f"image/{kind.lower()}")}
    shown = await post_form(app_client, park.operator, "/portal/redeem/picture", files=files)
    assert shown.status_code == 200
    assert held["code"] in shown.text


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_picture_without_a_code_of_ours_is_refused_with_a_reason(
    app_client: httpx.AsyncClient, park: Shop, language: str
) -> None:
    blank = io.BytesIO()
    Image.new("L", (60, 60), 255).save(blank, "PNG")
    good = photograph("hello")
    for content in (blank.getvalue(), b"no picture", b"", good, good[: len(good) // 2], b"\x89PNG\r\n\x1a\n"):
        files = {"picture": ("code.png", content, "image/png")}
        answer = await post_form(app_client, park.operator, "/portal/redeem/picture", files=files, language=language)
        assert answer.status_code == 422
        assert ("无法识别" if language == "zh" else "not an entitlement code") in answer.text


async def test_twice_is_refused_with_the_time_of_the_first(
    app_client: httpx.AsyncClient, park: Shop, held: dict[str, Any]
) -> None:
    assert (await redeem(app_client, park, held["code"])).status_code == 303
    again = await redeem(app_client, park, held["code"])
    assert again.status_code == 409
    assert "已于2026-11-23 10:00核销" in again.text
    shown = await post_form(app_client, park.operator, "/portal/redeem/check", {"code": held["code"]})
    assert "不能重复使用" in shown.text
    assert 'action="/portal/redeem"' not in shown.text


@pytest.mark.parametrize(
    ("code", "price", "status", "zh", "en"),
    [
        (None, "lots", 400, "请输入金额", "Enter an amount"),
        (None, "1.²", 400, "请输入金额", "Enter an amount"),
        (None, "", 422, "请填写消费金额", "Enter the price"),
        ("garbled", "80", 422, "无法识别", "not an entitlement code"),
        ("a.b.c", "80", 422, "无法识别", "not an entitlement code"),
        ("", "80", 422, "无法识别", "not an entitlement code"),
    ],
)
async def test_what_cannot_be_redeemed_says_why_in_both_languages(
    app_client: httpx.AsyncClient,
    park: Shop,
    held: dict[str, Any],
    code: str | None,
    price: str,
    status: int,
    zh: str,
    en: str,
) -> None:
    for language, words in (("zh", zh), ("en", en)):
        answer = await redeem(app_client, park, held["code"] if code is None else code, price, language=language)
        assert answer.status_code == status
        assert words in answer.text
    assert (await Entitlement.get(id=held["id"])).state == "issued"


async def test_the_wrong_trade_is_refused_and_leaves_the_voucher(
    app_client: httpx.AsyncClient, runtime: Runtime, held: dict[str, Any]
) -> None:
    answer = await redeem(app_client, await a_shop(runtime, "bookshop", number=2), held["code"])
    assert answer.status_code == 403
    assert "不在参与行业范围内" in answer.text
    assert (await Entitlement.get(id=held["id"])).state == "issued"


@pytest.mark.parametrize("status", ["closed", "revoked"])
async def test_a_shop_that_closed_or_lost_its_licence_redeems_nothing_and_leaves_the_voucher(
    app_client: httpx.AsyncClient, park: Shop, held: dict[str, Any], status: str
) -> None:
    await Merchant.filter(id=park.merchant.id).update(status=status, status_reason="吊销决定(演示)")
    shown = await post_form(app_client, park.operator, "/portal/redeem/check", {"code": held["code"]})
    assert "停业" in shown.text
    refused = await redeem(app_client, park, held["code"])
    assert refused.status_code == 403
    assert "停业" in refused.text
    assert (await Entitlement.get(code=held["code"])).state == "issued"


async def test_an_award_that_has_passed_counts_no_more_at_the_till_and_on_the_shops_page(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, clock: FixedClock
) -> None:
    meal = (await claim(app_client, wang, "dining")).json()
    was, still = [await a_shop(runtime, "catering", number=n, honest_days=days) for n, days in ((2, -1), (3, 0))]
    refused = await redeem(app_client, was, meal["code"])
    assert (refused.status_code, "仅限诚信商户" in refused.text) == (403, True)
    pages = []
    for shop in (was, still):
        sticker = await issue_sticker(runtime, shop.merchant.id, actor="test", now=clock.now())
        path = sticker_url(runtime, sticker).partition("CITY.TEST")[2]
        pages.append((await app_client.get(path)).text)
    assert ["信易餐" in page for page in pages] == [False, True]
    assert (await redeem(app_client, still, meal["code"])).status_code == 303


async def test_a_reversal_is_for_this_shop_with_a_reason_and_once(
    app_client: httpx.AsyncClient, runtime: Runtime, park: Shop, held: dict[str, Any]
) -> None:
    await redeem(app_client, park, held["code"])
    row = await Redemption.get()
    path = f"/portal/redemptions/{row.id}/reverse"
    other = await a_shop(runtime, "attraction", number=2)
    assert (await post_form(app_client, other.operator, path, {"reason": "扫错了"})).status_code == 404
    empty = await post_form(app_client, park.operator, path, {"reason": "  "})
    assert (empty.status_code, "请填写冲正原因" in empty.text) == (400, True)
    assert (await post_form(app_client, park.operator, path, {"reason": "扫错了"})).status_code == 303
    twice = await post_form(app_client, park.operator, path, {"reason": "扫错了"})
    assert (twice.status_code, "已冲正" in twice.text) == (409, True)
    listed = await read_page(app_client, park.operator, "/portal/redemptions")
    assert "扫错了" in listed.text
    assert (await redeem(app_client, park, held["code"])).status_code == 303


async def test_another_shops_redemptions_are_not_listed(
    app_client: httpx.AsyncClient, runtime: Runtime, park: Shop, held: dict[str, Any]
) -> None:
    await redeem(app_client, park, held["code"])
    other = await a_shop(runtime, "attraction", number=2)
    assert "信易游" not in (await read_page(app_client, other.operator, "/portal/redemptions")).text


async def test_an_account_of_no_shop_redeems_nothing(
    app_client: httpx.AsyncClient, runtime: Runtime, held: dict[str, Any]
) -> None:
    nobody = await an_operator(runtime, "nobody")
    answer = await post_form(app_client, nobody, "/portal/redeem", {"code": held["code"], "price": "80"})
    assert answer.status_code == 403
    assert (await Entitlement.get(id=held["id"])).state == "issued"


async def test_a_form_without_its_token_is_refused(
    app_client: httpx.AsyncClient, park: Shop, held: dict[str, Any]
) -> None:
    form = {"code": held["code"], "price": "80"}
    answer = await app_client.post("/portal/redeem", data=form, headers=park.operator.headers())
    assert answer.status_code == 403
    assert (await Entitlement.get(id=held["id"])).state == "issued"
