"""Draw shops to inspect (双随机): the likelier the higher the class, never impossible for the lowest, and repeatable.

Each candidate holds as many lots as its class weighs; a lot's number is the SHA-256 of seed, shop and lot. The shops
with the smallest numbers are drawn. Whoever has the seed and the candidates gets the same shops, with any tool.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.registry.trades import TRADES
from xinyi_merchants.risk_classes.models import InspectionDraw, RiskClass
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of

WEIGHTS: Mapping[str, int] = {"green": 1, "yellow": 2, "orange": 4, "red": 8}
UNCLASSED = "yellow"
"""A shop that was not classed yet is drawn as an ordinary one."""
MOST_DRAWN = 500
_RELIEVED = "-relieved"


def draw_lots(
    candidates: Sequence[tuple[str, str]], number: int, *, seed: str, weights: Mapping[str, int] = WEIGHTS
) -> list[str]:
    """Return the shops that are drawn from (id, class) pairs, in the order of their lots."""
    numbered = sorted((_lowest(seed, shop, weights[colour]), shop) for shop, colour in candidates)
    return [shop for _, shop in numbered[:number]]


def _lowest(seed: str, shop: str, lots: int) -> str:
    return min(hashlib.sha256(f"{seed}|{shop}|{lot}".encode()).hexdigest() for lot in range(lots))


Relief = Callable[[list[UUID], date], Awaitable[set[UUID]]]
"""Which of some shops hold half the lots of their class on a day; a feature that knows puts one into the runtime."""


@dataclass(frozen=True, slots=True)
class InspectionRelief:
    """The runtime's part that tells who is relieved."""

    of: Relief


def lots_of(weights: Mapping[str, int]) -> dict[str, int]:
    """Return the lots by class, and by class of a relieved shop: half as many, and never none (不免抽)."""
    return {colour: lots * 2 for colour, lots in weights.items()} | {
        f"{colour}{_RELIEVED}": lots for colour, lots in weights.items()
    }


async def draw_inspections(
    staff: Staff, *, number: int, trade: str = "", now: datetime, relief: InspectionRelief | None = None
) -> InspectionDraw:
    """Draw open shops of the staff's area, of one trade or of all. Raises InvalidField (400) and NotFound (404)."""
    if not 1 <= number <= MOST_DRAWN:
        raise InvalidField(field="number", zh=f"请填写1–{MOST_DRAWN}。", en=f"Enter 1 to {MOST_DRAWN}.")
    if trade and trade not in TRADES:
        raise InvalidField(field="trade", zh="请选择行业。", en="Choose a trade.")
    shops = area_of(staff).bind(Merchant.filter(status="open"))
    ids: list[Any] = await (shops.filter(trade=trade) if trade else shops).order_by("id").values_list("id", flat=True)
    if not ids:
        raise NotFound
    classed = area_of(staff).bind(RiskClass.all()).values_list("merchant_id", "colour")
    colours: dict[UUID, str] = dict(await classed)
    spared = await relief.of(ids, local_date(now)) if relief else set()
    candidates = [(str(shop), colours.get(shop, UNCLASSED) + (_RELIEVED if shop in spared else "")) for shop in ids]
    weights = lots_of(WEIGHTS)
    seed = secrets.token_hex(32)
    async with transaction():
        made = await InspectionDraw.create(
            id=new_id(), division=staff.division, trade=trade, seed=seed, weights=weights,
            candidates=[list(pair) for pair in candidates],
            drawn=draw_lots(candidates, number, seed=seed, weights=weights),
            drawn_by=staff.id, drawn_at=now,
        )  # fmt: skip
        await audit.record(
            "inspection.draw", actor=staff.label, object_kind="inspection_draw", object_id=made.id,
            detail={"asked": number, "drawn": len(made.drawn), "of": len(candidates), "seed": seed}, at=now,
        )  # fmt: skip
    return made


def is_right(draw: InspectionDraw) -> bool:
    """Repeat a draw from what is stored of it and tell whether it gives the same shops."""
    candidates = [(shop, colour) for shop, colour in draw.candidates]
    return draw_lots(candidates, len(draw.drawn), seed=draw.seed, weights=draw.weights) == draw.drawn
