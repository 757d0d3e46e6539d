"""The demo's partners fit the catalogue: whoever a scene refers to or hands papers to is there."""

from __future__ import annotations

import pytest

from xinyi_platform.features import CityPlan
from xinyi_platform.identity import partners_with
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.fairs.terms import Fair
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.flows import FastTrack, Referral
from xinyi_scenarios.manifests.offices import scene_scope
from xinyi_scenarios.referrals.offering import receivers_for
from xinyi_scenarios.seeding import seed_partners

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
