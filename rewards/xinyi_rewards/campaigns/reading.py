"""Campaigns as anybody and as staff see them, with what is left and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.functions import Count

from xinyi_platform.divisions import division_name
from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.campaigns.models import Campaign, CampaignUse
from xinyi_rewards.campaigns.offering import kinds_for_residents, slug_of, worth_of
from xinyi_rewards.campaigns.states import phase_of
from xinyi_rewards.rewards.reading import not_given
from xinyi_scenarios.manifests import Catalogue

MOST_SHOWN = 200
MINORS = {
    "given": Text("未成年人也可获得", "Minors get it as well"),
    "guardian": Text("未成年人须有社区确认的监护人", "Minors get it where a guardian is confirmed"),
    "none": Text("仅限年满18周岁", "For those of 18 years and more"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A campaign on a day. `worth_fen` is what a unit costs at worst; None where that has no bound any more."""

    row: Campaign
    phase: str
    scene: Text
    worth_fen: int | None

    @property
    def where(self) -> Text:
        return division_name(self.row.division)

    @property
    def kinds(self) -> list[Text]:
        known = kinds_for_residents()
        return [known[kind].name for kind in self.row.kinds if kind in known]

    @property
    def left_fen(self) -> int:
        return int(self.row.budget_fen - self.row.spent_fen)

    @property
    def left(self) -> int:
        """How many more can be given, by units and by money."""
        units = int(self.row.units - self.row.used)
        if self.worth_fen is None:
            return 0
        return min(units, self.left_fen // self.worth_fen) if self.worth_fen else units


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whom a campaign reached, how many units came back, and what was not given, by its reason."""

    residents: int
    returned: int
    not_given: list[tuple[Text, int]]


async def running_campaigns(runtime: Runtime, *, on: date) -> list[Seen]:
    """Return what runs on a day, what ends first at the beginning."""
    rows = everywhere(Campaign).filter(state="approved", first_on__lte=on, last_on__gte=on)
    return seen_on(runtime, await rows.order_by("last_on", "id").limit(MOST_SHOWN), on)


async def campaigns_of(runtime: Runtime, staff: Staff, *, on: date) -> list[Seen]:
    """Return the campaigns of the area, the newest first."""
    rows = await area_of(staff).bind(Campaign.all()).order_by("-made_at", "id").limit(MOST_SHOWN)
    return seen_on(runtime, rows, on)


def seen_on(runtime: Runtime, rows: Sequence[Campaign], on: date) -> list[Seen]:
    """Return campaigns as they stand on a day."""
    return [Seen(row, phase_of(row, on), *_scene(runtime, row.scenario)) for row in rows]


def _scene(runtime: Runtime, slug: str) -> tuple[Text, int | None]:
    try:
        name = runtime.part(Catalogue).get(slug).name
        return Text(name.zh, name.en), worth_of(runtime, slug)
    except NotFound:
        return Text(slug, slug), None


async def numbers_of(campaign_id: UUID) -> Numbers:
    """Return what a campaign of the area has reached."""
    uses = CampaignUse.filter(campaign_id=campaign_id)
    held = uses.filter(returned_at=None).annotate(n=Count("resident_id", distinct=True))
    counted: list[int] = await held.values_list("n", flat=True)  # type: ignore[assignment]
    return Numbers(
        residents=counted[0] if counted else 0,
        returned=await uses.exclude(returned_at=None).count(),
        not_given=await not_given(slug_of(campaign_id)),
    )
