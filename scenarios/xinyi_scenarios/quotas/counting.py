"""Take and give back what quotas hold; the conditional UPDATE is what decides a race.

Units and money (fen), the whole scene, a district or a merchant: every row is counted by the same two statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform.database import current_connection, is_postgres, transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import Conflict, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_scenarios.quotas.models import Quota
from xinyi_scenarios.quotas.needs import UNITS, QuotaKey


class QuotaBelowUse(Conflict):
    """A total cannot fall below what is used. Values: `total`, `used`."""

    code = "quota_below_use"
    text = Text("名额不能低于已使用数量({used})。", "The total cannot fall below the {used} already used.")


@dataclass(frozen=True, slots=True)
class QuotaView:
    """One quota as it stood when it was read; in units, or in fen."""

    id: UUID
    scenario: str
    measure: str
    scope: str
    period: str
    total: int
    used: int
    is_open: bool

    @property
    def key(self) -> QuotaKey:
        return QuotaKey(self.measure, self.scope, self.period)

    @property
    def left(self) -> int:
        return self.total - self.used if self.is_open else 0


async def quota_for(scenario: str, period: str, *, measure: str = UNITS, scope: str = "") -> QuotaView | None:
    """Return a scene's quota in a period, or None where none has been opened yet."""
    found = await Quota.get_or_none(scenario=scenario, period=period, measure=measure, scope=scope)
    return _view(found) if found else None


async def open_quota(scenario: str, period: str, *, total: int, at: datetime) -> QuotaView:
    """Return a scene's quota in a period, making it with `total` units when it is the first time it is asked for."""
    key = QuotaKey(UNITS, "", period)
    return (await open_quotas(scenario, {key: total}, at=at))[key]


async def open_quotas(scenario: str, totals: Mapping[QuotaKey, int], *, at: datetime) -> dict[QuotaKey, QuotaView]:
    """Return a scene's quotas by key, making those with their total that are asked for the first time."""
    found = await _find(scenario, totals)
    missing = [key for key in totals if key not in found]
    if missing:
        await bulk_insert(Quota, [_row(scenario, key, totals[key], at) for key in missing], skip_conflicts=True)
        found = await _find(scenario, totals)
    return found


async def read_quotas(ids: Iterable[UUID]) -> dict[UUID, QuotaView]:
    """Return quotas by id as they stand."""
    return {row.id: _view(row) for row in await Quota.filter(id__in=list(ids))}


async def _find(scenario: str, wanted: Iterable[QuotaKey]) -> dict[QuotaKey, QuotaView]:
    keys = set(wanted)
    rows = await Quota.filter(scenario=scenario, period__in=list({key.period for key in keys}))
    views = (_view(row) for row in rows)
    return {view.key: view for view in views if view.key in keys}


def _row(scenario: str, key: QuotaKey, total: int, at: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "scenario": scenario,
        "measure": key.measure,
        "scope": key.scope,
        "period": key.period,
        "total": total,
        "used": 0,
        "is_open": True,
        "created_at": at,
    }


async def take_units(quota_id: UUID, units: int) -> bool:
    """Take units in the caller's transaction; False where the quota is closed or has fewer left. Call it last."""
    return await _update("used = used + {0}", "used + {0} <= total AND is_open = {1}", quota_id, units, _flag(True))


async def release_units(quota_id: UUID, units: int = 1) -> None:
    """Give units back in the caller's transaction."""
    await Quota.filter(id=quota_id).update(used=F("used") - units)


async def change_total(quota_id: UUID, *, total: int, is_open: bool) -> QuotaView:
    """Set a quota's total and whether it is open. Raises QuotaBelowUse (409) and NotFound (404)."""
    async with transaction():
        changed = await Quota.filter(id=quota_id, used__lte=total).update(total=total, is_open=is_open)
        found = await Quota.get_or_none(id=quota_id)
        if found is None:
            raise NotFound
        if not changed:
            raise QuotaBelowUse(total=total, used=found.used)
    return _view(found)


async def move_total(quota_id: UUID, units: int) -> bool:
    """Add units to a total, or take them off where they are not used, in the caller's transaction; False where not."""
    return await _update("total = total + {0}", "used <= total + {0}", quota_id, units)


async def _update(change: str, condition: str, quota_id: UUID, *values: object) -> bool:
    """Run `UPDATE quota … WHERE id AND condition`; Tortoise's filter cannot compare two columns in an update."""
    postgres = is_postgres()
    kinds = ["boolean" if isinstance(value, bool) else "bigint" for value in values]
    marks = [f"${place}::{kind}" if postgres else f"?{place}" for place, kind in enumerate(kinds, 1)]
    identity = f"${len(values) + 1}" if postgres else f"?{len(values) + 1}"
    sql = (
        f"UPDATE quota SET {change.format(*marks)} "  # noqa: S608 -- marks only, values are bound
        f"WHERE {condition.format(*marks)} AND id = {identity}"
    )
    count, _ = await current_connection().execute_query(sql, [*values, quota_id if postgres else str(quota_id)])
    return count == 1


def _flag(value: bool) -> object:
    return value if is_postgres() else int(value)


def _view(row: Quota) -> QuotaView:
    return QuotaView(row.id, row.scenario, row.measure, row.scope, row.period, row.total, row.used, row.is_open)
