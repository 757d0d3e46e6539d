"""What staff see of the registry: the shops of their area, found by name, code or credit code."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Q

from xinyi_merchants.registry.finding import MOST_CODE_CHARACTERS
from xinyi_merchants.registry.models import Merchant
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import normalise_public_code
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of

PAGE_ROWS = 50
USCC_CHARACTERS = 18


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of shops, and how many there are in all."""

    rows: list[Merchant]
    total: int


async def list_registry(staff: Staff, *, words: str = "", status: str = "", page: int = 1) -> Listed:
    """Return a page of the area's shops by name."""
    rows = area_of(staff).bind(Merchant.all())
    words = words.strip()
    if words:
        rows = rows.filter(_names(words))
    if status:
        rows = rows.filter(status=status)
    shown = rows.order_by("name", "id").offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS)
    return Listed(await shown, await rows.count())


def _names(words: str) -> Q:
    """Return the condition for what was typed; a text longer than a column is no code."""
    found, code = Q(name__icontains=words), normalise_public_code(words)
    if len(words) == USCC_CHARACTERS:
        found |= Q(uscc=words.upper())
    return found | Q(code=code) if len(code) <= MOST_CODE_CHARACTERS else found


async def merchant_of_area(merchant_id: UUID, staff: Staff) -> Merchant:
    """Return a shop of the area. Raises NotFound (404) for any other."""
    row = await area_of(staff).bind(Merchant.filter(id=merchant_id)).first()
    if row is None:
        raise NotFound
    return row
