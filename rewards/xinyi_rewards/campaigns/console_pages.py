"""The console's pages of campaigns: planned, reviewed, watched, stopped."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.clock import local_date
from xinyi_platform.divisions import division_name, divisions
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.web import page
from xinyi_rewards.campaigns.deciding import (
    approve_campaign,
    send_campaign_back,
    stop_campaign,
    submit_campaign,
    withdraw_campaign,
)
from xinyi_rewards.campaigns.forms import ActForm, PlanForm, form_of, plan_of
from xinyi_rewards.campaigns.offering import kinds_for_residents
from xinyi_rewards.campaigns.planning import edit_campaign, find_campaign, plan_campaign, scenes_to_give
from xinyi_rewards.campaigns.reading import MINORS, campaigns_of, numbers_of, seen_on
from xinyi_rewards.campaigns.states import MAKERS, NAMES, READERS, REVIEWERS

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
_READ = [Allow(Staff, roles=READERS)]
_MAKE = [Allow(Staff, roles=MAKERS)]
_REVIEW = [Allow(Staff, roles=REVIEWERS)]
_SHOWN_ON_THE_FORM = (400, 409)


class ConsoleCampaignPages(Controller):
    path = "/console/campaigns"
    include_in_schema = False

    @get("/", guards=_READ)
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Staff) -> Template:
        """The campaigns of my area, and the form of a new one."""
        return await _index(runtime, request, principal)

    @get("/{campaign_id:uuid}", guards=_READ)
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, campaign_id: UUID) -> Template:
        """One campaign with its numbers, and what I may do with it."""
        return await _show(runtime, request, principal, campaign_id)

    @post("/{campaign_id:uuid}/stop", guards=_READ, status_code=200)
    async def stop(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        campaign_id: UUID,
        data: Annotated[ActForm, URL_FORM],
    ) -> Template | Redirect:
        """Stop it with the reason."""
        try:
            await stop_campaign(campaign_id, principal, reason=data.reason, at=runtime.clock.now())
        except DomainError as error:
            return await _show(runtime, request, principal, campaign_id, act=data, error=error)
        return Redirect(f"/console/campaigns/{campaign_id}", status_code=303)

    @post("/", guards=_MAKE, status_code=200)
    async def plan(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[PlanForm, URL_FORM]
    ) -> Template | Redirect:
        """Begin a campaign as a draft."""
        try:
            made = await plan_campaign(runtime, principal, plan_of(data), at=runtime.clock.now())
        except InvalidField as error:
            return await _index(runtime, request, principal, data, error)
        return Redirect(f"/console/campaigns/{made.id}", status_code=303)

    @post("/{campaign_id:uuid}/plan", guards=_MAKE, status_code=200)
    async def edit(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        campaign_id: UUID,
        data: Annotated[PlanForm, URL_FORM],
    ) -> Template | Redirect:
        """Change my draft."""
        try:
            await find_campaign(campaign_id, principal)
            await edit_campaign(runtime, campaign_id, principal, plan_of(data), at=runtime.clock.now())
        except DomainError as error:
            return await _show(runtime, request, principal, campaign_id, form=data, error=error)
        return Redirect(f"/console/campaigns/{campaign_id}", status_code=303)

    @post("/{campaign_id:uuid}", guards=_MAKE, status_code=200)
    async def act(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        campaign_id: UUID,
        data: Annotated[ActForm, URL_FORM],
    ) -> Template | Redirect:
        """Hand my draft in, or take it back."""
        step = withdraw_campaign if data.act == "withdraw" else submit_campaign
        try:
            await step(campaign_id, principal, at=runtime.clock.now())
        except DomainError as error:
            return await _show(runtime, request, principal, campaign_id, error=error)
        return Redirect(f"/console/campaigns/{campaign_id}", status_code=303)

    @post("/{campaign_id:uuid}/review", guards=_REVIEW, status_code=200)
    async def review(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        campaign_id: UUID,
        data: Annotated[ActForm, URL_FORM],
    ) -> Template | Redirect:
        """Approve it, or send it back with a comment."""
        now = runtime.clock.now()
        try:
            if data.act == "approve":
                await approve_campaign(campaign_id, principal, at=now)
            else:
                await send_campaign_back(campaign_id, principal, comment=data.comment, at=now)
        except DomainError as error:
            return await _show(runtime, request, principal, campaign_id, act=data, error=error)
        return Redirect(f"/console/campaigns/{campaign_id}", status_code=303)


async def _index(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    form: PlanForm | None = None,
    error: DomainError | None = None,
) -> Template:
    return page(
        "campaigns/console_campaigns.html",
        request,
        status_code=error.status if error else 200,
        seen=await campaigns_of(runtime, staff, on=local_date(runtime.clock.now())),
        names=NAMES,
        may_plan=bool(staff.roles & set(MAKERS)),
        form=form or PlanForm(),
        **_choices(runtime, staff),
        **_said(request, error),
    )


async def _show(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    campaign_id: UUID,
    *,
    form: PlanForm | None = None,
    act: ActForm | None = None,
    error: DomainError | None = None,
) -> Template:
    """Show one campaign, with what was wrong in what was typed; what cannot be mended here is raised again."""
    if error is not None and error.status not in _SHOWN_ON_THE_FORM:
        raise error
    row = await find_campaign(campaign_id, staff)
    mine = row.maker_person == staff.person and bool(staff.roles & set(MAKERS))
    return page(
        "campaigns/console_campaign.html",
        request,
        status_code=error.status if error else 200,
        row=row,
        one=seen_on(runtime, [row], local_date(runtime.clock.now()))[0],
        numbers=await numbers_of(row.id),
        names=NAMES,
        is_mine=mine,
        may_review=row.state == "in_review" and row.maker_person != staff.person and bool(staff.roles & set(REVIEWERS)),
        form=form or form_of(row),
        is_typed=form is not None,
        act=act or ActForm(),
        **_choices(runtime, staff),
        **_said(request, error),
    )


def _choices(runtime: Runtime, staff: Staff) -> dict[str, Any]:
    return {
        "areas": [(code, division_name(code)) for code in divisions() if area_of(staff).covers(code)],
        "kinds": [(kind.slug, kind.name) for kind in kinds_for_residents().values()],
        "scenes": [(scene.slug, scene.name) for scene in scenes_to_give(runtime)],
        "minors": MINORS,
    }


def _said(request: AnyRequest, error: DomainError | None) -> dict[str, Any]:
    """Return what was wrong, and with which field."""
    return {
        "error": error.explain(language_of(request)) if error else None,
        "wrong": str(error.values["field"]) if isinstance(error, InvalidField) else "",
    }


ROUTES = (ConsoleCampaignPages,)
