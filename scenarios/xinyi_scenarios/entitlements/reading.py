"""Look at entitlements: the resident's own, as structs for the API and the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from xinyi_platform.errors import NotFound
from xinyi_platform.schemas import Answer
from xinyi_scenarios.entitlements.models import Entitlement


class EntitlementAnswer(Answer, kw_only=True, frozen=True):
    """One entitlement. `code` can be typed at a shop; times are UTC; `reserved_until` is set while pending."""

    id: UUID
    code: str
    scenario: str
    version: int
    state: str
    benefit: dict[str, object]
    created_at: datetime
    issued_at: datetime | None
    reserved_until: datetime | None
    valid_until: datetime
    reason: str


async def redeemed_among(ids: Sequence[UUID]) -> set[UUID]:
    """Return which of some entitlements are used."""
    used = Entitlement.filter(id__in=list(ids), state="redeemed")
    found: list[UUID] = await used.values_list("id", flat=True)  # type: ignore[assignment]
    return set(found)


async def ended_unused_among(ids: Sequence[UUID]) -> set[UUID]:
    """Return which of some entitlements ended without being used: given back, run out or withdrawn."""
    over = Entitlement.filter(id__in=list(ids), state__in=("cancelled", "expired", "withdrawn"))
    found: list[UUID] = await over.values_list("id", flat=True)  # type: ignore[assignment]
    return set(found)


async def my_entitlements(resident_id: UUID, *, limit: int = 100) -> list[EntitlementAnswer]:
    """Return a resident's entitlements, newest first."""
    rows = await Entitlement.filter(resident_id=resident_id).order_by("-created_at").limit(limit)
    return [answer_of(row) for row in rows]


async def my_entitlement(resident_id: UUID, entitlement_id: UUID) -> EntitlementAnswer:
    """Return one of a resident's own entitlements. Raises NotFound (404), also for another person's."""
    row = await Entitlement.get_or_none(id=entitlement_id, resident_id=resident_id)
    if row is None:
        raise NotFound
    return answer_of(row)


async def entitlement_by_code(code: str) -> EntitlementAnswer:
    """Return the entitlement behind a public code. Raises NotFound (404)."""
    row = await Entitlement.get_or_none(code=code)
    if row is None:
        raise NotFound
    return answer_of(row)


def answer_of(row: Entitlement) -> EntitlementAnswer:
    """Return a row as it is told to its holder."""
    return EntitlementAnswer(**{name: getattr(row, name) for name in EntitlementAnswer.__struct_fields__})


def answer_from(values: Mapping[str, Any]) -> EntitlementAnswer:
    """Return a row that is just being inserted as it is told to its holder."""
    return EntitlementAnswer(**{name: values[name] for name in EntitlementAnswer.__struct_fields__})
