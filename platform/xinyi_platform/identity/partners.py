"""Who the partners are, as other rooms may know it: name and scopes, never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from xinyi_platform.identity.models import PartnerClient


@dataclass(frozen=True, slots=True)
class PartnerView:
    """One active partner."""

    id: UUID
    name: str
    kind: str
    scopes: frozenset[str]


async def partners_with(*scopes: str) -> list[PartnerView]:
    """Return the active partners that hold all the scopes, by name. A city has dozens, so all are read."""
    rows = await PartnerClient.filter(active=True).order_by("name")
    return [_view(row) for row in rows if set(scopes) <= set(row.scopes)]


async def partner_names() -> dict[UUID, str]:
    """Return what every partner is called, also those that are no longer active."""
    return {row.id: row.name for row in await PartnerClient.all()}


def _view(row: PartnerClient) -> PartnerView:
    return PartnerView(row.id, row.name, row.kind, frozenset(row.scopes))
