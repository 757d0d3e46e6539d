"""Sheets and labels over HTTP and by command: whose they are, that it is written down, and what is left out."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image
from support.instance import Instance
from support.people import Caller, a_member_of_staff, an_operator
from support.scenes import read_page

from xinyi_merchants.registry.models import Merchant, MerchantOperator
from xinyi_merchants.stickers.issuing import issue_sticker, sticker_url
from xinyi_merchants.stickers.models import Sticker
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role

pytestmark = pytest.mark.anyio
DIVISION = "410611001001"
PDF = re.compile(rb"/Count (\d+)")


@pytest.fixture
async def operator(runtime: Any, shop: Merchant) -> Caller:
    caller = await an_operator(runtime)
    await MerchantOperator.create(
        id=new_id(), account_id=caller.id, merchant_id=shop.id, role="owner", created_at=runtime.clock.now()
    )
    return caller


async def test_staff_download_their_divisions_sheet_and_it_is_written_down(
    app_client: httpx.AsyncClient, lin: Caller, sticker: Sticker
) -> None:
    assert DIVISION in (await read_page(app_client, lin, "/console/stickers")).text
    assert f"/{DIVISION}/sheet.pdf?part=1" in (await read_page(app_client, lin, f"/console/stickers/{DIVISION}")).text
    sheet = await read_page(app_client, lin, f"/console/stickers/{DIVISION}/sheet.pdf")
    assert (sheet.status_code, sheet.headers["content-type"]) == (200, "application/pdf")
    assert sheet.headers["cache-control"] == "no-store"
    assert sheet.headers["content-disposition"] == f'attachment; filename="stickers-{DIVISION}-1.pdf"'
    written = await AuditEntry.get(action="sticker.sheet")
    shops = await Merchant.filter(division=DIVISION, status="open").count()
    assert (written.actor, written.object_id) == (f"staff:{lin.id}", DIVISION)
    assert written.detail == {"labels": shops, "part": 1}
    assert (await read_page(app_client, lin, f"/console/stickers/{DIVISION}/sheet.pdf?part=2")).status_code == 404


@pytest.mark.parametrize("division", ["410611001002", "410621001001", "410611001", "410611", "410600", "nowhere", "4"])
async def test_another_divisions_sheet_is_not_there(app_client: httpx.AsyncClient, lin: Caller, division: str) -> None:
    for path in (f"/console/stickers/{division}", f"/console/stickers/{division}/sheet.pdf"):
        assert (await read_page(app_client, lin, path)).status_code == 404
    assert not await AuditEntry.filter(action="sticker.sheet").exists()


async def test_a_reviewer_prints_nothing(app_client: httpx.AsyncClient, runtime: Any) -> None:
    zhou = await a_member_of_staff(runtime, Role.REVIEWER)
    assert (await read_page(app_client, zhou, f"/console/stickers/{DIVISION}/sheet.pdf")).status_code == 403


async def test_what_is_revoked_closed_or_void_is_on_no_sheet(
    app_client: httpx.AsyncClient, runtime: Any, lin: Caller, shop: Merchant, sticker: Sticker
) -> None:
    runtime.keys.rotate("sticker", runtime.clock.now())
    await Merchant.filter(division=DIVISION).exclude(id=shop.id).update(status="closed")
    runtime.keys.retire(sticker.kid)
    path = f"/console/stickers/{DIVISION}"
    assert "有1张码贴的密钥已停用" in (await read_page(app_client, lin, path)).text
    assert (await read_page(app_client, lin, f"{path}/sheet.pdf")).status_code == 404
    fresh = await issue_sticker(runtime, shop.id, actor="x", now=runtime.clock.now())
    assert (await read_page(app_client, lin, f"{path}/sheet.pdf")).status_code == 200
    await Sticker.filter(id=fresh.id).update(revoked_at=runtime.clock.now())
    assert (await read_page(app_client, lin, f"{path}/sheet.pdf")).status_code == 404


@pytest.mark.parametrize("kind", ["pdf", "svg", "png"])
async def test_an_operator_downloads_the_label_in_every_format(
    app_client: httpx.AsyncClient, runtime: Any, operator: Caller, sticker: Sticker, kind: str
) -> None:
    path = f"/portal/stickers/{sticker.id}/label.{kind}"
    assert path in (await read_page(app_client, operator, "/portal/stickers")).text
    answer = await read_page(app_client, operator, path)
    assert answer.status_code == 200
    assert f'label-{sticker.serial}.{kind}"' in answer.headers["content-disposition"]
    if kind == "png":
        read = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)).convert("L"))
        assert [found.text for found in read] == [sticker_url(runtime, sticker)]
    other = await Sticker.exclude(merchant_id=sticker.merchant_id).first()
    assert other is not None
    refused = await read_page(app_client, operator, path.replace(str(sticker.id), str(other.id)))
    assert refused.status_code == 404


async def test_a_sticker_whose_key_was_retired_is_shown_as_void_and_can_be_replaced(
    app_client: httpx.AsyncClient, runtime: Any, operator: Caller, sticker: Sticker
) -> None:
    runtime.keys.rotate("sticker", runtime.clock.now())
    runtime.keys.retire(sticker.kid)
    shown = (await read_page(app_client, operator, "/portal/stickers")).text
    assert "密钥停用" in shown
    assert f"{sticker.id}/end" in shown
    assert "label.pdf" not in shown
    assert (await read_page(app_client, operator, f"/portal/stickers/{sticker.id}/label.pdf")).status_code == 409


async def test_without_a_font_the_download_says_what_is_missing(
    app_client: httpx.AsyncClient, runtime: Any, operator: Caller, sticker: Sticker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xinyi_merchants.registry.fonts._KNOWN", ())
    answer = await read_page(app_client, operator, f"/portal/stickers/{sticker.id}/label.pdf")
    assert answer.status_code == 503
    assert "fonts-noto-cjk" in answer.text


def test_the_command_writes_a_division_and_says_how_many(tmp_path: Path) -> None:
    with Instance(tmp_path, f"sqlite://{tmp_path}/city.sqlite3") as city:
        city.run("migrate")
        city.run("seed", "--residents", "20", "--merchants", "60")
        out = tmp_path / "sheet.pdf"
        said = city.run("sticker", "sheet", "--division", "410600", "--out", str(out), "--processes", "2")
        assert "60 stickers on 5 sheets" in said
        assert int(PDF.findall(out.read_bytes())[-1]) == 5
        with pytest.raises(AssertionError, match="there is no division 110000"):
            city.run("sticker", "sheet", "--division", "110000", "--out", str(out))
        city.environment["XINYI_LABEL_FONT"] = str(tmp_path / "none.ttf")
        with pytest.raises(AssertionError, match="has no Chinese font"):
            city.run("sticker", "sheet", "--division", "410600", "--out", str(out))
