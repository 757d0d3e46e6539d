"""The demo city's partners of the flows: a bank, an insurer, the offices with papers and counters, and a city card."""

from __future__ import annotations

from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.identity import create_partner
from xinyi_platform.identity.seeding import DEMO_PARTNER_SECRET
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.commitments.telling import SCOPE as COMMITMENTS
from xinyi_scenarios.fairs.telling import SCOPE as FAIRS
from xinyi_scenarios.manifests.offices import scene_scope
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
