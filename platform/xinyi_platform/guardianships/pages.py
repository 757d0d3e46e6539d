"""Pages of guardianships: a resident's own with the form to ask, and the console where the community decides."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.guardianships.keeping import Ward, ask_guardianship, decide_guardianship, end_guardianship
from xinyi_platform.guardianships.reading import my_guardianships, waiting_guardianships
from xinyi_platform.guardianships.states import DECIDERS, RELATION_NAMES, STATE_NAMES, Relation
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Resident, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class AskForm(Form, kw_only=True, frozen=True):
    """`number`: the ward's identity number or phone."""

    name: str = ""
    number: str = ""
    relation: Relation = "guardian"


class DecideForm(Form, kw_only=True, frozen=True):
    act: str = ""
    reason: str = ""


class MyGuardianshipPages(Controller):
    path = "/app/guardianships"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """My guardianships, and the form to ask for one."""
        return await self._show(runtime, request, principal, AskForm(), error=None, status=200)

    @post("/", status_code=200)
    async def ask(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, data: Annotated[AskForm, FORM]
    ) -> Template | Redirect:
        """Ask; what is wrong is said beside the form."""
        number = data.number.strip().upper()
        ward = Ward(data.name.strip(), phone=number) if len(number) == 11 else Ward(data.name.strip(), number)
        try:
            await ask_guardianship(runtime, principal.id, ward, data.relation, at=runtime.clock.now())
        except DomainError as error:
            if error.status >= 500:
                raise
            message = error.explain(language_of(request))
            return await self._show(runtime, request, principal, data, error=message, status=error.status)
        return Redirect("/app/guardianships", status_code=303)

    @post("/{guardianship_id:uuid}/end")
    async def end(self, runtime: Runtime, principal: Resident, guardianship_id: UUID) -> Redirect:
        """End it."""
        await end_guardianship(guardianship_id, principal.id, at=runtime.clock.now())
        return Redirect("/app/guardianships", status_code=303)

    async def _show(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, form: AskForm, *, error: str | None,
        status: int,
    ) -> Template:  # fmt: skip
        return page(
            "guardianships/app_list.html",
            request,
            status_code=status,
            views=await my_guardianships(runtime, principal.id),
            me=principal.id,
            relations=RELATION_NAMES,
            states=STATE_NAMES,
            form=form,
            error=error,
        )


class GuardianshipDesk(Controller):
    path = "/console/guardianships"
    guards = [Allow(Staff, roles=DECIDERS)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Staff) -> Template:
        """Those that wait in my area."""
        views = await waiting_guardianships(runtime, principal)
        return page("guardianships/console_list.html", request, views=views, relations=RELATION_NAMES)

    @post("/{guardianship_id:uuid}")
    async def decide(
        self, runtime: Runtime, principal: Staff, guardianship_id: UUID, data: Annotated[DecideForm, FORM]
    ) -> Redirect:
        """Confirm or refuse with the reason."""
        reason = data.reason.strip()
        if not 1 <= len(reason) <= 200:
            raise InvalidField(field="reason", zh="请填写理由(1–200字)。", en="Give a reason (1 to 200 characters).")
        if data.act not in ("accept", "refuse"):
            raise InvalidField(field="act", zh="请选择确认或不通过。", en="Choose to confirm or to refuse.")
        now, confirmed = runtime.clock.now(), data.act == "accept"
        await decide_guardianship(guardianship_id, principal, confirmed=confirmed, reason=reason, at=now)
        return Redirect("/console/guardianships", status_code=303)


ROUTES = (MyGuardianshipPages, GuardianshipDesk)
