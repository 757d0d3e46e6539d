"""Campaigns as policies of rewards: what runs gives what a policy of the file gives, by the same mechanism."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import cast
from uuid import UUID

from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.campaigns.models import Campaign
from xinyi_rewards.honor_lists.kinds import ListKind, red_kinds
from xinyi_rewards.rewards.policy import Minors, RewardPolicy, reward_policies
from xinyi_scenarios.manifests import Catalogue

_PREFIX = "campaign"
_HEX = 32


def slug_of(campaign_id: UUID) -> str:
    """Return the policy's slug of a campaign: forty characters, as many as a grant keeps."""
    return f"{_PREFIX}{campaign_id.hex}"


def campaign_of(slug: str) -> UUID | None:
    """Return the campaign behind a policy's slug, or None for a policy of the file."""
    number = slug.removeprefix(_PREFIX)
    return UUID(hex=number) if slug.startswith(_PREFIX) and len(number) == _HEX else None


def kinds_for_residents() -> dict[str, ListKind]:
    """Return the kinds of red lists on which residents can be, by slug."""
    return {kind.slug: kind for kind in red_kinds() if kind.subjects != "merchant"}


def worth_of(runtime: Runtime, scene: str) -> int | None:
    """Return what a unit of a scene costs at worst, in fen, as its own budget counts it; None: it has no bound.

    Raises NotFound (404) for a scene that is not there.
    """
    return runtime.part(Catalogue).get(scene).gives.worst_fen


async def campaign_policies(*, on: date) -> list[RewardPolicy]:
    """Return what the campaigns give that run on a day, the oldest first."""
    running = everywhere(Campaign).filter(state="approved", first_on__lte=on, last_on__gte=on)
    return [_policy(row) for row in await running.order_by("made_at", "id")]


async def campaign_policy(campaign_id: UUID) -> RewardPolicy | None:
    """Return what a campaign gives on its days, or None where it was stopped, is over, or never was approved."""
    row = await everywhere(Campaign).get_or_none(id=campaign_id, state="approved")
    return _policy(row) if row else None


async def campaign_behind(campaign_id: UUID) -> RewardPolicy | None:
    """Return what a campaign gave, whatever has become of it."""
    row = await everywhere(Campaign).get_or_none(id=campaign_id)
    return _policy(row) if row else None


async def campaign_titles(slugs: Iterable[str]) -> dict[str, str]:
    """Return the title by policy slug for those that are campaigns'."""
    ids = [found for slug in slugs if (found := campaign_of(slug)) is not None]
    return {slug_of(row.id): row.title for row in await everywhere(Campaign).filter(id__in=ids)}


def _policy(row: Campaign) -> RewardPolicy:
    return RewardPolicy(
        slug=slug_of(row.id),
        kinds=[kind for kind in row.kinds if kind in kinds_for_residents()],
        scene=row.scenario,
        stands_for=_stands_for(row.scenario),
        minors=cast(Minors, row.minors),
        once_a_household=row.once_a_household,
        from_day=row.first_on,
        to_day=row.last_on,
        division=row.division,
    )


def _stands_for(scene: str) -> list[str]:
    """Return what a list stands in for by the file's policy of the same scene; nothing where there is none."""
    return next((policy.stands_for for policy in reward_policies().values() if policy.scene == scene), [])
