"""Recalls in the console: what I exported and must delete, and who in my area has not acknowledged."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_platform.divisions import is_city
from xinyi_platform.errors import DomainError
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Role, Staff, caller_of
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.web import Form, page
from xinyi_rewards.honor_lists.kinds import list_kinds
from xinyi_rewards.honor_lists.states import MAKERS
from xinyi_rewards.recalls.closing import close_recall, without_receiver
from xinyi_rewards.recalls.giving import export_sheet
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.recalls.reading import (
    is_shut,
    recalls_of,
    receiver_names,
    record_look,
    unacknowledged,
    who_received,
)
from xinyi_rewards.recalls.recalling import acknowledge
from xinyi_rewards.recalls.silence import receivers_of_staff

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
SHEETS_AN_HOUR = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SheetForm(Form, kw_only=True, frozen=True):
    kind: str = ""


class CloseForm(Form, kw_only=True, frozen=True):
    reason: str = ""


class OpenRecall(Answer, kw_only=True, frozen=True):
    """A recall that its receiver has not acknowledged; `chases` reminders went out. `is_shut`: it gets nothing more."""

    id: UUID
    entry: UUID
    kind: str
    receiver_zh: str
    receiver_en: str
    issued_at: datetime
    chase_at: datetime
    chases: int
    is_shut: bool


class RecallPages(Controller):
    path = "/console/recalls"
    guards = [Allow(Staff, roles=MAKERS)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Staff) -> Template:
        """What I have to delete, and who in my area is silent; that I looked is on record."""
        return await _show(runtime, request, principal)

    @post("/{recall_id:uuid}/acknowledge")
    async def acknowledge(self, runtime: Runtime, principal: Staff, recall_id: UUID) -> Redirect:
        """I have deleted what I exported of this entry."""
        names = await receivers_of_staff(principal)
        await acknowledge(recall_id, names, actor=principal.label, at=runtime.clock.now())
        return Redirect("/console/recalls", status_code=303)

    @post("/sheet", status_code=200)
    async def sheet(self, runtime: Runtime, principal: Staff, data: Annotated[SheetForm, URL_FORM]) -> Response[bytes]:
        """What is published of a kind in my area, as a sheet; I become a receiver of each entry."""
        await limit(runtime.cache, f"list-export:{principal.person}", times=SHEETS_AN_HOUR, per_seconds=3_600)
        content = await export_sheet(data.kind, principal, at=runtime.clock.now())
        name = f"{data.kind}-{runtime.clock.now():%Y%m%d}.xlsx"
        return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


class RecallClosingPages(Controller):
    path = "/console/recalls/{recall_id:uuid}/close"
    guards = [Allow(Staff, roles=[Role.CREDIT_OFFICE], city=True)]
    include_in_schema = False

    @post("/", status_code=200)
    async def close(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        recall_id: UUID,
        data: Annotated[CloseForm, URL_FORM],
    ) -> Template | Redirect:
        """Close the recall of somebody who has left, with the reason."""
        try:
            await close_recall(recall_id, principal, reason=data.reason, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            return await _show(runtime, request, principal, about=recall_id, form=data, error=error)
        return Redirect("/console/recalls", status_code=303)


class StaffRecallController(Controller):
    path = "/staff/v1/recalls"
    guards = [Allow(Staff, roles=MAKERS)]
    tags = ["honor-lists"]

    @get("/", operation_id="listOpenRecalls")
    async def index(self, runtime: Runtime, principal: Staff) -> list[OpenRecall]:
        """The recalls of my area that their receivers have not acknowledged, the oldest first; a look is on record."""
        rows = await unacknowledged(principal)
        await record_look(principal, rows, at=runtime.clock.now())
        names = await receiver_names([row.receiver for row in rows])
        return [
            OpenRecall(
                id=row.id,
                entry=row.entry_id,
                kind=row.kind,
                receiver_zh=names[row.receiver].zh,
                receiver_en=names[row.receiver].en,
                issued_at=row.issued_at,
                chase_at=row.chase_at,
                chases=row.chases,
                is_shut=is_shut(row),
            )
            for row in rows
        ]


async def _show(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    *,
    about: UUID | None = None,
    form: CloseForm | None = None,
    error: DomainError | None = None,
) -> Template:
    mine, waiting = await _waiting_for(staff)
    await record_look(staff, [*mine, *waiting], at=runtime.clock.now())
    is_office = Role.CREDIT_OFFICE in staff.roles and is_city(staff.division)
    return page(
        "recalls/console_recalls.html",
        request,
        status_code=error.status if error else 200,
        mine=mine,
        waiting=waiting,
        names=await receiver_names([row.receiver for row in waiting]),
        shut={row.id for row in waiting if is_shut(row)},
        closable=await without_receiver(waiting) if is_office else set(),
        kinds=list_kinds(),
        about=about,
        form=form or CloseForm(),
        error=error.explain(language_of(request)) if error else None,
    )


async def receivers_piece(_: AnyRequest, about: dict[str, Any]) -> dict[str, Any] | None:
    """Who received an entry and has been told to stop, for its subject; None where nobody did."""
    entry = about["entry"]
    received = (await who_received([entry.id]))[entry.id]
    return {"received": received} if received else None


async def waiting_for_me(request: AnyRequest) -> int:
    """How many recalls wait for the caller or, in her area, for others."""
    caller = caller_of(request)
    return sum(map(len, await _waiting_for(caller))) if isinstance(caller, Staff) else 0


async def _waiting_for(staff: Staff) -> tuple[list[Recall], list[Recall]]:
    """Return her own open recalls, of whichever area's lists, and those of others in the area that she serves."""
    names = await receivers_of_staff(staff)
    return await recalls_of(names, state="issued"), await unacknowledged(staff, besides=names)


ROUTES = (RecallPages, RecallClosingPages, StaffRecallController)
