"""Where the city's credit office puts a death down, confirms it, or has it reversed: by form or as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Role, Staff, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.schemas import Request as Sent
from xinyi_platform.web import Form, page
from xinyi_rewards.deaths.confirming import confirm_death, contest_death, find_death, settle_contest, withdraw_death
from xinyi_rewards.deaths.models import PersonDeath
from xinyi_rewards.deaths.recording import Death, report_death
from xinyi_rewards.deaths.states import NAMES, WAITING

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
Act = Literal["confirm", "withdraw", "contest", "reverse", "uphold"]
_GUARD = Allow(Staff, roles=[Role.CREDIT_OFFICE], city=True)
_MOST = 50


class DeathRequest(Sent, kw_only=True, frozen=True):
    """`document`: the number of the death certificate or of the court's declaration."""

    number: Annotated[str, msgspec.Meta(min_length=18, max_length=18, examples=["410611194601140005"])]
    died_on: Annotated[date, msgspec.Meta(examples=["2026-11-01"])]
    document: Annotated[str, msgspec.Meta(min_length=2, max_length=80, examples=["演死证〔2026〕1号"])]


class DeathStep(Sent, kw_only=True, frozen=True):
    """A further step. Confirming takes the `number` again, contesting a `reason`."""

    act: Act
    number: Annotated[str, msgspec.Meta(max_length=18)] = ""
    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""


class DeathAnswer(Answer, kw_only=True, frozen=True):
    """`state`: reported, confirmed, contested, withdrawn or reversed. `ended_entries`: how many ended with it."""

    id: UUID
    state: str
    document: str
    died_on: date
    ended_entries: int
    put_down_at: datetime


class DeathForm(Form, kw_only=True, frozen=True):
    number: str = ""
    died_on: str = ""
    document: str = ""


class StepForm(Form, kw_only=True, frozen=True):
    act: str = ""
    number: str = ""
    reason: str = ""


def answer_of(row: PersonDeath) -> DeathAnswer:
    """Return a death as staff see it: no name and no number."""
    return DeathAnswer(
        id=row.id,
        state=row.state,
        document=row.document,
        died_on=row.died_on,
        ended_entries=row.ended_entries,
        put_down_at=row.put_down_at,
    )


async def take_step(runtime: Runtime, staff: Staff, death_id: UUID, step: DeathStep) -> PersonDeath:
    """Take one further step of a death that was put down."""
    at = runtime.clock.now()
    if step.act == "confirm":
        return await confirm_death(runtime, death_id, staff, number=step.number, at=at)
    if step.act == "withdraw":
        return await withdraw_death(death_id, staff, at=at)
    if step.act == "contest":
        return await contest_death(death_id, staff, reason=step.reason, at=at)
    return await settle_contest(death_id, staff, is_wrong=step.act == "reverse", at=at)


class DeathController(Controller):
    path = "/staff/v1/deaths"
    guards = [_GUARD]
    tags = ["honor-lists"]

    @get("/", operation_id="listDeaths")
    async def index(self) -> list[DeathAnswer]:
        """What waits for another person first, then what was put down last."""
        return [answer_of(row) for row in await _newest()]

    @post("/", operation_id="recordDeath")
    async def put_down(self, runtime: Runtime, principal: Staff, data: DeathRequest) -> DeathAnswer:
        """Put a death down; nothing ends until another person confirms it."""
        death = Death(number=data.number, died_on=data.died_on, document=data.document)
        return answer_of(await _report(runtime, principal, death))

    @post("/{death_id:uuid}", status_code=200, operation_id="stepDeath")
    async def step(self, runtime: Runtime, principal: Staff, death_id: UUID, data: DeathStep) -> DeathAnswer:
        """Confirm it (everything listed about the person ends), take it back, or have it reversed by two persons."""
        return answer_of(await take_step(runtime, principal, death_id, data))


class DeathPages(Controller):
    path = "/console/deaths"
    guards = [_GUARD]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest) -> Template:
        """The form, what waits, and what was put down last: documents and numbers, no names."""
        return await _show(request)

    @post("/", status_code=200)
    async def put_down(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[DeathForm, URL_FORM]
    ) -> Template | Redirect:
        """Put it down; what is wrong is named and nothing that was typed is lost."""
        try:
            death = Death(number=data.number, died_on=_day(data.died_on), document=data.document)
            await _report(runtime, principal, death)
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            return await _show(request, data, error)
        return Redirect("/console/deaths", status_code=303)

    @post("/{death_id:uuid}", status_code=200)
    async def step(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        death_id: UUID,
        data: Annotated[StepForm, URL_FORM],
    ) -> Template | Redirect:
        """Take a further step; what is wrong is said."""
        await find_death(death_id)
        try:
            step = msgspec.convert(
                {"act": data.act, "number": data.number.strip(), "reason": data.reason.strip()}, DeathStep
            )
            await take_step(runtime, principal, death_id, step)
        except msgspec.ValidationError:
            wrong = InvalidField(field="act", zh="请检查填写内容。", en="Check what you entered.")
            return await _show(request, error=wrong)
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            return await _show(request, error=error)
        return Redirect("/console/deaths", status_code=303)


async def _report(runtime: Runtime, staff: Staff, death: Death) -> PersonDeath:
    return await report_death(
        runtime, death, actor=staff.label, person=staff.person, source="credit_office", at=runtime.clock.now()
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidField(field="died_on", zh="请填写日期。", en="Give the day.") from None


async def _newest() -> list[PersonDeath]:
    """Return everything that waits for another person, the oldest first, then the newest of the rest."""
    waiting = await PersonDeath.filter(state__in=WAITING).order_by("put_down_at", "id")
    over = PersonDeath.exclude(state__in=WAITING).order_by("-put_down_at", "-id")
    return waiting + await over.limit(_MOST)


async def _show(request: AnyRequest, form: DeathForm | None = None, error: DomainError | None = None) -> Template:
    caller = caller_of(request)
    return page(
        "deaths/console_deaths.html",
        request,
        status_code=error.status if error else 200,
        rows=await _newest(),
        names=NAMES,
        me=caller.person if isinstance(caller, Staff) else "",
        form=form,
        error=error.explain(language_of(request)) if error else None,
    )


ROUTES = (DeathController, DeathPages)
