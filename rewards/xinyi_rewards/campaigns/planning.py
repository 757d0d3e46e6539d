"""Plan a campaign: what of which scene, for whom and where, on which days, and how much of it at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, get_args
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.divisions import is_division
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_rewards.campaigns.errors import CampaignChanged, OnlyItsPlanner
from xinyi_rewards.campaigns.models import Campaign
from xinyi_rewards.campaigns.offering import kinds_for_residents, worth_of
from xinyi_rewards.campaigns.states import advance
from xinyi_rewards.rewards.policy import Minors
from xinyi_scenarios.manifests import Catalogue, Manifest

MOST_UNITS = 1_000_000
MOST_FEN = 10_000_000_000
"""A hundred million yuan: whatever is more was mistyped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is planned. `scene` is a slug, `kinds` are those of red lists; days are local and included."""

    division: str
    title: str
    why: str
    kinds: list[str]
    scene: str
    first_on: date
    last_on: date
    units: int
    budget_fen: int
    minors: str
    once_a_household: bool


def scenes_to_give(runtime: Runtime) -> list[Manifest]:
    """Return the scenes whose cost has a bound, so that a budget can hold it."""
    return [scene for scene in runtime.part(Catalogue).everything() if scene.gives.worst_fen is not None]


async def plan_campaign(runtime: Runtime, staff: Staff, plan: Plan, *, at: datetime) -> Campaign:
    """Begin a campaign as a draft. Raises InvalidField (400)."""
    values = _checked(runtime, staff, plan, at)
    async with transaction():
        made = await Campaign.create(
            id=new_id(),
            state="draft",
            maker_id=staff.id,
            maker_person=staff.person,
            made_at=at,
            changed_at=at,
            **values,
        )
        await record("plan", made.id, staff.label, at, units=plan.units, budget_fen=plan.budget_fen)
    return made


async def edit_campaign(runtime: Runtime, campaign_id: UUID, staff: Staff, plan: Plan, *, at: datetime) -> None:
    """Change one's own draft.

    Raises NotFound (404), InvalidField (400), OnlyItsPlanner (403), TransitionForbidden and CampaignChanged (409).
    """
    row = await own_campaign(campaign_id, staff)
    values = _checked(runtime, staff, plan, at)
    async with transaction():
        await move(row, "edit", at=at, **values)
        await record("edit", row.id, staff.label, at, units=plan.units, budget_fen=plan.budget_fen)


async def find_campaign(campaign_id: UUID, staff: Staff) -> Campaign:
    """Return a campaign of the area. Raises NotFound (404)."""
    found = await area_of(staff).bind(Campaign.filter(id=campaign_id)).first()
    if found is None:
        raise NotFound
    return found


async def own_campaign(campaign_id: UUID, staff: Staff) -> Campaign:
    """Return a campaign that the caller planned, by whichever account. Raises NotFound (404), OnlyItsPlanner (403)."""
    found = await find_campaign(campaign_id, staff)
    if found.maker_person != staff.person:
        raise OnlyItsPlanner
    return found


async def move(row: Campaign, event: str, *, at: datetime, **values: Any) -> None:
    """Take one step of a campaign; joins the caller's transaction.

    Raises TransitionForbidden, and CampaignChanged (409) where somebody else was first.
    """
    state = advance(row.state, event)
    same = Campaign.filter(id=row.id, state=row.state, changed_at=row.changed_at)
    if not await same.update(state=state, changed_at=at, **values):
        raise CampaignChanged


async def record(act: str, campaign_id: UUID, actor: str, at: datetime, **detail: object) -> None:
    """Put an act on the trail; joins the caller's transaction."""
    await audit.record(
        f"campaign.{act}", actor=actor, object_kind="campaign", object_id=campaign_id, detail=detail, at=at
    )


def _checked(runtime: Runtime, staff: Staff, plan: Plan, at: datetime) -> dict[str, Any]:
    """Return a plan as it is kept. Raises InvalidField (400)."""
    for field, text, most in (("title", plan.title, 80), ("why", plan.why, 400)):
        if not 2 <= len(text.strip()) <= most:
            raise InvalidField(field=field, zh=f"应为2–{most}个字符。", en=f"It has 2 to {most} characters.")
    if not (is_division(plan.division) and area_of(staff).covers(plan.division)):
        raise InvalidField(field="division", zh="请选择本辖区。", en="Choose your area or a part of it.")
    if not plan.kinds or not set(plan.kinds) <= set(kinds_for_residents()):
        raise InvalidField(field="kinds", zh="请选择居民红名单种类。", en="Choose kinds of red lists of residents.")
    if plan.minors not in get_args(Minors):
        raise InvalidField(field="minors", zh="请选择未成年人规则。", en="Choose the rule for minors.")
    if not local_date(at) <= plan.first_on <= plan.last_on:
        raise InvalidField(
            field="last_on" if plan.first_on > plan.last_on else "first_on",
            zh="第一天不早于今天,最后一天不早于第一天。",
            en="It begins today or later and ends no earlier than it begins.",
        )
    _check_budget(runtime, plan)
    return {
        "division": plan.division,
        "title": plan.title.strip(),
        "why": plan.why.strip(),
        "kinds": sorted(set(plan.kinds)),
        "scenario": plan.scene,
        "minors": plan.minors,
        "once_a_household": plan.once_a_household,
        "first_on": plan.first_on,
        "last_on": plan.last_on,
        "units": plan.units,
        "budget_fen": plan.budget_fen,
    }


def _check_budget(runtime: Runtime, plan: Plan) -> None:
    try:
        worth = worth_of(runtime, plan.scene)
    except NotFound:
        raise InvalidField(field="scene", zh="请选择场景。", en="Choose a scene.") from None
    if worth is None:
        raise InvalidField(
            field="scene",
            zh="该场景的折扣没有上限,无法计入预算,不能用于活动。",
            en="What this scene costs has no bound, so no budget can hold it; a campaign cannot give it.",
        )
    if not 1 <= plan.units <= MOST_UNITS:
        raise InvalidField(field="units", zh=f"份数应为1–{MOST_UNITS}。", en=f"1 to {MOST_UNITS} units.")
    if plan.budget_fen > MOST_FEN:
        most = MOST_FEN // 100
        raise InvalidField(field="budget", zh=f"预算最多{most:,}元。", en=f"The budget is at most {most:,} yuan.")
    if plan.budget_fen < worth:
        yuan = f"{worth / 100:.2f}"
        raise InvalidField(
            field="budget", zh=f"预算至少应够一份({yuan}元)。", en=f"The budget holds one unit at least ({yuan} yuan)."
        )
