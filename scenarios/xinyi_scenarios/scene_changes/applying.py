"""What an approved change does, in the transaction of its approval.

Switched off, a scene's running main quotas are closed at once. Every claim takes its unit there last, so once the
approval is answered none passes any more, also not in a process whose catalogue is a moment behind.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.errors import NotFound
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.quotas import UNITS, QuotaKey, change_total, lend_share, open_quotas, period_of, take_back_share
from xinyi_scenarios.quotas.models import Quota
from xinyi_scenarios.scene_changes.errors import ChangeOutdated
from xinyi_scenarios.scene_changes.models import SceneChange
from xinyi_scenarios.scene_changes.proposing import check_version

# The version that it became, and what else it did.
Applied = tuple[int | None, dict[str, object]]
Apply = Callable[[Runtime, SceneChange, str, datetime], Awaitable[Applied]]
# Another process may live in the next period already.
_AHEAD = timedelta(minutes=10)


async def apply_change(runtime: Runtime, change: SceneChange, *, actor: str, at: datetime) -> Applied:
    """Do what a change says, in the caller's transaction. Raises ChangeOutdated (409) where its base is gone."""
    return await _APPLIES[change.kind](runtime, change, actor, at)


async def _switch(runtime: Runtime, change: SceneChange, _: str, at: datetime) -> Applied:
    catalogue, on = runtime.part(Catalogue), bool(change.proposal["on"])
    if catalogue.is_on(change.slug) == on:
        raise ChangeOutdated(zh="场景的开关状态已变化。", en="the scene was switched meanwhile.")
    if on:
        await Quota.filter(id__in=await _closed_before(change.slug)).update(is_open=True)
        return None, {}
    moments = (at, at + _AHEAD)
    totals = {
        QuotaKey(UNITS, "", period_of(scene.quota.period, moment)): scene.quota.total
        for scene in catalogue.versions(change.slug)
        for moment in moments
    }
    rows = await open_quotas(change.slug, totals, at=at)
    closed = sorted(row.id for row in rows.values() if row.is_open)
    await Quota.filter(id__in=closed).update(is_open=False)
    return None, {"closed": [str(quota_id) for quota_id in closed]}


async def _closed_before(slug: str) -> list[UUID]:
    """Return the quotas that the last switching off closed."""
    last = await SceneChange.filter(slug=slug, kind="switch", state="approved").order_by("-seq").offset(1).first()
    closed: Any = last.outcome.get("closed", []) if last else []
    return [UUID(quota_id) for quota_id in closed]


async def _manifest(runtime: Runtime, change: SceneChange, _: str, at: datetime) -> Applied:
    values: Any = change.proposal["manifest"]
    latest = runtime.part(Catalogue).versions(change.slug)
    if not latest:
        raise NotFound
    if latest[-1].version != change.base["version"]:
        en = f"version {latest[-1].version} came meanwhile."
        raise ChangeOutdated(zh=f"其间已有第{latest[-1].version}版。", en=en)
    _scene, faults = check_version(latest[-1], values, today=local_date(at))
    if faults:
        path, fault = next(iter(faults.items()))
        raise ChangeOutdated(zh=f"{path}:{fault.zh}", en=f"{path}: {fault.en}")
    kept = await SceneChange.filter(slug=change.slug, version__isnull=False).order_by("-version").first()
    return max(latest[-1].version, int(kept.version or 0) if kept else 0) + 1, {}


async def _quota(_: Runtime, change: SceneChange, __: str, ___: datetime) -> Applied:
    proposal: Any = change.proposal
    row = await Quota.get_or_none(id=UUID(proposal["quota"]))
    if row is None:
        raise NotFound
    if (row.total, row.is_open) != (change.base["total"], change.base["is_open"]):
        raise ChangeOutdated(zh=f"名额现为{row.total}。", en=f"the total is {row.total} now.")
    await change_total(row.id, total=proposal["total"], is_open=proposal["is_open"])
    return None, {}


async def _loan(_: Runtime, change: SceneChange, actor: str, at: datetime) -> Applied:
    proposal: Any = change.proposal
    lender, borrower = UUID(proposal["lender"]), UUID(proposal["borrower"])
    loan = await lend_share(lender, borrower, proposal["units"], actor=actor, at=at)
    return None, {"loan": str(loan.id)}


async def _return(_: Runtime, change: SceneChange, actor: str, at: datetime) -> Applied:
    proposal: Any = change.proposal
    await take_back_share(UUID(proposal["loan"]), proposal["units"], actor=actor, at=at)
    return None, {}


_APPLIES: dict[str, Apply] = {
    "switch": _switch,
    "manifest": _manifest,
    "quota": _quota,
    "loan": _loan,
    "return": _return,
}
