"""Where the city's credit office puts a death down, by form or as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.schemas import Request as Sent
from xinyi_platform.web import Form, page
from xinyi_rewards.deaths.models import PersonDeath
from xinyi_rewards.deaths.recording import Death, record_death

AnyRequest = Request[Any, Any, Any]
_GUARD = Allow(Staff, roles=[Role.CREDIT_OFFICE], city=True)


class DeathRequest(Sent, kw_only=True, frozen=True):
    """`document`: the number of the death certificate or of the court's declaration."""

    number: Annotated[str, msgspec.Meta(min_length=18, max_length=18, examples=["410611194601140005"])]
    died_on: Annotated[date, msgspec.Meta(examples=["2026-11-01"])]
    document: Annotated[str, msgspec.Meta(min_length=2, max_length=80, examples=["演死证〔2026〕1号"])]


class DeathAnswer(Answer, kw_only=True, frozen=True):
    """`ended_entries`: how many entries ended with it."""

    id: UUID
    died_on: date
    ended_entries: int
    put_down_at: datetime


class DeathForm(Form, kw_only=True, frozen=True):
    number: str = ""
    died_on: str = ""
    document: str = ""


class DeathController(Controller):
    path = "/staff/v1/deaths"
    guards = [_GUARD]
    tags = ["honor-lists"]

    @post("/", operation_id="recordDeath")
    async def put_down(self, runtime: Runtime, principal: Staff, data: DeathRequest) -> DeathAnswer:
        """Put a death down; everything that is listed about the person ends with it, and is recalled."""
        death = Death(number=data.number, died_on=data.died_on, document=data.document)
        row = await record_death(runtime, death, actor=principal.label, source="credit_office", at=runtime.clock.now())
        return DeathAnswer(id=row.id, died_on=row.died_on, ended_entries=row.ended_entries, put_down_at=row.put_down_at)


class DeathPages(Controller):
    path = "/console/deaths"
    guards = [_GUARD]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest) -> Template:
        """The form, and what was put down last: documents and numbers, no names."""
        return await _show(request)

    @post("/", status_code=200)
    async def put_down(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        data: Annotated[DeathForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Template | Redirect:
        """Put it down; what is wrong is named and nothing that was typed is lost."""
        try:
            death = Death(number=data.number, died_on=_day(data.died_on), document=data.document)
            await record_death(runtime, death, actor=principal.label, source="credit_office", at=runtime.clock.now())
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            return await _show(request, data, error)
        return Redirect("/console/deaths", status_code=303)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidField(field="died_on", zh="请填写日期。", en="Give the day.") from None


async def _show(request: AnyRequest, form: DeathForm | None = None, error: DomainError | None = None) -> Template:
    return page(
        "deaths/console_deaths.html",
        request,
        status_code=error.status if error else 200,
        rows=await PersonDeath.all().order_by("-put_down_at").limit(50),
        form=form,
        error=error.explain(language_of(request)) if error else None,
    )


ROUTES = (DeathController, DeathPages)
