"""Propose a change: it is checked at once, kept with what it was made against, and waits for another person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.quotas import NotEnoughFree, NotTwoShares, QuotaBelowUse
from xinyi_scenarios.quotas.models import Quota, QuotaLoan
from xinyi_scenarios.scene_changes.errors import ManifestRefused, NothingChanges
from xinyi_scenarios.scene_changes.models import SceneChange
from xinyi_scenarios.scene_forms.checking import Faults, find_faults


@dataclass(frozen=True, slots=True)
class Proposer:
    """Who proposes, why, and when."""

    staff: Staff
    reason: str
    at: datetime


def reason_of(text: str) -> str:
    """Return a reason as it is kept. Raises InvalidField (400) where it is missing or too long."""
    if not 1 <= len(text.strip()) <= 400:
        raise InvalidField(field="reason", zh="请填写理由(1–400字)。", en="Give a reason (1 to 400 characters).")
    return text.strip()


async def propose_switch(runtime: Runtime, slug: str, *, on: bool, by: Proposer) -> SceneChange:
    """Propose to run a scene or not to. Raises NotFound (404) and NothingChanges (422)."""
    catalogue = runtime.part(Catalogue)
    catalogue.get(slug)
    if catalogue.is_on(slug) == on:
        raise NothingChanges
    return await _keep(slug, "switch", {"on": on}, {"on": not on}, by)


async def propose_version(runtime: Runtime, slug: str, values: Mapping[str, Any], *, by: Proposer) -> SceneChange:
    """Propose a new version, in the written form; its number is given at the approval.

    Raises NotFound (404), ManifestRefused (422, with every field that is wrong) and NothingChanges (422).
    """
    latest = runtime.part(Catalogue).versions(slug)
    if not latest:
        raise NotFound
    scene, faults = check_version(latest[-1], values, today=local_date(by.at))
    if scene is None or faults:
        rows = [{"field": path, "zh": text.zh, "en": text.en} for path, text in faults.items()]
        raise ManifestRefused(count=len(rows), fields=rows)
    if is_same(latest[-1], scene, today=local_date(by.at)):
        raise NothingChanges
    proposal = {"manifest": msgspec.to_builtins(scene.written())}
    return await _keep(slug, "manifest", proposal, {"version": latest[-1].version}, by)


def check_version(latest: Manifest, values: Mapping[str, Any], *, today: date) -> tuple[Manifest | None, Faults]:
    """Return a proposed version of a scene as it would be read, and what is wrong with it by field."""
    given = {**values, "slug": latest.slug, "version": latest.version}
    return find_faults(given, not_before=max(today, latest.opens_on))


def is_same(latest: Manifest, scene: Manifest, *, today: date) -> bool:
    """Tell whether a version would change nothing; another first day alone is nothing once the last one has begun."""
    opens_on = latest.opens_on if latest.opens_on <= today else scene.opens_on
    return msgspec.structs.replace(scene, opens_on=opens_on) == latest


async def propose_quota(slug: str, quota_id: UUID, *, total: int, is_open: bool, by: Proposer) -> SceneChange:
    """Propose another total for a running quota. Raises NotFound (404), QuotaBelowUse (409), NothingChanges (422)."""
    row = await Quota.get_or_none(id=quota_id, scenario=slug)
    if row is None:
        raise NotFound
    if (row.total, row.is_open) == (total, is_open):
        raise NothingChanges
    if total < row.used:
        raise QuotaBelowUse(total=total, used=row.used)
    where = {"measure": row.measure, "scope": row.scope, "period": row.period}
    proposal = {"quota": str(quota_id), "total": total, "is_open": is_open, **where}
    return await _keep(row.scenario, "quota", proposal, {"total": row.total, "is_open": row.is_open}, by)


async def propose_loan(slug: str, lender_id: UUID, borrower_id: UUID, units: int, *, by: Proposer) -> SceneChange:
    """Propose that one district lends another. Raises NotFound (404), NotTwoShares (422), NotEnoughFree (409)."""
    rows = {row.id: row for row in await Quota.filter(id__in=[lender_id, borrower_id], scenario=slug)}
    if lender_id not in rows or borrower_id not in rows:
        raise NotFound
    lender, borrower = rows[lender_id], rows[borrower_id]
    same = (lender.measure, lender.period) == (borrower.measure, borrower.period)
    if lender_id == borrower_id or not same or not all(row.scope.startswith("district:") for row in rows.values()):
        raise NotTwoShares
    if units > lender.total - lender.used:
        raise NotEnoughFree(free=lender.total - lender.used)
    names = {"from": lender.scope, "to": borrower.scope, "measure": lender.measure, "period": lender.period}
    proposal = {"lender": str(lender_id), "borrower": str(borrower_id), "units": units, **names}
    return await _keep(lender.scenario, "loan", proposal, {}, by)


async def propose_return(slug: str, loan_id: UUID, units: int, *, by: Proposer) -> SceneChange:
    """Propose to take units of a loan back. Raises NotFound (404) and NotEnoughFree (409)."""
    loan = await QuotaLoan.get_or_none(id=loan_id)
    if loan is None:
        raise NotFound
    lender = await Quota.get_or_none(id=loan.lender_id, scenario=slug)
    borrower = await Quota.get_or_none(id=loan.borrower_id)
    if lender is None or borrower is None:
        raise NotFound
    if units > loan.units - loan.returned:
        raise NotEnoughFree(free=loan.units - loan.returned)
    names = {"from": lender.scope, "to": borrower.scope, "measure": lender.measure, "period": lender.period}
    return await _keep(lender.scenario, "return", {"loan": str(loan_id), "units": units, **names}, {}, by)


async def _keep(
    slug: str, kind: str, proposal: Mapping[str, object], base: Mapping[str, object], by: Proposer
) -> SceneChange:
    reason = reason_of(by.reason)
    async with transaction():
        change = await SceneChange.create(
            slug=slug,
            kind=kind,
            proposal=dict(proposal),
            base=dict(base),
            outcome={},
            reason=reason,
            state="proposed",
            maker_id=by.staff.id,
            maker_person=by.staff.person,
            made_at=by.at,
        )
        await audit.record(
            "scene_change.propose",
            actor=by.staff.label,
            object_kind="scene_change",
            object_id=change.id,
            detail={"scenario": slug, "kind": kind, "reason": reason},
            at=by.at,
        )
    return change
