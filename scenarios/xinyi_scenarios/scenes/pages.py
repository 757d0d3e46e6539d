"""Pages of scenes: the list with verdicts, one scene with its reasons and the claim."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Template

from xinyi_merchants.registry import MerchantFacts
from xinyi_platform.consents import live_consent
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.errors import DomainError
from xinyi_platform.ids import new_id
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.claims import claim_entitlement
from xinyi_scenarios.decisions import SceneDecision, decide_all, decide_scene
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import OPEN
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.flows import FLOWS
from xinyi_scenarios.manifests.schema import Manifest
from xinyi_scenarios.participation import scenes_joined
from xinyi_scenarios.requirements import Outcome
from xinyi_scenarios.requirements.using import findings_at_use
from xinyi_scenarios.scenes.telling import rules_of, says

AnyRequest = Request[Any, Any, Any]
FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class ClaimForm(Form, kw_only=True, frozen=True):
    """`key` was drawn with the page, so that pressing twice claims once."""

    key: str


class ScenePages(Controller):
    path = "/app/scenes"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def index(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        q: Annotated[str, QueryParameter(max_length=40)] = "",
    ) -> Template:
        """All scenes with a verdict on each, or those whose words have what was searched for."""
        decisions = await decide_all(runtime, principal.id)
        found = [decided for decided in decisions if says(decided.scene, q)]
        return page("scenes/app_scenes.html", request, decisions=found, q=q)

    @get("/{slug:str}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Resident, slug: str) -> Template:
        """One scene: verdict, reasons, what would change them, terms, claim."""
        return await self._show(runtime, request, principal, slug, error=None, status=200)

    @post("/{slug:str}/claim", status_code=200)
    async def claim(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, slug: str, data: Annotated[ClaimForm, FORM]
    ) -> Template | Redirect:
        """Claim it, and go to what is held; a refusal is shown on the scene's page with its reasons."""
        try:
            language = language_of(request)
            claimed = await claim_entitlement(runtime, principal.id, slug, key=data.key, language=language)
        except DomainError as error:
            if error.status >= 500 or error.status == 404:
                raise
            message = error.explain(language_of(request))
            return await self._show(runtime, request, principal, slug, error=message, status=error.status)
        return Redirect(f"/app/entitlements/{claimed.held.id}", status_code=303)

    async def _show(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, slug: str, *, error: str | None, status: int
    ) -> Template:
        decided = await decide_scene(runtime, principal.id, slug)
        held = await Entitlement.filter(resident_id=principal.id, scenario=slug, state__in=[*OPEN]).first()
        return page(
            "scenes/app_scene.html",
            request,
            status_code=status,
            decided=decided,
            scene=decided.scene,
            held=held,
            credit_as_of=_credit_time(decided),
            rules=await rules_of(decided.scene, runtime.part(Catalogue), at=runtime.clock.now()),
            error=error,
            key=str(new_id()),
        )


def _credit_time(decided: SceneDecision) -> datetime | None:
    """Return the bureau's own time of the credit that a verdict rests on."""
    told = (decided.credit or {}).get("as_of")
    return datetime.fromisoformat(told) if told else None


async def home_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """What the app's home says of scenes."""
    runtime: Runtime = request.app.state.runtime
    consent = await live_consent(request.user.id, SCENES, at=runtime.clock.now())
    return {"count": len(runtime.part(Catalogue).all()), "needs_consent": consent is None}


async def merchant_offers(request: AnyRequest, about: dict[str, Any]) -> dict[str, Any] | None:
    """What can be used at a merchant, for its public page."""
    runtime: Runtime = request.app.state.runtime
    merchant = about.get("merchant")
    if merchant is None:
        return None
    now = runtime.clock.now()
    joined = await scenes_joined(merchant.id)
    offers = [scene for scene in runtime.part(Catalogue).all() if _is_offered_at(scene, merchant, now, joined)]
    return {"offers": offers} if offers else None


def _is_offered_at(scene: Manifest, merchant: MerchantFacts, now: datetime, joined: frozenset[str]) -> bool:
    """Tell whether a shop takes a scene's code by its trade or by joining; hours of the day do not hide an offer."""
    terms = scene.gives
    named = getattr(terms, "trades", None) or getattr(terms, "sign_up", False)
    if not FLOWS.get(scene.flow).at_tills or not named:
        return False
    findings = findings_at_use(scene.slug, scene.benefit(), merchant, now, joined)
    return all(finding.outcome is Outcome.MET or finding.type == "time_of_day" for finding in findings)


ROUTES = (ScenePages,)
