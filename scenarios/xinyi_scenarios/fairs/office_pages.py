"""A fair's day in the console: the gate, the booths, the prize desk, and what was scanned twice.

Gates without network use `xinyi gate` and settle later; both are seen here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Template

from xinyi_platform.clock import local_date
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text, language_of
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.entitlements.codes import read_code
from xinyi_scenarios.fairs.entering import Scan, scans_of_day, settle_scans
from xinyi_scenarios.fairs.errors import NoSuchPlace
from xinyi_scenarios.fairs.models import FairSlotDay, FairTicket
from xinyi_scenarios.fairs.rewarding import give_prize, prizes_left, stamp_ticket
from xinyi_scenarios.fairs.states import OUTCOMES
from xinyi_scenarios.fairs.terms import Fair, Place, Prize
from xinyi_scenarios.manifests import Catalogue, Manifest

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
ROLES = [Role.CREDIT_OFFICE, Role.COMMUNITY_WORKER]
PATH = "/console/fairs"


class FairForm(Form, kw_only=True, frozen=True):
    """One act: `enter` at a gate, `stamp` at a booth, or `prize`; `place` is the gate, booth or prize."""

    act: str
    scene: str = ""
    place: str = ""
    code: str = ""


class ConsoleFairPages(Controller):
    path = PATH
    guards = [Allow(Staff, roles=ROLES)]
    include_in_schema = False

    @get("/")
    async def index(
        self, runtime: Runtime, request: AnyRequest, scene: Annotated[str, QueryParameter(max_length=40)] = ""
    ) -> Template:
        """Today at one fair, or which fairs there are."""
        return await _fair_day(runtime, request, scene)

    @post("/", status_code=200)
    async def act(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[FairForm, URL_FORM]
    ) -> Template:
        """Let somebody in, stamp, or hand out a prize; the page says what became of it."""
        try:
            done = await _act(runtime, data, principal.label, runtime.clock.now())
        except DomainError as error:
            if error.status >= 500:
                raise
            return await _fair_day(runtime, request, data.scene, error=error)
        return await _fair_day(runtime, request, data.scene, done=done)


async def _act(runtime: Runtime, data: FairForm, actor: str, now: datetime) -> tuple[Text, bool]:
    """Act, and return what to say and whether it is good news."""
    scene = runtime.part(Catalogue).get(data.scene)
    terms = _terms(scene)
    code = read_code(runtime.keys, data.code, now=now)
    if data.act == "enter":
        if data.place not in {gate.key for gate in terms.gates}:
            raise NoSuchPlace
        scan = Scan(id=new_id(), scenario=scene.slug, gate=data.place, code=code, scanned_at=now)
        (row,) = await settle_scans([scan], actor=actor, at=now)
        return OUTCOMES[row.outcome], row.outcome == "admitted"
    if data.act == "stamp":
        stamps = await stamp_ticket(scene.slug, code, data.place, actor=actor, at=now)
        return Text(f"已盖章,共{len(stamps)}枚。", f"Stamped; {len(stamps)} in all."), True
    if data.act == "prize":
        await give_prize(scene.slug, code, data.place, actor=actor, at=now)
        return Text("奖品已登记,请交给居民。", "Recorded; hand the prize out."), True
    raise InvalidField(field="act", zh="未知操作。", en="There is no such act.")


def _terms(scene: Manifest) -> Fair:
    if not isinstance(scene.gives, Fair):
        raise NoSuchPlace
    return scene.gives


def _named(parts: Sequence[Place | Prize]) -> list[tuple[str, Text]]:
    return [(part.key, part.name.text) for part in parts]


async def _fair_day(
    runtime: Runtime,
    request: AnyRequest,
    slug: str,
    *,
    error: DomainError | None = None,
    done: tuple[Text, bool] | None = None,
) -> Template:
    scenes = [scene for scene in runtime.part(Catalogue).everything() if isinstance(scene.gives, Fair)]
    chosen = next((scene for scene in scenes if scene.slug == slug), None)
    today = local_date(runtime.clock.now())
    tickets = FairTicket.filter(scenario=slug, day=today)
    return page(
        "fairs/console_day.html",
        request,
        status_code=error.status if error else 200,
        scenes=scenes,
        chosen=chosen,
        today=today,
        slots=await FairSlotDay.filter(scenario=slug, day=today).order_by("slot") if chosen else [],
        entered=await tickets.filter(state="entered").count() if chosen else 0,
        left=await prizes_left(slug, _terms(chosen), today) if chosen else {},
        scans=await scans_of_day(slug, today, limit=50) if chosen else [],
        gates=_named(_terms(chosen).gates) if chosen else [],
        booths=_named(_terms(chosen).booths) if chosen else [],
        prizes=_named(_terms(chosen).prizes) if chosen else [],
        outcomes=OUTCOMES,
        done=done,
        error=error.explain(language_of(request)) if error else "",
    )
