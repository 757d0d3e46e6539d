"""Another person decides a change; its approval takes effect in the same transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound, TooManyRequests
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.scene_changes.applying import apply_change
from xinyi_scenarios.scene_changes.errors import ChangeDecided, NotYourChange, OwnChange
from xinyi_scenarios.scene_changes.following import CatalogueFollower
from xinyi_scenarios.scene_changes.models import SceneChange
from xinyi_scenarios.scene_changes.proposing import reason_of
from xinyi_scenarios.scene_changes.states import advance

_ATTEMPTS = 12


async def find_change(change_id: UUID) -> SceneChange:
    """Return a change. Raises NotFound (404)."""
    found = await SceneChange.get_or_none(id=change_id)
    if found is None:
        raise NotFound
    return found


async def approve_change(runtime: Runtime, change_id: UUID, by: Staff, *, at: datetime) -> SceneChange:
    """Approve another person's change and do what it says, or neither.

    Raises NotFound (404), OwnChange (403), ChangeDecided and ChangeOutdated (409), and what the change itself raises,
    as QuotaBelowUse (409); the change then still waits.
    """
    follower = runtime.part(CatalogueFollower)
    for _ in range(_ATTEMPTS):
        seq = await follower.refresh() + 1
        try:
            async with transaction():
                await _approve(runtime, change_id, by, seq=seq, at=at)
        except IntegrityError:
            if await follower.refresh() < seq:
                raise
            continue  # another change was approved meanwhile: look at what holds now, and try again
        await follower.refresh()
        return await find_change(change_id)
    raise TooManyRequests(retry_after_seconds=1)


async def _approve(runtime: Runtime, change_id: UUID, by: Staff, *, seq: int, at: datetime) -> None:
    change = await find_change(change_id)
    await _decide(change, "approve", by, at=at, reason="", seq=seq)
    version, outcome = await apply_change(runtime, change, actor=by.label, at=at)
    await SceneChange.filter(id=change_id).update(version=version, outcome=outcome)
    await _record(change, "approve", by, at=at, reason="")


async def refuse_change(change_id: UUID, by: Staff, *, reason: str, at: datetime) -> SceneChange:
    """Refuse another person's change, with the reason. Raises NotFound (404), OwnChange (403), ChangeDecided (409)."""
    return await _end(change_id, "refuse", by, reason=reason_of(reason), at=at)


async def withdraw_change(change_id: UUID, by: Staff, *, at: datetime) -> SceneChange:
    """Withdraw one's own change. Raises NotFound (404), NotYourChange (403), ChangeDecided (409)."""
    return await _end(change_id, "withdraw", by, reason="", at=at)


async def _end(change_id: UUID, event: str, by: Staff, *, reason: str, at: datetime) -> SceneChange:
    async with transaction():
        change = await find_change(change_id)
        await _decide(change, event, by, at=at, reason=reason, seq=None)
        await _record(change, event, by, at=at, reason=reason)
    return await find_change(change_id)


async def _decide(change: SceneChange, event: str, by: Staff, *, at: datetime, reason: str, seq: int | None) -> None:
    """Move a waiting change by one conditional UPDATE, which also decides who may: another person, or its maker."""
    waiting = SceneChange.filter(id=change.id, state="proposed")
    mine = event == "withdraw"
    may = waiting.filter(maker_person=by.person) if mine else waiting.exclude(maker_person=by.person)
    changed = await may.update(
        state=advance("proposed", event),
        seq=seq,
        decided_by=by.id,
        decided_by_person=by.person,
        decided_at=at,
        decision_reason=reason,
    )
    if changed:
        return
    if mine and change.maker_person != by.person:
        raise NotYourChange
    if not mine and change.maker_person == by.person:
        raise OwnChange
    raise ChangeDecided(state=change.state)


async def _record(change: SceneChange, event: str, by: Staff, *, at: datetime, reason: str) -> None:
    await audit.record(
        f"scene_change.{event}",
        actor=by.label,
        object_kind="scene_change",
        object_id=change.id,
        detail={"scenario": change.slug, "kind": change.kind, "reason": reason},
        at=at,
    )
