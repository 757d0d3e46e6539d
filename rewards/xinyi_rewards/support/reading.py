"""Support as shops, staff and the public see it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.functions import Count, Sum

from xinyi_merchants.registry import MerchantFacts, list_merchants
from xinyi_platform.divisions import divisions
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.support.models import SupportGrant, SupportQuota, SupportUse
from xinyi_rewards.support.policy import SupportPolicy, support_policies

MOST_PROMOTED = 100


@dataclass(frozen=True, slots=True)
class PolicyNumbers:
    """How one policy stands: its quota, and in one's area the grants by state and what was used (fen)."""

    policy: SupportPolicy
    taken: int
    by_state: dict[str, int]
    used_fen: int


async def support_of(merchant_id: UUID) -> list[SupportGrant]:
    """Return a shop's support, the newest first and in the catalogue's order."""
    places = {slug: place for place, slug in enumerate(support_policies())}
    rows = await everywhere(SupportGrant).filter(merchant_id=merchant_id).limit(200)
    return sorted(rows, key=lambda row: (-row.starts_on.toordinal(), places.get(row.policy, len(places))))


async def uses_of(grant_ids: list[UUID]) -> dict[UUID, list[SupportUse]]:
    """Return the uses of grants, the newest first."""
    found: dict[UUID, list[SupportUse]] = {grant_id: [] for grant_id in grant_ids}
    for use in await SupportUse.filter(grant_id__in=grant_ids).order_by("-used_at"):
        found[use.grant_id].append(use)
    return found


async def numbers_for(staff: Staff) -> list[PolicyNumbers]:
    """Return how each policy stands, the grants those of a member of staff's area."""
    taken: dict[str, int] = dict(await SupportQuota.all().values_list("policy", "used"))
    mine = area_of(staff).bind(SupportGrant.all())
    rows = (
        await mine.annotate(n=Count("id"), fen=Sum("used_fen"))
        .group_by("policy", "state")
        .values("policy", "state", "n", "fen")
    )
    return [
        PolicyNumbers(
            policy,
            taken.get(slug, 0),
            {row["state"]: row["n"] for row in rows if row["policy"] == slug},
            sum(int(row["fen"] or 0) for row in rows if row["policy"] == slug),
        )
        for slug, policy in support_policies().items()
    ]


async def promoted(*, on: date, division: str = "") -> list[MerchantFacts]:
    """Return the shops that are promoted on a day in a division, up to a hundred, in that day's order.

    The order is by the SHA-256 of day and shop: nobody buys a place, and everybody is first on some day.
    """
    slugs = [policy.slug for policy in support_policies().values() if policy.kind == "promotion"]
    rows = everywhere(SupportGrant).filter(policy__in=slugs, state="granted", starts_on__lte=on, ends_on__gte=on)
    if division:
        rows = rows.filter(division__startswith=division)
    ids: list[UUID] = await rows.values_list("merchant_id", flat=True)  # type: ignore[assignment]
    first = sorted(set(ids), key=lambda shop: hashlib.sha256(f"{on}|{shop}".encode()).hexdigest())[:MOST_PROMOTED]
    shops = {shop.id: shop for shop in await list_merchants(first)}
    return [shops[shop] for shop in first if shop in shops and shops[shop].status == "open"]


@dataclass(frozen=True, slots=True)
class Place:
    """A district with its communities, or a community with its shops: what a reader finds instead of a map."""

    code: str
    name: Text
    places: list[Place]
    shops: list[MerchantFacts]


def by_place(shops: Iterable[MerchantFacts]) -> list[Place]:
    """Return shops by district and community, in each of them in the given order."""
    districts: dict[str, Place] = {}
    found: dict[str, Place] = {}
    for shop in sorted(shops, key=lambda one: one.division):
        district = districts.setdefault(shop.division[:6], _place(shop.division[:6]))
        if shop.division not in found:
            found[shop.division] = _place(shop.division)
            district.places.append(found[shop.division])
        found[shop.division].shops.append(shop)
    return list(districts.values())


def _place(code: str) -> Place:
    return Place(code, divisions()[code].name if code in divisions() else Text(code, code), [], [])
