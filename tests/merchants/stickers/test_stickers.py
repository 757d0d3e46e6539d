"""Stickers: how dense their code is, and what a scan of one proves."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.issuing import StickerVoid, check_sticker, replace_sticker, revoke_sticker, sticker_url
from xinyi_merchants.stickers.models import Sticker
from xinyi_platform.errors import NotFound
from xinyi_platform.features import CityPlan
from xinyi_platform.qr import draw_png, modules_of

pytestmark = pytest.mark.anyio


async def _sticker(plan: CityPlan) -> Sticker:
    return await Sticker.get(merchant_id=plan.shared["merchants"][0].id, revoked_at__isnull=True)


async def test_a_sticker_is_version_4_at_level_q_and_a_camera_reads_it(runtime: Any, plan: CityPlan) -> None:
    runtime.settings = replace(runtime.settings, public_url="https://XY.HEBI.GOV.EXAMPLE")
    url = sticker_url(runtime, await _sticker(plan))
    assert url == url.upper()
    assert len(modules_of(url, "Q")) == 33
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(draw_png(url, "Q"))).convert("L"))
    assert [found.text for found in read] == [url]


async def test_a_genuine_sticker_stays_genuine_after_a_key_rotation(runtime: Any, plan: CityPlan) -> None:
    printed = sticker_url(runtime, await _sticker(plan)).rpartition("/")[2]
    runtime.keys.rotate("sticker", runtime.clock.now())
    checked = await check_sticker(runtime, printed.lower())
    assert checked.verdict == "genuine"
    assert checked.merchant == plan.shared["merchants"][0]


async def test_one_changed_character_is_not_ours(runtime: Any, plan: CityPlan) -> None:
    printed = sticker_url(runtime, await _sticker(plan)).rpartition("/")[2]
    for place in range(len(printed)):
        forged = printed[:place] + ("2" if printed[place] != "2" else "3") + printed[place + 1 :]
        assert (await check_sticker(runtime, forged)).verdict == "not_ours"


async def test_a_replaced_sticker_is_revoked_and_the_new_one_lives(runtime: Any, plan: CityPlan) -> None:
    old = await _sticker(plan)
    fresh = await replace_sticker(
        runtime, old.id, old.merchant_id, reason="torn", actor="operator:x", now=runtime.clock.now()
    )
    verdicts = [
        (await check_sticker(runtime, sticker_url(runtime, s).rpartition("/")[2])).verdict for s in (old, fresh)
    ]
    assert verdicts == ["revoked", "genuine"]
    await old.refresh_from_db()
    assert (old.replaced_by, fresh.replaced_by) == (fresh.serial, None)


async def test_a_revoked_sticker_has_no_successor(runtime: Any, plan: CityPlan) -> None:
    old = await _sticker(plan)
    await revoke_sticker(runtime, old.id, old.merchant_id, reason="lost", actor="operator:x", now=runtime.clock.now())
    await old.refresh_from_db()
    assert old.replaced_by is None


async def test_a_sticker_of_a_retired_key_is_revoked_and_is_not_printed(runtime: Any, plan: CityPlan) -> None:
    sticker = await _sticker(plan)
    printed = sticker_url(runtime, sticker).rpartition("/")[2]
    runtime.keys.rotate("sticker", runtime.clock.now())
    runtime.keys.retire(sticker.kid)
    assert (await check_sticker(runtime, printed)).verdict == "revoked"
    assert (await check_sticker(runtime, printed[:-1] + ("2" if printed[-1] != "2" else "3"))).verdict == "not_ours"
    with pytest.raises(StickerVoid):
        sticker_url(runtime, sticker)


async def test_a_shop_cannot_revoke_another_shops_sticker(runtime: Any, plan: CityPlan) -> None:
    sticker, other = await _sticker(plan), await Merchant.get(id=plan.shared["merchants"][1].id)
    with pytest.raises(NotFound):
        await revoke_sticker(runtime, sticker.id, other.id, reason="no", actor="operator:x", now=runtime.clock.now())
