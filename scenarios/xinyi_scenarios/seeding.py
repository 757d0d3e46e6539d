"""The demo city's partners of the flows: a bank, an insurer, and the office that receives promised papers."""

from __future__ import annotations

from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.identity import create_partner
from xinyi_platform.identity.seeding import DEMO_PARTNER_SECRET
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.commitments.telling import SCOPE as COMMITMENTS
from xinyi_scenarios.commitments.telling import scene_scope
from xinyi_scenarios.referrals.offering import SCOPE as REFERRALS

PARTNERS = (
    ("hebi-bank", "鹤壁示范银行", "bank", (REFERRALS, "webhooks")),
    ("hebi-insurer", "鹤壁示范保险", "insurer", (REFERRALS, "webhooks")),
    ("hebi-office", "市行政审批局", "", (COMMITMENTS, scene_scope("approve"), scene_scope("startup"), "webhooks")),
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
