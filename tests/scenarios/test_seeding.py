"""The demo's partners fit the catalogue: whoever a scene refers to or hands papers to is there."""

from __future__ import annotations

import pytest
from support.scenes import a_shop

from xinyi_merchants.registry import find_merchant
from xinyi_platform.features import CityPlan
from xinyi_platform.identity import partners_with
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.fairs.terms import Fair
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.flows import FastTrack, Referral
from xinyi_scenarios.manifests.offices import scene_scope
from xinyi_scenarios.participation.joining import signed_up_merchants
from xinyi_scenarios.referrals.offering import receivers_for
from xinyi_scenarios.seeding import seed_participation, seed_partners

pytestmark = pytest.mark.anyio


async def test_every_scene_of_these_flows_has_its_partner(runtime: Runtime) -> None:
    plan = CityPlan(residents=0, merchants=0, shared={"logins": []})
    await seed_partners(runtime, plan, lambda *_: None)
    scenes = runtime.part(Catalogue).all()
    referring = [scene for scene in scenes if isinstance(scene.gives, Referral)]
    promising = [scene for scene in scenes if scene.flow == "commitment"]
    assert referring
    assert promising
    for scene in referring:
        assert isinstance(scene.gives, Referral)
        assert await receivers_for(scene.gives), scene.slug
    for scene in promising:
        assert await partners_with("commitments", scene_scope(scene.slug)), scene.slug
    for scene in scenes:
        if isinstance(scene.gives, FastTrack):
            assert await partners_with("passes", scene_scope(scene.slug)), scene.slug
        if isinstance(scene.gives, Fair):
            assert await partners_with("fairs", scene_scope(scene.slug)), scene.slug
    assert len(plan.shared["logins"]) == 7


async def test_shops_have_joined_the_scenes_that_ask_for_it(runtime: Runtime) -> None:
    shops = [
        await find_merchant((await a_shop(runtime, trade, number=number)).merchant.id)
        for number, trade in enumerate(("bookshop", "housekeeping", "bookshop", "hotel"), 1)
    ]
    plan = CityPlan(residents=0, merchants=4, shared={"logins": [], "merchants": shops})
    await seed_participation(runtime, plan, lambda *_: None)
    ids = [shop.id for shop in shops]
    assert await signed_up_merchants("bookshop", ids) == {ids[0], ids[2]}
    assert await signed_up_merchants("housekeeping", ids) == {ids[1]}
