"""Trainings in the console: plan one, see who booked, put down who attended, cancel it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.database import transaction
from xinyi_platform.divisions import division_name
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import page, typed_instant, typed_number
from xinyi_rewards.assistance.planning import (
    TrainingPlan,
    cancel_training,
    find_training,
    plan_training,
    put_down_attended,
    record_training,
)
from xinyi_rewards.assistance.reading import bookings_of
from xinyi_rewards.assistance.staff_pages import TrainingForm, show_index
from xinyi_rewards.assistance.states import NAMES
from xinyi_rewards.honor_lists.noting import note_look
from xinyi_rewards.repairs.reading import entries_by_id
from xinyi_rewards.repairs.states import HANDLERS

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
_SHOWN = (400, 409)


class TrainingPages(Controller):
    path = "/console/help/sessions"
    guards = [Allow(Staff, roles=HANDLERS)]
    include_in_schema = False

    @post("/", status_code=200)
    async def plan(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[TrainingForm, URL_FORM]
    ) -> Template | Redirect:
        """Plan a training; what is wrong is said and nothing that was typed is lost."""
        try:
            made = await plan_training(principal, _plan(data), at=runtime.clock.now())
        except InvalidField as error:
            return await show_index(runtime, request, principal, data, error)
        return Redirect(f"/console/help/sessions/{made.id}", status_code=303)

    @get("/{training_id:uuid}")
    async def training(self, runtime: Runtime, request: AnyRequest, principal: Staff, training_id: UUID) -> Template:
        """One training and who booked it; that I looked is on record."""
        return await _training(request, principal, training_id, now=runtime.clock.now())

    @post("/{training_id:uuid}", status_code=200)
    async def settle(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, training_id: UUID
    ) -> Template | Redirect:
        """Put down who attended, or cancel it with the reason."""
        await find_training(training_id, principal)
        form, now = await request.form(), runtime.clock.now()
        reason = str(form.get("reason", ""))
        try:
            match form.get("act"):
                case "cancel":
                    await cancel_training(training_id, principal, reason=reason, at=now)
                case "attendance":
                    came = [_id(value) for value in form.getall("came", [])]
                    await put_down_attended(training_id, principal, came, at=now)
                case _:
                    raise InvalidField(field="act", zh="请选择要进行的操作。", en="Choose what to do.")
        except DomainError as error:
            if error.status not in _SHOWN:
                raise
            return await _training(request, principal, training_id, now=now, reason=reason, error=error)
        return Redirect(f"/console/help/sessions/{training_id}", status_code=303)


def _plan(form: TrainingForm) -> TrainingPlan:
    return TrainingPlan(
        division=form.division,
        title=form.title,
        place=form.place,
        is_online=form.is_online == "true",
        starts_at=typed_instant(form.starts_at, "starts_at"),
        ends_at=typed_instant(form.ends_at, "ends_at"),
        capacity=typed_number(form.capacity, "capacity"),
    )


def _id(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise InvalidField(field="came", zh="请重新勾选到场者。", en="Tick who attended again.") from None


async def _training(
    request: AnyRequest,
    staff: Staff,
    training_id: UUID,
    *,
    now: datetime,
    reason: str = "",
    error: DomainError | None = None,
) -> Template:
    row, bookings = await find_training(training_id, staff), await bookings_of(training_id)
    async with transaction():
        await record_training("view", row.id, staff.label, now)
        await note_look([booking.entry_id for booking in bookings], staff, at=now, look="help_view")
    return page(
        "assistance/console_training.html",
        request,
        status_code=error.status if error else 200,
        row=row,
        whose=division_name(row.division),
        bookings=bookings,
        entries=await entries_by_id({booking.entry_id for booking in bookings}),
        has_begun=now >= row.starts_at,
        names=NAMES,
        reason=reason,
        error=error.explain(language_of(request)) if error else None,
    )


ROUTES = (TrainingPages,)
