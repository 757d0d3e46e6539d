"""The credit office enters an authority's decision, by form or as JSON; a merchant's page shows what is published."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.clock import local_date
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Request as Sent
from xinyi_platform.web import Form, page
from xinyi_rewards.honor_lists.asking import count_row
from xinyi_rewards.honor_lists.kinds import black_kinds, kind_of
from xinyi_rewards.honor_lists.making import find_list
from xinyi_rewards.honor_lists.mirroring import Decision, SubjectKind, mirror_decision
from xinyi_rewards.honor_lists.reading import facts_about_merchant
from xinyi_rewards.honor_lists.staff_api import ListAnswer, answer_of
from xinyi_rewards.honor_lists.terms import policy_on

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
Short = Annotated[str, msgspec.Meta(max_length=80)]
Long = Annotated[str, msgspec.Meta(max_length=200)]


class MirrorRequest(Sent, kw_only=True, frozen=True):
    """A decision to mirror. What is left out is refused by name; only `ends_on` may be.

    `subject_kind` resident takes an identity number, merchant a unified social credit code; days are the city's.
    """

    kind: str
    subject_kind: SubjectKind
    name: Short = ""
    number: Annotated[str, msgspec.Meta(max_length=18)] = ""
    fact: Long = ""
    authority: Short = ""
    document_no: Short = ""
    legal_basis: Long = ""
    grade: Annotated[str, msgspec.Meta(max_length=10, examples=["serious"])] = ""
    determined_on: date | None = None
    notified_on: date | None = None
    objection_until: date | None = None
    ends_on: date | None = None


class MirrorForm(Form, kw_only=True, frozen=True):
    kind: str = ""
    subject_kind: str = "resident"
    name: str = ""
    number: str = ""
    fact: str = ""
    authority: str = ""
    document_no: str = ""
    legal_basis: str = ""
    grade: str = ""
    determined_on: str = ""
    notified_on: str = ""
    objection_until: str = ""
    ends_on: str = ""


class MirrorApi(Controller):
    path = "/staff/v1/honor-lists/mirrored"
    guards = [Allow(Staff, roles=[Role.CREDIT_OFFICE])]
    tags = ["honor-lists"]

    @post("/", operation_id="mirrorDecision")
    async def mirror(self, runtime: Runtime, principal: Staff, data: MirrorRequest) -> ListAnswer:
        """Enter a competent authority's decision; every mandatory field left out is named, and nothing is kept."""
        await count_row(runtime.cache, principal)
        decision = msgspec.convert(
            {name: value for name, value in msgspec.structs.asdict(data).items() if name != "kind"}, Decision
        )
        made = await mirror_decision(runtime, principal, data.kind, decision, at=runtime.clock.now())
        return await answer_of(await find_list(made.id, principal))


class MirrorPages(Controller):
    path = "/console/mirrored/new"
    guards = [Allow(Staff, roles=[Role.CREDIT_OFFICE])]
    include_in_schema = False

    @get("/")
    async def new(self, runtime: Runtime, request: AnyRequest) -> Template:
        """The form of a decision."""
        return _form(runtime, request, MirrorForm())

    @post("/", status_code=200)
    async def mirror(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[MirrorForm, URL_FORM]
    ) -> Template | Redirect:
        """Enter it; what is wrong is named and nothing that was typed is lost."""
        try:
            await count_row(runtime.cache, principal)
            made = await mirror_decision(runtime, principal, data.kind, _decision(data), at=runtime.clock.now())
        except DomainError as error:
            if error.status not in (400, 403, 404, 409, 422, 429):
                raise
            return _form(runtime, request, data, error)
        return Redirect(f"/console/lists/{made.id}", status_code=303)


def _decision(form: MirrorForm) -> Decision:
    return Decision(
        subject_kind="merchant" if form.subject_kind == "merchant" else "resident",
        name=form.name.strip(),
        number=form.number.strip(),
        fact=form.fact.strip(),
        authority=form.authority.strip(),
        document_no=form.document_no.strip(),
        legal_basis=form.legal_basis.strip(),
        grade=form.grade.strip(),
        determined_on=_day(form, "determined_on"),
        notified_on=_day(form, "notified_on"),
        objection_until=_day(form, "objection_until"),
        ends_on=_day(form, "ends_on"),
    )


def _day(form: MirrorForm, field: str) -> date | None:
    text = str(getattr(form, field)).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidField(field=field, zh="日期有误。", en="This is not a day.") from None


def _form(runtime: Runtime, request: AnyRequest, form: MirrorForm, error: DomainError | None = None) -> Template:
    grades = policy_on(local_date(runtime.clock.now())).grades
    return page(
        "honor_lists/console_mirror.html",
        request,
        status_code=error.status if error else 200,
        form=form,
        kinds=[(kind.slug, kind.name) for kind in black_kinds()],
        grades=[(grade, terms.name) for grade, terms in grades.items() if terms.is_published],
        error=error.explain(language_of(request)) if error else None,
    )


async def merchant_facts(request: AnyRequest, given: dict[str, Any]) -> dict[str, Any] | None:
    """What is published about a merchant now, with authority, number and last day; None where there is nothing."""
    runtime: Runtime = request.app.state.runtime
    entries = await facts_about_merchant(given["merchant"].id, at=runtime.clock.now())
    return {"facts": entries, "kinds": {entry.kind: kind_of(entry.kind) for entry in entries}} if entries else None


ROUTES = (MirrorApi, MirrorPages)
