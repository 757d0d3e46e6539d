"""Read guardianships: one's own, those that wait for a community's staff, and what rules may know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.identity import resident_basics, resident_profiles
from xinyi_platform.masking import mask_identity_number, mask_name
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of, everywhere


@dataclass(frozen=True, slots=True)
class GuardianshipView:
    """One guardianship with both names masked; `identity` is the ward's masked number."""

    row: Guardianship
    guardian: str
    ward: str
    identity: str


async def guardian_facts(resident_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return for each resident the birth dates of confirmed wards and of those that wait, and whether she has one.

    Three lists' worth of facts by two queries, however many residents there are. Nobody is left out.
    """
    ids = set(resident_ids)
    facts: dict[UUID, dict[str, Any]] = {who: {"wards": [], "waiting": [], "has_guardian": False} for who in ids}
    wards = (
        await everywhere(Guardianship)
        .filter(guardian_id__in=list(ids), slot="live")
        .values_list("guardian_id", "ward_id", "state")
    )
    born = await resident_basics([ward for _, ward, _ in wards]) if wards else {}
    for guardian_id, ward_id, state in wards:
        if ward_id in born:
            facts[guardian_id]["wards" if state == "confirmed" else "waiting"].append(
                born[ward_id].birth_date.isoformat()
            )
    for ward_id in (
        await everywhere(Guardianship)
        .filter(ward_id__in=list(ids), state="confirmed")
        .values_list("ward_id", flat=True)
    ):
        facts[UUID(str(ward_id))]["has_guardian"] = True
    for row in facts.values():
        row["wards"].sort()
        row["waiting"].sort()
    return facts


async def guardians_of(ward_id: UUID) -> list[UUID]:
    """Return the confirmed guardians and carers of somebody, the earliest first."""
    rows = everywhere(Guardianship).filter(ward_id=ward_id, state="confirmed").order_by("asked_at")
    found: list[UUID] = await rows.values_list("guardian_id", flat=True)  # type: ignore[assignment]
    return found


async def wards_of(guardian_id: UUID) -> list[UUID]:
    """Return those whose confirmed guardian or carer somebody is."""
    rows = everywhere(Guardianship).filter(guardian_id=guardian_id, state="confirmed").order_by("asked_at")
    found: list[UUID] = await rows.values_list("ward_id", flat=True)  # type: ignore[assignment]
    return found


async def households(resident_ids: Sequence[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return for each resident her household: herself and all who are tied to her by confirmed guardianships.

    Ties are followed as far as they go; who has none is a household of her own.
    """
    home: dict[UUID, frozenset[UUID]] = {who: frozenset({who}) for who in resident_ids}
    asked = set(home)
    while asked:
        either = Q(guardian_id__in=list(asked)) | Q(ward_id__in=list(asked))
        ties = await everywhere(Guardianship).filter(either, state="confirmed").values_list("guardian_id", "ward_id")
        asked = {who for tie in ties for who in tie} - set(home)
        home |= {who: frozenset({who}) for who in asked}
        for one, other in ties:
            together = home[one] | home[other]
            home |= dict.fromkeys(together, together)
    return {who: home[who] for who in resident_ids}


async def my_guardianships(runtime: Runtime, resident_id: UUID) -> list[GuardianshipView]:
    """Return those in which she is guardian or ward, newest first."""
    mine = Guardianship.filter(guardian_id=resident_id).order_by("-asked_at").limit(100)
    others = Guardianship.filter(ward_id=resident_id).order_by("-asked_at").limit(100)
    return await _views(runtime, sorted([*await mine, *await others], key=lambda row: row.asked_at, reverse=True))


async def waiting_guardianships(runtime: Runtime, staff: Staff) -> list[GuardianshipView]:
    """Return those that wait in the area of a member of staff, oldest first."""
    waiting = area_of(staff).bind(Guardianship.filter(state="asked"))
    return await _views(runtime, await waiting.order_by("asked_at").limit(200))


async def _views(runtime: Runtime, rows: Sequence[Guardianship]) -> list[GuardianshipView]:
    people = await resident_profiles(runtime, [who for row in rows for who in (row.guardian_id, row.ward_id)])
    names = {who: mask_name(person.name) for who, person in people.items()}
    numbers = {who: mask_identity_number(person.identity_number) for who, person in people.items()}
    return [
        GuardianshipView(
            row, names.get(row.guardian_id, "*"), names.get(row.ward_id, "*"), numbers.get(row.ward_id, "*")
        )
        for row in rows
    ]
