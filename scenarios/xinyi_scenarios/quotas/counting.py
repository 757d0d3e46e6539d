"""Take and give back units of a quota; the conditional UPDATE is what decides a race."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform.clock import local_date, local_month
from xinyi_platform.database import current_connection, is_postgres, transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import Conflict, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_scenarios.quotas.models import Quota

EVER = "ever"


class QuotaBelowUse(Conflict):
    """A total cannot fall below what is used. Values: `total`, `used`."""

    code = "quota_below_use"
    text = Text("名额不能低于已使用数量({used})。", "The total cannot fall below the {used} already used.")


@dataclass(frozen=True, slots=True)
class QuotaView:
    """One quota as it stood when it was read."""

    id: UUID
    scenario: str
    period: str
    total: int
    used: int
    is_open: bool

    @property
    def left(self) -> int:
        return self.total - self.used if self.is_open else 0


def period_of(kind: str, at: datetime) -> str:
    """Return the period that an instant falls in: `day` as YYYY-MM-DD, `month` as YYYY-MM (local), else `ever`."""
    if kind == "day":
        return local_date(at).isoformat()
    return local_month(at) if kind == "month" else EVER


async def quota_for(scenario: str, period: str) -> QuotaView | None:
    """Return a scene's quota in a period, or None where none has been opened yet."""
    found = await Quota.get_or_none(scenario=scenario, period=period)
    return _view(found) if found else None


async def open_quota(scenario: str, period: str, *, total: int, at: datetime) -> QuotaView:
    """Return a scene's quota in a period, making it with `total` units when it is the first time it is asked for."""
    found = await quota_for(scenario, period)
    if found is None:
        row = {"id": new_id(), "scenario": scenario, "period": period, "total": total, "used": 0}
        await bulk_insert(Quota, [{**row, "is_open": True, "created_at": at}], skip_conflicts=True)
        found = await quota_for(scenario, period)
    if found is None:
        raise NotFound
    return found


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


async def _update(change: str, condition: str, quota_id: UUID, *values: object) -> bool:
    """Run `UPDATE quota … WHERE id AND condition`; Tortoise's filter cannot compare two columns in an update."""
    postgres = is_postgres()
    marks = [f"${place}" if postgres else f"?{place}" for place in range(1, len(values) + 2)]
    sql = (
        f"UPDATE quota SET {change.format(*marks[:-1])} "  # noqa: S608 -- marks only, values are bound
        f"WHERE {condition.format(*marks[:-1])} AND id = {marks[-1]}"
    )
    identity = quota_id if postgres else str(quota_id)
    count, _ = await current_connection().execute_query(sql, [*values, identity])
    return count == 1


def _flag(value: bool) -> object:
    return value if is_postgres() else int(value)


def _view(row: Quota) -> QuotaView:
    return QuotaView(row.id, row.scenario, row.period, row.total, row.used, row.is_open)
