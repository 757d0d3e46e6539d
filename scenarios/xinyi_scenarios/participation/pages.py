"""The portal's page of scenes: which ones a shop may join, on which terms, and what they brought."""

from __future__ import annotations

import re
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template
from tortoise.functions import Count

from xinyi_merchants.registry import merchant_of_operator
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Operator
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.participation.joining import LIVE, join_scene, leave_scene, takes_sign_ups
from xinyi_scenarios.participation.models import Participation
from xinyi_scenarios.redemptions.models import Redemption

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class JoinForm(Form, kw_only=True, frozen=True):
    """`version` is the one whose terms were shown; `agreed` that they were read."""

    version: str = ""
    agreed: str = ""


class ParticipationPages(Controller):
    path = "/portal/scenes"
    guards = [Allow(Operator)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Operator) -> Template:
        """The scenes of this shop's trade that ask for a sign-up."""
        return await self._show(runtime, request, principal)

    @post("/{slug:str}/join", status_code=200)
    async def join(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Operator,
        slug: str,
        data: Annotated[JoinForm, URL_FORM],
    ) -> Template | Redirect:
        """Take part on the terms that were shown."""
        merchant = await merchant_of_operator(principal.id)
        now = runtime.clock.now()
        try:
            if data.agreed != "true":
                raise InvalidField(field="agreed", zh="请先阅读并同意条款。", en="Read the terms and agree first.")
            version = int(data.version) if re.fullmatch(r"[0-9]{1,6}", data.version) else 0
            await join_scene(runtime.part(Catalogue), slug, merchant, version=version, actor=principal.label, at=now)
        except DomainError as error:
            if error.status == 404:
                raise
            return await self._show(runtime, request, principal, error=error)
        return Redirect("/portal/scenes", status_code=303)

    @post("/{slug:str}/leave", status_code=200)
    async def leave(self, runtime: Runtime, principal: Operator, slug: str) -> Redirect:
        """Take part no more; what residents hold already is then no longer used here."""
        merchant = await merchant_of_operator(principal.id)
        await leave_scene(slug, merchant, actor=principal.label, at=runtime.clock.now())
        return Redirect("/portal/scenes", status_code=303)

    async def _show(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, *, error: DomainError | None = None
    ) -> Template:
        merchant = await merchant_of_operator(principal.id)
        live = {row.scenario: row for row in await Participation.filter(merchant_id=merchant.id, slot=LIVE)}
        brought = await (
            Redemption.filter(merchant_id=merchant.id, slot="live")
            .annotate(number=Count("id"))
            .group_by("scenario")
            .values("scenario", "number")
        )
        scenes = [
            scene
            for scene in runtime.part(Catalogue).all()
            if takes_sign_ups(scene, merchant.trade) or scene.slug in live
        ]
        return page(
            "participation/portal_scenes.html",
            request,
            status_code=error.status if error else 200,
            error=error.explain(language_of(request)) if error else "",
            scenes=scenes,
            live=live,
            brought={row["scenario"]: row["number"] for row in brought},
        )


ROUTES = (ParticipationPages,)
