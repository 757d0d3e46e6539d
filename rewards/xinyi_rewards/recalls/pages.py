"""Recalls in the console: what I exported and must delete, and who in my area has not acknowledged."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.response import Redirect, Response, Template

from xinyi_platform.principals import Allow, Staff, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.web import page
from xinyi_rewards.honor_lists.kinds import list_kinds
from xinyi_rewards.honor_lists.states import MAKERS
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

AnyRequest = Request[Any, Any, Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
        mine, waiting = await _waiting_for(principal)
        await record_look(principal, [*mine, *waiting], at=runtime.clock.now())
        return page(
            "recalls/console_recalls.html",
            request,
            mine=mine,
            waiting=waiting,
            names=await receiver_names([row.receiver for row in waiting]),
            shut={row.id for row in waiting if is_shut(row)},
            kinds=list_kinds(),
        )

    @post("/{recall_id:uuid}/acknowledge")
    async def acknowledge(self, runtime: Runtime, principal: Staff, recall_id: UUID) -> Redirect:
        """I have deleted what I exported of this entry."""
        await acknowledge(recall_id, principal.label, at=runtime.clock.now())
        return Redirect("/console/recalls", status_code=303)

    @get("/sheet")
    async def sheet(self, runtime: Runtime, principal: Staff, kind: str = "") -> Response[bytes]:
        """What is published of a kind in my area, as a sheet; I become a receiver of each entry."""
        content = await export_sheet(kind, principal, at=runtime.clock.now())
        name = f"{kind}-{runtime.clock.now():%Y%m%d}.xlsx"
        return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


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
    mine = await recalls_of(staff.label, state="issued")
    return mine, [row for row in await unacknowledged(staff) if row.receiver != staff.label]


ROUTES = (RecallPages, StaffRecallController)
