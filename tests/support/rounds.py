"""A round of the evaluation with those around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpx
from support.people import Caller, a_member_of_staff, a_resident
from support.scenes import Shop, a_shop, post_form

from xinyi_merchants.evaluations.computing import compute_round
from xinyi_merchants.evaluations.models import (
    EvaluationCandidate,
    EvaluationRound,
)
from xinyi_merchants.registry.models import Merchant
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import local_date
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime

ROOT = "/console/evaluations"


@dataclass
class Scene:
    """A round and those around it."""

    runtime: Runtime
    client: httpx.AsyncClient
    maker: Caller
    other: Caller
    shop: Shop
    resident: Caller
    round_id: UUID

    async def act(self, who: Caller, act: str, **fields: str) -> httpx.Response:
        return await post_form(self.client, who, f"{ROOT}/{self.round_id}", {"act": act, **fields})

    async def state(self) -> str:
        return (await EvaluationRound.get(id=self.round_id)).state

    async def candidate(self) -> EvaluationCandidate:
        return await EvaluationCandidate.get(round_id=self.round_id, merchant_id=self.shop.merchant.id)


async def a_round(app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator) -> Scene:
    """An open round whose survey runs, and a shop that is four years old and of good credit, with its consent."""
    maker = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="maker")
    other = await a_member_of_staff(runtime, Role.REVIEWER, username="other")
    shop = await a_shop(runtime, "catering")
    today = local_date(runtime.clock.now())
    await Merchant.filter(id=shop.merchant.id).update(licence_date=today - timedelta(days=1_400))
    bureau.overrides[shop.merchant.uscc] = ("good", False)
    made = await post_form(
        app_client,
        maker,
        ROOT,
        {
            "title": "二〇二六年度评定",
            "opens_on": today.isoformat(),
            "survey_from": today.isoformat(),
            "survey_until": today.isoformat(),
            "closes_on": today.isoformat(),
            "notice_days": "7",
        },
    )
    assert made.status_code == 303, made.text
    round_id = UUID(made.headers["location"].rpartition("/")[2])
    resident = await a_resident(runtime)
    found = Scene(runtime, app_client, maker, other, shop, resident, round_id)
    assert (await found.act(maker, "open")).status_code == 303
    return found


async def consent(scene: Scene, answer: str = "give") -> None:
    said = await post_form(scene.client, scene.shop.operator, "/portal/rating/consent", {"consent": answer})
    assert said.status_code == 303


async def compute(scene: Scene) -> None:
    """Let the round's last day pass, and compute it."""
    row = await EvaluationRound.get(id=scene.round_id)
    past = {name: getattr(row, name) - timedelta(days=1) for name in DAYS}
    await EvaluationRound.filter(id=row.id).update(**past)
    await compute_round(scene.runtime, scene.round_id, actor="test")


DAYS = ("opens_on", "survey_from", "survey_until", "closes_on")


async def end_notice(scene: Scene) -> None:
    yesterday = local_date(scene.runtime.clock.now()) - timedelta(days=1)
    await EvaluationRound.filter(id=scene.round_id).update(notice_until=yesterday)
