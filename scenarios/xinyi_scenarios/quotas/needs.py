"""What one claim needs of a scene's quotas and budget: every row that it takes from, in the one order for all.

The order is total over the rows of a scene, the row that everybody wants last; so transactions that take several
rows never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_scenarios.manifests import Manifest
from xinyi_scenarios.manifests.schema import Limit
from xinyi_scenarios.quotas.periods import period_of

UNITS, FEN = "units", "fen"


@dataclass(frozen=True, slots=True)
class QuotaKey:
    """Which row of a scene: units or fen, the whole scene (empty) or a part of it, and the period."""

    measure: str
    scope: str
    period: str


@dataclass(frozen=True, slots=True)
class Need:
    """What a claim takes from one row, and the total that the row begins with."""

    key: QuotaKey
    amount: int
    total: int


@dataclass(frozen=True, slots=True)
class Hold:
    """What an entitlement holds of one row besides the scene's main quota."""

    quota_id: UUID
    measure: str
    amount: int

    def stored(self) -> dict[str, object]:
        return {"quota": str(self.quota_id), "measure": self.measure, "amount": self.amount}


def hold_from(stored: dict[str, object]) -> Hold:
    """Return a hold as an entitlement keeps it."""
    return Hold(UUID(str(stored["quota"])), str(stored["measure"]), int(str(stored["amount"])))


def has_districts(scene: Manifest) -> bool:
    """Tell whether a claim's needs depend on where the resident lives."""
    budget = scene.budget.limits if scene.budget else []
    return any(limit.per == "district" for limit in (*scene.quota.limits, *budget))


def main_key(scene: Manifest, at: datetime) -> QuotaKey:
    """Return the key of the scene's own quota, which every claim takes last."""
    return QuotaKey(UNITS, "", period_of(scene.quota.period, at))


def needs_of(scene: Manifest, *, district: str, at: datetime) -> list[Need]:
    """Return what a claim by somebody of a district needs, in the order in which it is taken; the main quota last.

    `district` is a six-digit division code, or empty where it is not known.
    """
    main = Need(main_key(scene, at), 1, scene.quota.total)
    needs = [*_limits(scene.quota.limits, UNITS, 1, district, at)]
    if scene.budget and scene.gives.worst_fen:
        worst = scene.gives.worst_fen
        needs += _limits(scene.budget.limits, FEN, worst, district, at)
        needs.append(Need(QuotaKey(FEN, "", period_of(scene.budget.period, at)), worst, scene.budget.total_fen))
    return [*sorted(needs, key=lambda need: rank_of(need.key)), main]


def merchant_needs(scene: Manifest) -> list[dict[str, object]]:
    """Return the limits that count where it is used, as they are kept with what was promised."""
    budget = scene.budget.limits if scene.budget else []
    both = [(UNITS, limit) for limit in scene.quota.limits] + [(FEN, limit) for limit in budget]
    return [
        {"measure": measure, "period": limit.period, "total": limit.total}
        for measure, limit in both
        if limit.per == "merchant"
    ]


def rank_of(key: QuotaKey) -> tuple[bool, str, str, str]:
    """Return where a row stands in the order of taking, the main quota apart: parts of the city before all of it."""
    return (key.scope == "", key.measure, key.scope, key.period)


def _limits(limits: Iterable[Limit], measure: str, amount: int, district: str, at: datetime) -> Iterator[Need]:
    for limit in limits:
        if limit.per == "merchant":
            continue
        scope = f"district:{district}" if limit.per == "district" else ""
        total = limit.shares.get(district, limit.total) if limit.per == "district" else limit.total
        yield Need(QuotaKey(measure, scope, period_of(limit.period, at)), amount, total)
