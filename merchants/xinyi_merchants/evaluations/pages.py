"""Pages for those outside: the public notice, the certificate, the resident's survey and the merchant's own rating."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Response, Template

from xinyi_merchants.evaluations.consenting import grant_consent, live_consent, withdraw_consent
from xinyi_merchants.evaluations.criteria import ADVICE, CRITERIA, LATEST, PARTS, VETOES, reason_text
from xinyi_merchants.evaluations.objecting import MOST_A_DAY, is_noticed, object_as_merchant, object_publicly
from xinyi_merchants.evaluations.reading import PAGE, certificate_of, notices, sheet_of, standings_of
from xinyi_merchants.evaluations.rounds import find_round
from xinyi_merchants.evaluations.scoring import canonical
from xinyi_merchants.evaluations.states import OUTCOMES, STATES
from xinyi_merchants.evaluations.surveys import answer_survey, has_answered, is_surveying, surveys_running
from xinyi_merchants.registry.finding import find_merchant_by_code, merchant_of_operator
from xinyi_platform.clock import local_date
from xinyi_platform.errors import Conflict, DomainError, InvalidField, NotFound
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Anyone, Operator, Resident
from xinyi_platform.qr import draw_svg
from xinyi_platform.rate_limits import client_of, limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=10_000)]


class ObjectionForm(Form, kw_only=True, frozen=True):
    """An objection: `round` is the round's id, `code` the merchant's public code (not asked of the merchant itself)."""

    round: UUID
    code: str = ""
    name: str = ""
    phone: str = ""
    reason: str = ""


class SurveyForm(Form, kw_only=True, frozen=True):
    points: str = ""


class ConsentForm(Form, kw_only=True, frozen=True):
    consent: str = ""


class HonestMerchantPages(Controller):
    path = "/honest-merchants"
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, number: PageNumber = 1) -> Template:
        """The rounds in notice, with the merchants that they name."""
        return await _notice_page(runtime, request, number)

    @post("/objections")
    async def object_to(
        self, runtime: Runtime, request: AnyRequest, data: Annotated[ObjectionForm, URL_FORM]
    ) -> Template:
        """Object to a merchant that a notice names."""
        await limit(runtime.cache, f"evaluation.objection:{client_of(request)}", times=MOST_A_DAY, per_seconds=86_400)
        try:
            shop = await find_merchant_by_code(data.code)
            await object_publicly(
                runtime.keys,
                data.round,
                shop.id,
                name=data.name,
                phone=data.phone,
                reason=data.reason,
                at=runtime.clock.now(),
            )
        except (NotFound, InvalidField, Conflict) as error:
            return await _notice_page(runtime, request, 1, error=error, values=data)
        return await _notice_page(runtime, request, 1, is_filed=True)


async def _notice_page(
    runtime: Runtime,
    request: AnyRequest,
    number: int,
    *,
    error: DomainError | None = None,
    values: ObjectionForm | None = None,
    is_filed: bool = False,
) -> Template:
    return page(
        "evaluations/notices.html",
        request,
        status_code=error.status if error else 200,
        notices=await notices(runtime.clock.now(), page=number),
        number=number,
        size=PAGE,
        criteria=CRITERIA[LATEST],
        parts=PARTS,
        vetoes=VETOES,
        error=error.explain(language_of(request)) if error else "",
        values=values,
        is_filed=is_filed,
    )


class CertificatePages(Controller):
    path = "/m/{code:str}/certificate"
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/")
    async def show(self, runtime: Runtime, request: AnyRequest, code: str) -> Template:
        """The certificate of a valid award, to be printed; its code leads back here, where its end shows."""
        shop = await find_merchant_by_code(code)
        award = await certificate_of(shop.id, runtime.clock.now())
        address = f"{runtime.settings.public_url}/m/{shop.code}/certificate"
        svg = draw_svg(address, "Q", label="QR")
        return page("evaluations/certificate.html", request, shop=shop, award=award, svg=svg, address=address)


class SurveyPages(Controller):
    path = "/app/surveys/{round_id:uuid}/{code:str}"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def show(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, round_id: UUID, code: str
    ) -> Template:
        """The survey about one shop."""
        return await _survey_page(runtime, request, principal, round_id, code)

    @post("/")
    async def answer(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        round_id: UUID,
        code: str,
        data: Annotated[SurveyForm, URL_FORM],
    ) -> Redirect | Template:
        """Answer it, once."""
        row, shop = await find_round(round_id), await find_merchant_by_code(code)
        points = int(data.points) if data.points in ("1", "2", "3", "4", "5") else 0
        try:
            await answer_survey(row.id, shop.id, principal.id, points=points, at=runtime.clock.now())
        except (InvalidField, Conflict) as error:
            return await _survey_page(runtime, request, principal, round_id, code, error=error)
        return Redirect(f"/app/surveys/{row.id}/{shop.code}", status_code=303)


async def _survey_page(
    runtime: Runtime,
    request: AnyRequest,
    resident: Resident,
    round_id: UUID,
    code: str,
    *,
    error: DomainError | None = None,
) -> Template:
    row, shop = await find_round(round_id), await find_merchant_by_code(code)
    return page(
        "evaluations/survey.html",
        request,
        status_code=error.status if error else 200,
        round=row,
        shop=shop,
        runs=is_surveying(row, local_date(runtime.clock.now())),
        answered=await has_answered(row.id, shop.id, resident.id),
        criteria=CRITERIA[row.criteria],
        error=error.explain(language_of(request)) if error else "",
    )


class RatingPages(Controller):
    path = "/portal/rating"
    guards = [Allow(Operator)]
    include_in_schema = False

    @get("/")
    async def show(self, runtime: Runtime, request: AnyRequest, principal: Operator) -> Template:
        """The merchant's standing and why, the consent, and the survey to share."""
        return await _rating_page(runtime, request, principal)

    @post("/consent")
    async def consent(self, runtime: Runtime, principal: Operator, data: Annotated[ConsentForm, URL_FORM]) -> Redirect:
        """Give the consent to the credit check, or withdraw it."""
        shop = await merchant_of_operator(principal.id)
        act = grant_consent if data.consent == "give" else withdraw_consent
        await act(shop.id, principal, at=runtime.clock.now())
        return Redirect("/portal/rating", status_code=303)

    @post("/objections")
    async def object_to(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, data: Annotated[ObjectionForm, URL_FORM]
    ) -> Redirect | Template:
        """Object to not being named."""
        shop = await merchant_of_operator(principal.id)
        try:
            at = runtime.clock.now()
            await object_as_merchant(data.round, shop.id, reason=data.reason, actor=principal.label, at=at)
        except (InvalidField, Conflict) as error:
            return await _rating_page(runtime, request, principal, error=error)
        return Redirect("/portal/rating", status_code=303)

    @get("/{candidate_id:uuid}/download")
    async def download(self, principal: Operator, candidate_id: UUID) -> Response[bytes]:
        """Inputs, criteria and result as JSON, to be recomputed."""
        sheet = await sheet_of(candidate_id, await merchant_of_operator(principal.id))
        name = f'attachment; filename="evaluation-{sheet.merchant}.json"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return Response(canonical(sheet), media_type="application/json", headers=headers)


async def _rating_page(
    runtime: Runtime, request: AnyRequest, operator: Operator, *, error: DomainError | None = None
) -> Template:
    shop, at = await merchant_of_operator(operator.id), runtime.clock.now()
    root = runtime.settings.public_url
    links = [(row, f"{root}/app/surveys/{row.id}/{shop.code}") for row in await surveys_running(local_date(at))]
    standings = await standings_of(shop.id)
    return page(
        "evaluations/rating.html",
        request,
        status_code=error.status if error else 200,
        shop=shop,
        is_honest=shop.is_honest(local_date(at)),
        consent=await live_consent(shop.id),
        standings=[(row, is_noticed(row.round, at)) for row in standings],
        surveys=[(row, link, draw_svg(link, "M", label="QR")) for row, link in links],
        outcomes=OUTCOMES,
        states=STATES,
        parts=PARTS,
        advice=ADVICE,
        reason_text=reason_text,
        vetoes=VETOES,
        error=error.explain(language_of(request)) if error else "",
    )


PAGES = (HonestMerchantPages, CertificatePages, SurveyPages, RatingPages)
