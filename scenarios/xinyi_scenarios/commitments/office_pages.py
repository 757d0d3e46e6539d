"""Commitments in the console: those due soon first, each with its papers to be judged."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Response, Template

from xinyi_platform.errors import DomainError, InvalidField, NotFound
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.commitments.keeping import (
    confirm_paper,
    extend,
    fulfil,
    grant_on_promise,
    hand_in,
    refuse_paper,
)
from xinyi_scenarios.commitments.models import SignedCommitment
from xinyi_scenarios.commitments.pages import SHOWN_AGAIN, jpeg
from xinyi_scenarios.commitments.reading import (
    commitments_of_scenes,
    picture_of,
    show_all,
    show_one,
    staff_commitment,
    timeline_of,
)
from xinyi_scenarios.commitments.states import STATES

AnyRequest = Request[Any, Any, Any]
ROLES = [Role.CREDIT_OFFICE]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
_MOST_REASON = 200


class OfficeForm(Form, kw_only=True, frozen=True):
    """One act on a commitment; `paper` is the key of the paper that it is about."""

    act: str
    paper: str = ""
    reason: str = ""
    days: str = ""


class ConsoleCommitmentPages(Controller):
    path = "/console/commitments"
    guards = [Allow(Staff, roles=ROLES, city=True)]
    include_in_schema = False

    @get("/")
    async def index(
        self, runtime: Runtime, request: AnyRequest, chosen: Annotated[str, QueryParameter(name="state")] = ""
    ) -> Template:
        """What runs in the city, due soon first."""
        rows = await commitments_of_scenes(None, state=chosen if chosen in STATES else "")
        shown = await show_all(runtime, rows)
        return page("commitments/console_list.html", request, rows=shown, states=STATES, chosen=chosen)

    @get("/{commitment_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, commitment_id: UUID) -> Template:
        """One with its papers and what can be done."""
        return await _detail(runtime, request, await staff_commitment(commitment_id))

    @post("/{commitment_id:uuid}")
    async def act(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        commitment_id: UUID,
        data: Annotated[OfficeForm, URL_FORM],
    ) -> Redirect | Template:
        """Receive, confirm or send back a paper; grant, extend or settle the promise."""
        row = await staff_commitment(commitment_id)
        try:
            await _act(runtime, row, principal, data)
        except DomainError as error:
            if error.status not in SHOWN_AGAIN:
                raise
            return await _detail(runtime, request, await staff_commitment(row.id), error=error)
        return Redirect(f"/console/commitments/{row.id}", status_code=303)

    @get("/{commitment_id:uuid}/papers/{key:str}/picture")
    async def picture(self, runtime: Runtime, commitment_id: UUID, key: str) -> Response[bytes]:
        """What was handed in."""
        return jpeg(await picture_of(runtime, await staff_commitment(commitment_id), key))


async def _act(runtime: Runtime, row: SignedCommitment, principal: Staff, data: OfficeForm) -> None:
    actor, at = principal.label, runtime.clock.now()
    if data.act == "receive":
        await hand_in(row.id, data.paper, actor=actor, channel="counter", at=at)
    elif data.act == "confirm":
        await confirm_paper(row.id, data.paper, actor=actor, at=at)
    elif data.act == "refuse":
        await refuse_paper(row.id, data.paper, reason=_reason(data), actor=actor, at=at)
    elif data.act == "grant":
        await grant_on_promise(row.id, actor=actor, at=at)
    elif data.act == "extend":
        days = int(data.days) if data.days.isascii() and data.days.isdigit() else 0
        await extend(row.id, days=days, reason=_reason(data), actor=actor, at=at)
    elif data.act == "fulfil":
        await fulfil(row.id, actor=actor, at=at)
    else:
        raise NotFound


def _reason(data: OfficeForm) -> str:
    reason = data.reason.strip()
    if not 1 <= len(reason) <= _MOST_REASON:
        raise InvalidField(field="reason", zh="请填写理由(200字以内)。", en="Give a reason, 200 characters at most.")
    return reason


async def _detail(
    runtime: Runtime, request: AnyRequest, row: SignedCommitment, *, error: DomainError | None = None
) -> Template:
    shown = await show_one(runtime, row)
    return page(
        "commitments/console_one.html",
        request,
        status_code=error.status if error else 200,
        shown=shown,
        timeline=await timeline_of(shown),
        error=error.explain(language_of(request)) if error else "",
    )


ROUTES = (ConsoleCommitmentPages,)
