"""The demo city's shops that joined scenes, and its partners: bank, insurer, offices, hospital and city card."""

from __future__ import annotations

from xinyi_merchants.registry import MerchantFacts
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.identity import create_partner
from xinyi_platform.identity.seeding import DEMO_PARTNER_SECRET
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.commitments.telling import SCOPE as COMMITMENTS
from xinyi_scenarios.fairs.telling import SCOPE as FAIRS
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.offices import scene_scope
from xinyi_scenarios.participation.joining import join_scene, takes_sign_ups
from xinyi_scenarios.passes.telling import SCOPE as PASSES
from xinyi_scenarios.referrals.offering import SCOPE as REFERRALS

_HALL = ("permit", "utilities", "childcare", "job")
PARTNERS = (
    ("hebi-bank", "鹤壁示范银行", "bank", (REFERRALS, "webhooks")),
    ("hebi-insurer", "鹤壁示范保险", "insurer", (REFERRALS, "webhooks")),
    ("hebi-office", "市行政审批局", "", (COMMITMENTS, scene_scope("approve"), scene_scope("startup"), "webhooks")),
    ("hebi-hall", "市政务服务大厅", "", (PASSES, *(scene_scope(slug) for slug in _HALL), "webhooks")),
    ("hebi-hospital", "市人民医院", "", (PASSES, scene_scope("medical"), "webhooks")),
    ("hebi-park", "市民公园", "", (FAIRS, scene_scope("park-fair"), "webhooks")),
    ("hebi-card", "鹤壁市民卡", "", ("redemptions", "webhooks")),
)

# How many shops of a scene's trade have joined it; a large city needs no more of them to be looked at.
JOINED = 40


async def seed_participation(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Let shops take part in the scenes that ask for a sign-up: the first of each trade, every third not yet."""
    catalogue, shops = runtime.part(Catalogue), plan.shared["merchants"]
    asking = [scene for scene in catalogue.all() if getattr(scene.gives, "sign_up", False)]
    for done, scene in enumerate(asking, 1):
        fitting: list[MerchantFacts] = [shop for shop in shops if takes_sign_ups(scene, shop.trade)][:JOINED]
        for place, shop in enumerate(fitting):
            if place % 3 != 2:
                actor, now = "operator:demo", runtime.clock.now()
                await join_scene(catalogue, scene.slug, shop, version=scene.version, actor=actor, at=now)
        progress("参与商户 shops that joined", done, len(asking))


async def seed_partners(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make them, with the demo's secret."""
    for done, (client_id, name, kind, scopes) in enumerate(PARTNERS, 1):
        await create_partner(
            client_id=client_id,
            name=name,
            kind=kind,
            secret=DEMO_PARTNER_SECRET,
            scopes=scopes,
            at=runtime.clock.now(),
        )
        plan.shared["logins"].append(
            {
                "who": f"{name} partner",
                "where": "/partner/v1",
                "name": client_id,
                "secret": DEMO_PARTNER_SECRET,
                "totp": "",
            }
        )
        progress("接入机构 partners", done, len(PARTNERS))
