"""Campaigns as an area plans them, and a scene that they give and nothing else does."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx
from support.lists import act, approve, make, person
from support.people import DIVISION, Caller
from support.scenes import add_scene, id_of, post_form

from xinyi_platform.clock import local_date
from xinyi_platform.runtime import Runtime
from xinyi_rewards.campaigns.models import Campaign
from xinyi_rewards.campaigns.offering import slug_of
from xinyi_rewards.rewards.models import RewardGrant

WORTH = 5_000
VOUCHER = {"flow": "voucher", "value_fen": WORTH, "validity_days": 30}
PAGE, API = "/console/campaigns", "/campaigns"


def a_scene(runtime: Runtime, slug: str = "gift", **gives: object) -> str:
    """A voucher worth ¥50 without conditions, which no policy of the file gives."""
    add_scene(runtime, slug, like="cinema", requires=[], gives={**VOUCHER, **gives})
    return slug


def form(runtime: Runtime, **changes: str) -> dict[str, str]:
    """A plan as it is typed: two vouchers from today on, money for both."""
    today = local_date(runtime.clock.now())
    typed = {
        "division": DIVISION,
        "title": "好邻居月",
        "why": "感谢照护独居老人的邻里",
        "kinds": "red-good-neighbour",
        "scene": "gift",
        "first_on": today.isoformat(),
        "last_on": (today + timedelta(days=9)).isoformat(),
        "units": "2",
        "budget": "100",
        "minors": "none",
    }
    return {**typed, **changes}


async def planned(client: httpx.AsyncClient, runtime: Runtime, maker: Caller, **changes: str) -> UUID:
    """A draft, planned in the console; returns its id."""
    made = await post_form(client, maker, PAGE, form(runtime, **changes))
    assert made.status_code == 303, made.text
    return UUID(made.headers["location"].rpartition("/")[2])


async def approved(
    client: httpx.AsyncClient, runtime: Runtime, maker: Caller, reviewer: Caller, **changes: str
) -> UUID:
    """A campaign that another person has approved."""
    made = await planned(client, runtime, maker, **changes)
    assert (await act(client, maker, f"{API}/{made}/submit")).status_code == 204
    answer = await act(client, reviewer, f"{API}/{made}/approve")
    assert answer.status_code == 204, answer.text
    return made


async def list_them(client: httpx.AsyncClient, maker: Caller, reviewer: Caller, *numbers: int) -> None:
    """Put residents on a red list without notice."""
    await approve(client, maker, reviewer, await make(client, maker, [person(number) for number in numbers]))


async def grant_of(campaign_id: UUID, who: Caller) -> RewardGrant:
    return await RewardGrant.get(policy=slug_of(campaign_id), resident_id=id_of(who))


async def books(campaign_id: UUID) -> tuple[int, int]:
    """How many units are used and how much money is spent."""
    row = await Campaign.get(id=campaign_id)
    return row.used, row.spent_fen
