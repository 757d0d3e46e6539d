"""A process follows what was approved elsewhere, and what it cannot read stops nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tortoise.exceptions import OperationalError

from xinyi_platform.database import current_connection
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.scene_changes import CatalogueFollower
from xinyi_scenarios.scene_changes.models import SceneChange

pytestmark = pytest.mark.anyio


async def approved(runtime: Runtime, seq: int, kind: str, proposal: dict[str, Any], version: int | None = None) -> None:
    """A change that another process approved."""
    now = runtime.clock.now()
    await SceneChange.create(
        slug="dining", kind=kind, proposal=proposal, base={}, outcome={}, reason="x", state="approved", seq=seq,
        version=version, maker_id=new_id(), maker_person="lin", made_at=now, decided_by=new_id(),
        decided_by_person="xu", decided_at=now,
    )  # fmt: skip


def manifest(runtime: Runtime, **parts: Any) -> dict[str, Any]:
    written = {**runtime.part(Catalogue).version("dining", 1).written(), "opens_on": "2026-11-23", **parts}
    values: dict[str, Any] = msgspec.to_builtins(written)
    return {"manifest": values}


async def test_another_processs_approvals_are_followed(runtime: Runtime) -> None:
    follower, catalogue = runtime.part(CatalogueFollower), runtime.part(Catalogue)
    await approved(runtime, 1, "manifest", manifest(runtime, quota={"total": 7}), 2)
    await approved(runtime, 2, "switch", {"on": False})
    assert await follower.refresh() == 2
    assert catalogue.get("dining").quota.total == 7
    assert not catalogue.is_on("dining")
    await approved(runtime, 3, "switch", {"on": True})
    assert await follower.refresh() == 3
    assert catalogue.is_on("dining")
    assert [scene.version for scene in catalogue.versions("dining")] == [1, 2]


async def test_a_version_that_cannot_be_read_here_is_refused_with_its_reason(runtime: Runtime) -> None:
    follower, catalogue = runtime.part(CatalogueFollower), runtime.part(Catalogue)
    await approved(runtime, 1, "manifest", manifest(runtime, requires=[{"type": "of_a_plug_in"}]), 2)
    await approved(runtime, 2, "manifest", manifest(runtime, quota={"total": 9}), 3)
    await follower.refresh()
    assert [row.source for row in catalogue.refused] == ["dining 2"]
    assert "unknown requirement type 'of_a_plug_in'" in catalogue.refused[0].reason
    assert catalogue.get("dining").version == 3
    follower.seq = 0
    await follower.refresh()
    assert len(catalogue.refused) == 1


async def test_a_start_reads_what_was_approved_before(runtime: Runtime) -> None:
    follower = runtime.part(CatalogueFollower)
    await approved(runtime, 1, "switch", {"on": False})
    await follower.stop()
    await follower.start()
    assert not runtime.part(Catalogue).is_on("dining")


async def test_a_database_that_does_not_answer_leaves_the_catalogue_as_it_is(runtime: Runtime) -> None:
    follower, catalogue = runtime.part(CatalogueFollower), runtime.part(Catalogue)
    await current_connection().execute_script("ALTER TABLE scene_change RENAME TO scene_change_away")
    with pytest.raises(OperationalError):
        await follower.refresh()
    await follower.stop()
    await follower.start()
    assert catalogue.is_on("dining")
    await current_connection().execute_script("ALTER TABLE scene_change_away RENAME TO scene_change")
    await approved(runtime, 1, "switch", {"on": False})
    await follower.refresh()
    assert not catalogue.is_on("dining")
