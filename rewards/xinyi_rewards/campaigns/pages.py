"""The public page of campaigns: what runs, for whom, where, until when, and how many are left."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.response import Template

from xinyi_platform.clock import local_date
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import page
from xinyi_rewards.campaigns.reading import MINORS, running_campaigns

AnyRequest = Request[Any, Any, Any]


@get("/campaigns", guards=[Allow(Anyone)], include_in_schema=False)
async def public_campaigns(runtime: Runtime, request: AnyRequest) -> Template:
    """What runs today."""
    seen = await running_campaigns(runtime, on=local_date(runtime.clock.now()))
    return page("campaigns/public_campaigns.html", request, seen=seen, minors=MINORS)


ROUTES = (public_campaigns,)
