"""Gatherings as JSON: what is to come for anybody, and a resident's place."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import Parameter

from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_rewards.gatherings.holding import attend, give_place_back, sign_up
from xinyi_rewards.gatherings.reading import Seen, own_besides, upcoming


class GatheringAnswer(Answer, kw_only=True, frozen=True):
    """One gathering: planned, done or cancelled. `holds_place`: I signed up; `attended_at`: I came."""

    id: UUID
    title: str
    place: str
    division: str
    state: str
    starts_at: datetime
    ends_at: datetime
    places_left: int
    holds_place: bool
    attended_at: datetime | None


def _answer_of(one: Seen) -> GatheringAnswer:
    return GatheringAnswer(
        id=one.row.id,
        title=one.row.title,
        place=one.row.place,
        division=one.row.division,
        state=one.row.state,
        starts_at=one.row.starts_at,
        ends_at=one.row.ends_at,
        places_left=one.left,
        holds_place=one.mine is not None,
        attended_at=one.mine.attended_at if one.mine else None,
    )


class AttendanceRequest(Request, kw_only=True, frozen=True):
    """`code`: what the screen at the place shows now."""

    code: Annotated[str, msgspec.Meta(min_length=8, max_length=12, examples=["7K2M9PQR"])]


class AttendanceAnswer(Answer, kw_only=True, frozen=True):
    """`is_first`: false where I was taken down as present before."""

    is_first: bool


class MyGatheringController(Controller):
    path = "/api/v1/me/gatherings"
    guards = [Allow(Resident)]
    tags = ["gatherings"]

    @get("/", operation_id="listGatherings")
    async def index(
        self, runtime: Runtime, principal: Resident, page: Annotated[int, Parameter(ge=1, le=10_000)] = 1
    ) -> list[GatheringAnswer]:
        """One page (50) of what is to come, my district first; with the first, where else I have a place or was."""
        shown = await upcoming(principal.id, at=runtime.clock.now(), page=page)
        besides = await own_besides(principal.id, shown) if page == 1 else []
        return [_answer_of(one) for one in (*shown, *besides)]

    @post("/{gathering_id:uuid}/place", status_code=204, operation_id="takePlace")
    async def take(self, runtime: Runtime, principal: Resident, gathering_id: UUID) -> None:
        """Hold a place; safe to repeat."""
        await sign_up(gathering_id, principal.id, at=runtime.clock.now())

    @delete("/{gathering_id:uuid}/place", operation_id="givePlaceBack")
    async def give_back(self, runtime: Runtime, principal: Resident, gathering_id: UUID) -> None:
        """Give my place back."""
        await give_place_back(gathering_id, principal.id, at=runtime.clock.now())

    @post("/{gathering_id:uuid}/attendance", status_code=200, operation_id="attendGathering")
    async def attend(
        self, runtime: Runtime, principal: Resident, gathering_id: UUID, data: AttendanceRequest
    ) -> AttendanceAnswer:
        """Be taken down as present, once, by the code of the moment; safe to repeat."""
        first = await attend(runtime, gathering_id, principal.id, data.code, at=runtime.clock.now())
        return AttendanceAnswer(is_first=first)
