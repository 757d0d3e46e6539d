"""The console's rounds: made, opened, computed, confirmed by another person, awarded; and awards withdrawn by two."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Template

from xinyi_merchants.evaluations.awarding import award_round, decide_withdrawal, propose_withdrawal
from xinyi_merchants.evaluations.computing import ask_to_compute
from xinyi_merchants.evaluations.criteria import CRITERIA, LATEST, PARTS, VETOES, reason_text
from xinyi_merchants.evaluations.importing import COLUMNS, import_findings
from xinyi_merchants.evaluations.models import EvaluationChallenge, EvaluationRound
from xinyi_merchants.evaluations.objecting import decide_challenge
from xinyi_merchants.evaluations.reading import PAGE, certificate_of, ranking, withdrawals_waiting
from xinyi_merchants.evaluations.rounds import Plan, find_round, make_round, take_step
from xinyi_merchants.evaluations.states import CONFIRMED, EVENTS, OUTCOMES, ROLES, STATES, TABLE
from xinyi_merchants.registry.finding import find_merchant_by_code, list_merchants
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import Text, language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
ROOT = "/console/evaluations"
KINDS = {"veto": Text("否决事项", "Vetoes"), "agency": Text("第三方评分", "An agency's scores")}
_SHOWN_AGAIN = (400, 403, 409, 422)


class RoundForm(Form, kw_only=True, frozen=True):
    """A new round; the days as YYYY-MM-DD."""

    title: str = ""
    opens_on: str = ""
    closes_on: str = ""
    survey_from: str = ""
    survey_until: str = ""
    notice_days: str = "7"


class StepForm(Form, kw_only=True, frozen=True):
    """One act on a round: an edge of its table, or `uphold` or `dismiss` with the objection's id as `target`."""

    act: str = ""
    target: str = ""
    reason: str = ""
    document_no: str = ""


class ImportForm(Form, kw_only=True, frozen=True):
    round: UUID
    kind: str
    sheet: UploadFile


class WithdrawalForm(Form, kw_only=True, frozen=True):
    """`propose` with the merchant's code and the reason, `confirm` or `refuse` with the proposal's id as `target`."""

    act: str = ""
    code: str = ""
    target: str = ""
    reason: str = ""


