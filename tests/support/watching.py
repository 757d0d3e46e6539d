"""Scenes whose entitlements are watched, claimed by people whose standing a test changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from uuid import UUID

import httpx
import msgspec
from support.people import Caller
from support.scenes import claim

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.manifests.schema import OnChange

GRACE_DAYS = 3


def watched_scene(runtime: Runtime, do: Literal["keep", "suspend", "end"], like: str = "ride") -> Manifest:
    """Add a scene like one of the catalogue, with what follows when a condition is no longer met."""
    catalogue = runtime.part(Catalogue)
    rule = OnChange(do=do, grace_days=GRACE_DAYS)
    scene = msgspec.structs.replace(catalogue.get(like), slug=f"watched-{do}", on_change=rule)
    catalogue.add(scene)
    return scene


async def a_claim(client: httpx.AsyncClient, who: Caller, scene: Manifest) -> Entitlement:
    """Claim a scene, which must be given at once."""
    answer = await claim(client, who, scene.slug)
    assert (answer.status_code, answer.json()["state"]) == (201, "issued"), answer.text
    return await Entitlement.get(id=UUID(answer.json()["id"]))


def set_standing(bureau: Simulator, standing: str, number: int = 1) -> None:
    """Let the bureau say so from now on."""
    bureau.overrides[synthetic_identity_number(number)] = (standing, False)


DAY = timedelta(days=1, minutes=1)
