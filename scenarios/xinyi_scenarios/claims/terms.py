"""What a scene gives right now: whether it takes claims, its version, and the rows that each resident's claim needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from xinyi_platform.clock import SHANGHAI, local_date
from xinyi_platform.identity import resident_basics
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.claims.errors import ClaimsClosed, NotOpenNow
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.manifests.schema import Opening
from xinyi_scenarios.quotas import Hold, has_districts, merchant_needs, needs_of, open_quotas


@dataclass(frozen=True, slots=True)
class Terms:
    """A scene's terms at an instant. `holds` is what each resident's claim takes besides the main quota `quota_id`."""

    version: int
    period: str
    quota_id: UUID
    benefit: dict[str, object]
    validity_days: int
    times: int
    holds: Mapping[UUID, tuple[Hold, ...]]


async def terms_of(
    runtime: Runtime, slug: str, resident_ids: Sequence[UUID], *, at: datetime, whatever_hour: bool = False
) -> Terms:
    """Return a scene's terms for residents at an instant, opening the period's quotas at their first use.

    Raises NotFound (404), ClaimsClosed (409) before the scene's first version opens, after its last day and while it
    is switched off, and NotOpenNow (409) outside its hours, which do not bind what is given `whatever_hour`.
    """
    catalogue = runtime.part(Catalogue)
    scene = catalogue.get(slug)
    day = local_date(at)
    if not catalogue.is_on(slug) or scene.opens_on > day or (scene.closes_on is not None and scene.closes_on < day):
        raise ClaimsClosed(scenario=slug)
    if not whatever_hour and not is_open(scene.opening, at):
        raise NotOpenNow(scenario=slug, opens_at=f"{next_opening(scene.opening, at):%Y-%m-%d %H:%M}")
    lives = await _districts(scene, resident_ids)
    needs = {district: needs_of(scene, district=district, at=at) for district in set(lives.values())}
    main = needs[lives[resident_ids[0]]][-1]
    totals = {need.key: need.total for row in needs.values() for need in row}
    quotas = await open_quotas(slug, totals, at=at)
    by_district = {
        district: tuple(Hold(quotas[need.key].id, need.key.measure, need.amount) for need in row[:-1])
        for district, row in needs.items()
    }
    holds = {resident_id: by_district[district] for resident_id, district in lives.items()}
    benefit = scene.benefit()
    if limits := merchant_needs(scene):
        benefit |= {"limits_at_use": limits}
    period, times = main.key.period, scene.quota.per_resident
    return Terms(scene.version, period, quotas[main.key].id, benefit, scene.gives.validity_days, times, holds)


async def _districts(scene: Manifest, resident_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the district of each resident where the scene's limits ask for it, else nothing."""
    if not has_districts(scene):
        return dict.fromkeys(resident_ids, "")
    found = await resident_basics(resident_ids)
    return {
        resident_id: (found[resident_id].division or "")[:6] if resident_id in found else ""
        for resident_id in resident_ids
    }


def is_open(opening: Opening, at: datetime) -> bool:
    """Tell whether an instant lies in a scene's hours."""
    local = at.astimezone(SHANGHAI)
    return local.isoweekday() in opening.weekdays and opening.opens <= f"{local:%H:%M}" < opening.closes


def next_opening(opening: Opening, at: datetime) -> datetime:
    """Return when a scene opens next, in local time; an instant within its hours opens at the next day's begin."""
    local = at.astimezone(SHANGHAI)
    hour, minute = (int(part) for part in opening.opens.split(":"))
    for days in range(8):
        day = local.date() + timedelta(days=days)
        begin = datetime.combine(day, time(hour, minute), SHANGHAI)
        if day.isoweekday() in opening.weekdays and begin > local:
            return begin
    raise ValueError("no weekday")