class ConsoleRounds(Controller):
    path = ROOT
    guards = [Allow(Staff, roles=ROLES, city=True)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest) -> Template:
        """All rounds, and the form for a new one."""
        return await _list_page(request)

    @post("/")
    async def make(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[RoundForm, URL_FORM]
    ) -> Redirect | Template:
        """Make a draft."""
        try:
            made = await make_round(_plan(data), principal, at=runtime.clock.now())
        except InvalidField as error:
            return await _list_page(request, error=error, values=data)
        return Redirect(f"{ROOT}/{made.id}", status_code=303)

    @get("/{round_id:uuid}")
    async def one(
        self,
        request: AnyRequest,
        principal: Staff,
        round_id: UUID,
        number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1,
    ) -> Template:
        """One round with its candidates by total and its objections."""
        return await _round_page(request, principal, round_id, number=number)

    @post("/{round_id:uuid}")
    async def step(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        round_id: UUID,
        data: Annotated[StepForm, URL_FORM],
    ) -> Redirect | Template:
        """Take a step, or decide an objection."""
        await find_round(round_id)
        try:
            await _act(runtime, principal, round_id, data)
        except DomainError as error:
            if error.status not in _SHOWN_AGAIN:
                raise
            return await _round_page(request, principal, round_id, error=error)
        return Redirect(f"{ROOT}/{round_id}", status_code=303)

    @post("/imports")
    async def upload(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        data: Annotated[ImportForm, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> Redirect | Template:
        """Take in a sheet of vetoes or of an agency's scores."""
        content, name = await data.sheet.read(), data.sheet.filename
        try:
            at = runtime.clock.now()
            await import_findings(data.round, data.kind, principal, content=content, filename=name, at=at)
        except DomainError as error:
            if error.status not in _SHOWN_AGAIN:
                raise
            return await _round_page(request, principal, data.round, error=error)
        return Redirect(f"{ROOT}/{data.round}", status_code=303)


async def _act(runtime: Runtime, staff: Staff, round_id: UUID, data: StepForm) -> None:
    at = runtime.clock.now()
    if data.act in ("uphold", "dismiss"):
        upheld = data.act == "uphold"
        await decide_challenge(round_id, _id(data.target), staff, upheld=upheld, reason=data.reason, at=at)
    elif data.act == "award":
        await award_round(runtime, round_id, staff, document_no=data.document_no, at=at)
    elif data.act == "compute":
        await ask_to_compute(round_id, actor=staff.label, at=at)
    else:
        await take_step(round_id, data.act, staff, at=at)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidField(field="target", zh="请从列表中选择。", en="Choose one of the list.") from error


def _plan(data: RoundForm) -> Plan:
    notice = int(data.notice_days) if data.notice_days.isascii() and data.notice_days.isdigit() else 0
    return Plan(
        title=data.title,
        opens_on=_day("opens_on", data.opens_on),
        closes_on=_day("closes_on", data.closes_on),
        survey_from=_day("survey_from", data.survey_from),
        survey_until=_day("survey_until", data.survey_until),
        notice_days=notice,
    )


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidField(field=field, zh="请填写日期。", en="Enter a date.") from error


async def _list_page(
    request: AnyRequest, *, error: DomainError | None = None, values: RoundForm | None = None
) -> Template:
    return page(
        "evaluations/console_list.html",
        request,
        status_code=error.status if error else 200,
        rounds=await EvaluationRound.all().order_by("-id").limit(100),
        states=STATES,
        criteria=CRITERIA[LATEST],
        values=values or RoundForm(),
        error=error.explain(language_of(request)) if error else "",
    )


async def _round_page(
    request: AnyRequest, staff: Staff, round_id: UUID, *, number: int = 1, error: DomainError | None = None
) -> Template:
    row = await find_round(round_id)
    rows, count = await ranking(row.id, page=number)
    challenges = await EvaluationChallenge.filter(round_id=row.id).order_by("id").limit(200)
    concerned = await list_merchants({challenge.merchant_id for challenge in challenges})
    is_maker = staff.person == row.maker_person
    return page(
        "evaluations/console_round.html",
        request,
        status_code=error.status if error else 200,
        round=row,
        rows=rows,
        count=count,
        number=number,
        size=PAGE,
        challenges=challenges,
        names={shop.id: shop.name for shop in concerned},
        acts=[(event, EVENTS[event]) for event in TABLE[row.state] if not (is_maker and event in CONFIRMED)],
        is_maker=is_maker,
        states=STATES,
        outcomes=OUTCOMES,
        parts=PARTS,
        reason_text=reason_text,
        vetoes=VETOES,
        kinds=list(KINDS.items()),
        columns=COLUMNS,
        error=error.explain(language_of(request)) if error else "",
    )


class ConsoleWithdrawals(Controller):
    path = f"{ROOT}/withdrawals"
    guards = [Allow(Staff, roles=ROLES, city=True)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Staff) -> Template:
        """What is proposed, and the form to propose."""
        return await _withdrawals_page(request, principal)

    @post("/")
    async def act(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[WithdrawalForm, URL_FORM]
    ) -> Redirect | Template:
        """Propose the withdrawal of a merchant's award, or decide what another person proposed."""
        at = runtime.clock.now()
        try:
            if data.act in ("confirm", "refuse"):
                is_confirmed = data.act == "confirm"
                await decide_withdrawal(runtime, _id(data.target), principal, confirmed=is_confirmed, at=at)
            else:
                award = await certificate_of((await find_merchant_by_code(data.code)).id, at)
                await propose_withdrawal(award.id, principal, reason=data.reason, at=at)
        except DomainError as error:
            if error.status not in (*_SHOWN_AGAIN, 404):
                raise
            return await _withdrawals_page(request, principal, error=error)
        return Redirect(f"{ROOT}/withdrawals", status_code=303)


async def _withdrawals_page(request: AnyRequest, staff: Staff, *, error: DomainError | None = None) -> Template:
    return page(
        "evaluations/console_withdrawals.html",
        request,
        status_code=error.status if error else 200,
        rows=await withdrawals_waiting(),
        person=staff.person,
        error=error.explain(language_of(request)) if error else "",
    )


PAGES = (ConsoleRounds, ConsoleWithdrawals)
