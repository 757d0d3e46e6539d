"""Proposals to revoke as staff read them: those that wait in an area, and the last one about an entry."""

from __future__ import annotations

from uuid import UUID

from tortoise.queryset import QuerySet

from xinyi_platform.errors import NotFound
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of
from xinyi_rewards.honor_lists.kinds import list_kinds
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.revocations.models import Revocation

_AREA = "entry__honor_list__division"


async def waiting_in(staff: Staff, *, limit: int = 200) -> list[Revocation]:
    """Return the proposals of an area that wait, with their entries and lists, by their day."""
    return await _by_day(area_of(staff).bind(Revocation.filter(state="proposed"), _AREA), limit)


async def decidable_by(staff: Staff, *, limit: int) -> list[Revocation]:
    """Return the proposals of an area that a member of staff may decide: another's, of a kind that she reviews."""
    kinds = [slug for slug, kind in list_kinds().items() if kind.may_review(staff.roles)]
    others = Revocation.filter(state="proposed", entry__kind__in=kinds).exclude(proposed_person=staff.person)
    return await _by_day(area_of(staff).bind(others, _AREA), limit)


async def _by_day(rows: QuerySet[Revocation], limit: int) -> list[Revocation]:
    return await rows.order_by("decide_by", "proposed_at").limit(limit).prefetch_related("entry__honor_list")


async def entry_in(staff: Staff, entry_id: UUID) -> HonorEntry:
    """Return an entry of an area. Raises NotFound (404)."""
    entry = await area_of(staff).bind(HonorEntry.filter(id=entry_id), "honor_list__division").first()
    if entry is None:
        raise NotFound
    return entry


async def newest_about(entry_id: UUID) -> Revocation | None:
    """Return the newest proposal about an entry."""
    return await Revocation.filter(entry_id=entry_id).order_by("-proposed_at").first()
