"""A shop signs its commitment once, everybody reads it behind the sticker, and it is gone when withdrawn."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from support.scenes import Shop, a_shop, post_form, read_page

from xinyi_merchants.commitments.models import MerchantCommitment
from xinyi_merchants.commitments.texts import LATEST, TEXTS
from xinyi_merchants.registry.models import Merchant, MerchantOperator
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import local_date
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
PATH = "/portal/commitment"


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await a_shop(runtime, "catering")


def test_every_version_has_clauses_in_both_languages() -> None:
    assert LATEST in TEXTS
    assert all(clause.zh and clause.en for clauses in TEXTS.values() for clause in clauses)


async def test_signed_it_shows_behind_the_sticker_and_withdrawn_it_is_gone(
    app_client: httpx.AsyncClient, shop: Shop
) -> None:
    page = f"/m/{shop.merchant.code}"
    assert "诚信经营承诺" not in (await app_client.get(page)).text
    assert TEXTS[LATEST][0].zh in (await read_page(app_client, shop.operator, PATH)).text
    assert (await post_form(app_client, shop.operator, PATH, {"version": LATEST})).status_code == 303
    shown = (await app_client.get(page)).text
    assert "诚信经营承诺" in shown
    assert TEXTS[LATEST][0].zh in shown
    api = (await app_client.get(f"/api/v1/merchants/{shop.merchant.code}")).json()
    assert api["committed_on"] == local_date((await MerchantCommitment.get()).signed_at).isoformat()
    assert (await post_form(app_client, shop.operator, PATH, {"version": ""})).status_code == 303
    assert "诚信经营承诺" not in (await app_client.get(page)).text
    assert (await app_client.get(f"/api/v1/merchants/{shop.merchant.code}")).json()["committed_on"] is None
    acts = await AuditEntry.filter(action__startswith="merchant_commitment.").values_list("action", flat=True)
    assert sorted(acts) == ["merchant_commitment.sign", "merchant_commitment.withdraw"]


async def test_another_version_than_the_one_to_sign_is_refused(app_client: httpx.AsyncClient, shop: Shop) -> None:
    refused = await post_form(app_client, shop.operator, PATH, {"version": "2020-1"})
    assert refused.status_code == 409
    assert "重新阅读" in refused.text
    assert not await MerchantCommitment.all().exists()


async def test_six_clicks_sign_once(app_client: httpx.AsyncClient, shop: Shop) -> None:
    token = (await app_client.get("/")).cookies["xinyi_csrf"]
    app_client.cookies.clear()
    form, headers = {"_csrf_token": token, "version": LATEST}, shop.operator.headers(csrf=token)
    answers = await asyncio.gather(*(app_client.post(PATH, data=form, headers=headers) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {303}
    assert await MerchantCommitment.all().count() == 1


async def test_a_closed_shop_shows_none_and_a_clerk_signs_none(app_client: httpx.AsyncClient, shop: Shop) -> None:
    await post_form(app_client, shop.operator, PATH, {"version": LATEST})
    await Merchant.filter(id=shop.merchant.id).update(status="closed")
    assert "诚信经营承诺" not in (await app_client.get(f"/m/{shop.merchant.code}")).text
    await MerchantOperator.filter(merchant_id=shop.merchant.id).update(role="clerk")
    assert (await post_form(app_client, shop.operator, PATH, {"version": ""})).status_code == 403
    assert await MerchantCommitment.filter(slot="live").count() == 1
