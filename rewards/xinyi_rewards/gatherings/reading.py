"""Gatherings as residents and staff see them, and what they reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Case, When
from tortoise.functions import Count, Sum

from xinyi_platform.divisions import division_name
from xinyi_platform.identity import resident_basics
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.gatherings.models import Gathering, GatheringGuest

MOST_SHOWN = 200
PAGE_SIZE = 50
_DISTRICT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Seen:
    """A gathering with how many came by code, and the caller's own place (None: she holds none)."""

    row: Gathering
    came: int
    mine: GatheringGuest | None = None

    @property
    def where(self) -> Text:
        return division_name(self.row.division)

    @property
    def left(self) -> int:
        return self.row.capacity - self.row.taken


@dataclass(frozen=True, slots=True)
class Reached:
    """What the gatherings of an area that were held reached."""

    held: int
    communities: int
    came: int
    materials: int


async def upcoming(resident_id: UUID, *, at: datetime, page: int = 1) -> list[Seen]:
    """Return one page (50) of what is still to come: her own district first, and in it the next first."""
    rows = Gathering.filter(state="planned", ends_at__gt=at)
    # Texts, since that is what PostgreSQL takes a parameter without a type for.
    near = Case(When(division__startswith=await _district_of(resident_id), then="1"), default="2")
    ordered = rows.annotate(near=near).order_by("near", "starts_at", "id")
    shown = await ordered.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    held = await GatheringGuest.filter(resident_id=resident_id, gathering_id__in=[row.id for row in shown])
    mine = {place.gathering_id: place for place in held}
    return [Seen(row, 0, mine.get(row.id)) for row in shown]


async def own_besides(resident_id: UUID, shown: Sequence[Seen]) -> list[Seen]:
    """Return what a resident signed up for or came to and what is not shown yet, the newest first."""
    others = GatheringGuest.filter(resident_id=resident_id).exclude(gathering_id__in=[one.row.id for one in shown])
    places = await others.select_related("gathering").order_by("-gathering__starts_at", "-id").limit(MOST_SHOWN)
    return [Seen(place.gathering, 0, place) for place in places]


async def _district_of(resident_id: UUID) -> str:
    """Return the code of the district in which somebody lives; empty where it is not known."""
    found = await resident_basics([resident_id])
    return found[resident_id].division[:_DISTRICT_DIGITS] if resident_id in found else ""


async def gatherings_of(staff: Staff) -> list[Seen]:
    """Return the gatherings of the area, the newest first."""
    rows = await area_of(staff).bind(Gathering.all()).order_by("-starts_at").limit(MOST_SHOWN)
    return await with_numbers(rows)


async def with_numbers(rows: Sequence[Gathering]) -> list[Seen]:
    """Return gatherings with how many came by code."""
    came = GatheringGuest.filter(gathering_id__in=[row.id for row in rows], attended_at__isnull=False)
    counted = await came.annotate(n=Count("id")).group_by("gathering_id").values_list("gathering_id", "n")
    numbers: dict[UUID, int] = dict(counted)
    return [Seen(row, numbers.get(row.id, 0)) for row in rows]


async def reached_in(staff: Staff) -> Reached:
    """Return what was reached in the area."""
    held = area_of(staff).bind(Gathering.filter(state="done"))
    rows = (
        await held.annotate(n=Count("id"), heads_=Sum("heads"), handed=Sum("materials"))
        .group_by("division")
        .values("n", "heads_", "handed")
    )
    came = area_of(staff).bind(
        everywhere(GatheringGuest).filter(attended_at__isnull=False, gathering__state="done"), "gathering__division"
    )
    return Reached(
        held=sum(row["n"] for row in rows),
        communities=len(rows),
        came=await came.count() + sum(int(row["heads_"] or 0) for row in rows),
        materials=sum(int(row["handed"] or 0) for row in rows),
    )
