"""Supervisors read classes of their area; every look stands in the audit trail."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.functions import Count
from tortoise.queryset import QuerySet

from xinyi_merchants.risk_classes.classifying import COLOURS
from xinyi_merchants.risk_classes.models import Inspection, RiskClass, RiskClassChange
from xinyi_platform import audit
from xinyi_platform.errors import NotFound
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of classes, the heaviest first, and how many there are of each colour."""

    rows: list[RiskClass]
    counts: dict[str, int]
    total: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """A merchant's class with its history and inspections, the newest first."""

    held: RiskClass
    changes: list[RiskClassChange]
    inspections: list[Inspection]


def _area(staff: Staff) -> QuerySet[RiskClass]:
    return area_of(staff).bind(RiskClass.all())


async def list_classes(staff: Staff, *, colour: str = "", trade: str = "", page: int = 1, at: datetime) -> Listed:
    """List the area's classes; unknown filters are left out."""
    rows = _area(staff)
    rows = rows.filter(trade=trade) if trade else rows
    counted = await rows.annotate(number=Count("id")).group_by("colour").values_list("colour", "number")
    counts = Counter({name: int(number) for name, number in counted})
    chosen = rows.filter(colour=colour) if colour in COLOURS else rows
    shown = await chosen.order_by("-points", "id").offset((max(page, 1) - 1) * PAGE_ROWS).limit(PAGE_ROWS)
    detail = {"colour": colour, "trade": trade, "page": page, "shown": len(shown)}
    await audit.record(
        "risk_class.list", actor=staff.label, object_kind="division", object_id=staff.division, detail=detail, at=at
    )
    total = counts[colour] if colour in COLOURS else counts.total()
    return Listed(shown, {name: counts[name] for name in COLOURS}, total)


async def read_dossier(staff: Staff, merchant_id: UUID, *, at: datetime) -> Dossier:
    """Return one merchant's class with its reasons. Raises NotFound (404) also outside the area."""
    held = await _area(staff).filter(merchant_id=merchant_id).first()
    if held is None:
        raise NotFound
    await audit.record(
        "risk_class.read", actor=staff.label, object_kind="merchant", object_id=merchant_id, detail={}, at=at
    )
    changes = await RiskClassChange.filter(merchant_id=merchant_id).order_by("-at").limit(50)
    inspections = await Inspection.filter(merchant_id=merchant_id).order_by("-day").limit(50)
    return Dossier(held, changes, inspections)
