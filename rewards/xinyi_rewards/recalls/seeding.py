"""A partner of the synthetic city that reads lists and is told what to stop using."""

from __future__ import annotations

from datetime import datetime

from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.identity import create_partner
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.kinds import list_kinds
from xinyi_rewards.recalls.giving import entries_for
from xinyi_rewards.recalls.receiving import SCOPE, audience_of

DEMO_SECRET = "demo-lists-2026"  # noqa: S105 -- of the demo


async def seed_readers(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make one reader of lists, which has read them all; runs after they were published."""
    at = runtime.clock.now()
    reader = await create_partner(
        client_id="hebi-lists",
        name="演示公共资源交易中心",
        secret=DEMO_SECRET,
        scopes=[SCOPE, "webhooks"],
        at=at,
    )
    for kind in list_kinds():
        await _read(audience_of(reader), kind, at=at)
    plan.shared["logins"].append(
        {"who": "名单接收方 partner", "where": "/partner/v1", "name": "hebi-lists", "secret": DEMO_SECRET, "totp": ""}
    )
    progress("名单接收方 receivers", 1, 1)


async def _read(receiver: str, kind: str, *, at: datetime) -> None:
    given = await entries_for(receiver, kind, after=None, at=at)
    while given.next_after:
        given = await entries_for(receiver, kind, after=given.next_after, at=at)
