"""Which honest-merchant awards are valid, for features that give something with one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from xinyi_merchants.registry.models import HonestAward


@dataclass(frozen=True, slots=True)
class Award:
    """A granted award; both days are included."""

    id: UUID
    awarded_on: date
    valid_until: date


async def awards_of(merchant_ids: Collection[UUID], *, on: date) -> dict[UUID, Award]:
    """Return merchants' awards that are valid on a day, of several the one that ends last."""
    valid = HonestAward.filter(
        merchant_id__in=list(merchant_ids), state="granted", awarded_on__lte=on, valid_until__gte=on
    )
    rows = await valid.order_by("valid_until", "id")
    return {row.merchant_id: Award(row.id, row.awarded_on, row.valid_until) for row in rows}


async def valid_awards(merchant_id: UUID, *, on: date) -> list[Award]:
    """Return all of a merchant's awards that are valid on a day, the earliest first: a renewed one may overlap."""
    valid = HonestAward.filter(merchant_id=merchant_id, state="granted", awarded_on__lte=on, valid_until__gte=on)
    return [Award(row.id, row.awarded_on, row.valid_until) for row in await valid.order_by("awarded_on", "id")]


async def was_awarded(merchant_id: UUID) -> bool:
    """Tell whether a merchant has ever had an award, whatever became of it."""
    return await HonestAward.filter(merchant_id=merchant_id).exists()


async def awarded_merchants(*, on: date, after: UUID | None, limit: int) -> list[UUID]:
    """Return the next merchants with an award that is valid on a day, in the order of their ids."""
    valid = HonestAward.filter(state="granted", awarded_on__lte=on, valid_until__gte=on)
    if after is not None:
        valid = valid.filter(merchant_id__gt=after)
    rows = await valid.order_by("merchant_id").distinct().limit(limit).values("merchant_id")
    return [row["merchant_id"] for row in rows]
