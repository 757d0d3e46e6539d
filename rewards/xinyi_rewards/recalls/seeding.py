"""A partner of the synthetic city that reads lists and is told what to stop using."""

from __future__ import annotations

from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.identity import create_partner
from xinyi_platform.runtime import Runtime
from xinyi_rewards.recalls.receiving import SCOPE

DEMO_SECRET = "demo-lists-2026"  # noqa: S105 -- of the demo


async def seed_readers(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make one reader of lists; runs before anything is published, so that it receives all."""
    await create_partner(
        client_id="hebi-lists",
        name="演示公共资源交易中心",
        secret=DEMO_SECRET,
        scopes=[SCOPE, "webhooks"],
        at=runtime.clock.now(),
    )
    plan.shared["logins"].append(
        {"who": "名单接收方 partner", "where": "/partner/v1", "name": "hebi-lists", "secret": DEMO_SECRET, "totp": ""}
    )
    progress("名单接收方 receivers", 1, 1)
