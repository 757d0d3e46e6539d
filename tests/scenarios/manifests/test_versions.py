"""Dated versions: each holds from its day, and what was given keeps the version that it was given under."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import msgspec
import pytest
from support.people import Caller
from support.scenes import add_scene, claim, read_page, signed_in_anew

from xinyi_platform.clock import FixedClock
from xinyi_platform.errors import NotFound
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue, Manifest

pytestmark = pytest.mark.anyio
NEXT_TERMS = {"zh": "第二版规则。", "en": "The second version's terms."}


def two_versions(runtime: Runtime) -> Catalogue:
    """A scene of 20 % off whose next version, from tomorrow, takes 40 % off."""
    first = add_scene(runtime, "gala")
    catalogue = runtime.part(Catalogue)
    gives = msgspec.structs.replace(first.gives, percent_off=40)
    later = msgspec.structs.replace(
        first,
        version=2,
        opens_on=date(2026, 11, 24),
        gives=gives,
        terms=msgspec.convert(NEXT_TERMS, type(first.terms)),
    )
    catalogue.add(later)
    return catalogue


async def test_a_version_holds_from_its_day_and_older_entitlements_keep_theirs(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, clock: FixedClock
) -> None:
    two_versions(runtime)
    old = (await claim(app_client, wang, "gala")).json()
    assert (old["version"], old["benefit"]["percent_off"]) == (1, 20)
    clock.advance(timedelta(days=8))
    wang = signed_in_anew(runtime, wang)
    new = (await claim(app_client, wang, "gala")).json()
    assert (new["version"], new["benefit"]["percent_off"]) == (2, 40)
    assert (await app_client.get(f"/api/v1/entitlements/{old['id']}", headers=wang.headers())).json()["benefit"] == old[
        "benefit"
    ]
    assert (await app_client.get("/api/v1/scenarios/gala")).json()["version"] == 2


async def test_the_page_of_an_older_entitlement_tells_its_own_terms(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    catalogue = two_versions(runtime)
    held = (await claim(app_client, wang, "gala")).json()
    shown = await read_page(app_client, wang, f"/app/entitlements/{held['id']}")
    assert catalogue.version("gala", 1).terms.zh in shown.text
    assert NEXT_TERMS["zh"] not in shown.text


def a_version(like: Manifest, version: int, opens_on: date) -> Manifest:
    return msgspec.structs.replace(like, version=version, opens_on=opens_on)


async def test_versions_open_in_their_order_and_once(runtime: Runtime) -> None:
    scene = add_scene(runtime, "gala")
    catalogue = Catalogue(lambda: date(2026, 11, 23))
    catalogue.add(a_version(scene, 2, date(2026, 11, 24)))
    assert catalogue.get("gala").version == 2
    catalogue.add(a_version(scene, 1, date(2026, 1, 1)))
    assert [s.version for s in catalogue.versions("gala")] == [1, 2]
    assert catalogue.get("gala").version == 1
    for version, opens_on in ((1, date(2026, 2, 1)), (3, date(2026, 11, 1)), (4, date(2025, 1, 1))):
        with pytest.raises(ValueError, match="gala"):
            catalogue.add(a_version(scene, version, opens_on))
    with pytest.raises(NotFound):
        catalogue.version("gala", 9)
    assert catalogue.promised("gala", 9) == catalogue.get("gala")
    assert catalogue.promised("gone", 1) is None


async def test_a_scene_that_is_switched_off_takes_no_claims_and_keeps_what_it_gave(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    add_scene(runtime, "gala")
    held = (await claim(app_client, wang, "gala")).json()
    catalogue = runtime.part(Catalogue)
    catalogue.switched_off = frozenset({"gala"})
    answer = await claim(app_client, wang, "gala")
    assert (answer.status_code, answer.json()["code"]) == (409, "claims_closed")
    assert "gala" not in {scene["slug"] for scene in (await app_client.get("/api/v1/scenarios")).json()}
    assert (await app_client.get(f"/api/v1/entitlements/{held['id']}/qr", headers=wang.headers())).status_code == 200
