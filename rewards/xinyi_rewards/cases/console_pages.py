"""The console's pages of cases: written, shown to those in them, reviewed, taken back."""

from __future__ import annotations

from typing import Annotated, Any, cast
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_rewards.cases.consenting import withdraw_paper
from xinyi_rewards.cases.deciding import publish_case, send_case_back, submit_case, withdraw_case
from xinyi_rewards.cases.making import begin_version, edit_case, find_case, has_hand_in, make_case, version_in
from xinyi_rewards.cases.models import CaseVersion
from xinyi_rewards.cases.people import Paper, Shown, add_paper, remove_person, show_person
from xinyi_rewards.cases.pictures import add_picture, paper_for_staff, picture_for_staff, remove_picture
from xinyi_rewards.cases.reading import difference, stories_of, story_of, versions_of
from xinyi_rewards.cases.states import CONSENT_NAMES, MAKERS, NAMES, OPEN, REVIEWERS, SIGNERS, NameForm, Signer
from xinyi_rewards.honor_lists.asking import count_row
from xinyi_rewards.honor_lists.documents import MOST_FORM_BYTES
from xinyi_rewards.honor_lists.entry_pages import private_picture, read_form
from xinyi_rewards.honor_lists.naming import NAME_FORMS

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
_SHOWN_ON_THE_FORM = (400, 409, 413, 422, 429)


class CaseForm(Form, kw_only=True, frozen=True):
    title: str = ""
    body: str = ""


class ActForm(Form, kw_only=True, frozen=True):
    act: str = ""
    comment: str = ""


class ConsoleCasePages(Controller):
    path = "/console/cases"
    guards = [Allow(Staff, roles=MAKERS)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Staff) -> Template:
        """The cases of my area, and the form of a new one."""
        return await _index(request, principal)

    @post("/", status_code=200)
    async def make(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, data: Annotated[CaseForm, URL_FORM]
    ) -> Template | Redirect:
        """Begin a case."""
        try:
            made = await make_case(principal, title=data.title, body=data.body, at=runtime.clock.now())
        except InvalidField as error:
            return await _index(request, principal, data, error)
        return Redirect(f"/console/cases/{made.case_id}", status_code=303)

    @get("/{case_id:uuid}")
    async def one(self, request: AnyRequest, principal: Staff, case_id: UUID) -> Template:
        """One case with its versions, and what I may do with it."""
        return await _show(request, principal, case_id)

    @post("/{case_id:uuid}/text", status_code=200)
    async def edit(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        case_id: UUID,
        data: Annotated[CaseForm, URL_FORM],
    ) -> Template | Redirect:
        """Change the draft's text."""
        try:
            await edit_case(case_id, principal, title=data.title, body=data.body, at=runtime.clock.now())
        except DomainError as error:
            return await _again(request, principal, case_id, error, form=data)
        return Redirect(f"/console/cases/{case_id}", status_code=303)

    @post("/{case_id:uuid}/people", status_code=200, request_max_body_size=MOST_FORM_BYTES)
    async def person(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, case_id: UUID
    ) -> Template | Redirect:
        """Put somebody into the draft."""
        texts, papers = await read_form(request, "paper")
        form = cast(NameForm, texts.get("form") if texts.get("form") in NAME_FORMS else "masked")
        shown = Shown(
            name=texts.get("name", ""),
            number=texts.get("number", ""),
            form=form,
            paper=_paper(texts, papers) if papers else None,
        )
        try:
            await count_row(runtime.cache, principal)
            await show_person(runtime, case_id, principal, shown, at=runtime.clock.now())
        except DomainError as error:
            return await _again(request, principal, case_id, error, typed=texts)
        return Redirect(f"/console/cases/{case_id}", status_code=303)

    @post("/{case_id:uuid}/people/{person_id:uuid}")
    async def person_act(
        self,
        runtime: Runtime,
        principal: Staff,
        case_id: UUID,
        person_id: UUID,
        data: Annotated[ActForm, URL_FORM],
    ) -> Redirect:
        """Take somebody out of the draft, or take her consent on paper back for her."""
        act = withdraw_paper if data.act == "withdraw_paper" else remove_person
        await act(case_id, person_id, principal, at=runtime.clock.now())
        return Redirect(f"/console/cases/{case_id}", status_code=303)

    @post("/{case_id:uuid}/people/{person_id:uuid}/paper", status_code=200, request_max_body_size=MOST_FORM_BYTES)
    async def sign(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, case_id: UUID, person_id: UUID
    ) -> Template | Redirect:
        """Attach what somebody has signed under the text as it is."""
        texts, papers = await read_form(request, "paper")
        try:
            if not papers:
                raise InvalidField(field="paper", zh="请选择图片。", en="Choose a picture.")
            paper = _paper(texts, papers)
            await add_paper(runtime, case_id, person_id, principal, paper, at=runtime.clock.now())
        except DomainError as error:
            return await _again(request, principal, case_id, error)
        return Redirect(f"/console/cases/{case_id}", status_code=303)

    @post("/{case_id:uuid}/pictures", status_code=200, request_max_body_size=MOST_FORM_BYTES)
    async def add(self, runtime: Runtime, request: AnyRequest, principal: Staff, case_id: UUID) -> Template | Redirect:
        """Add a picture to the draft."""
        texts, pictures = await read_form(request, "picture")
        try:
            if not pictures:
                raise InvalidField(field="picture", zh="请选择图片。", en="Choose a picture.")
            alt = texts.get("alt", "")
            await add_picture(runtime, case_id, principal, data=pictures[0], alt=alt, at=runtime.clock.now())
        except DomainError as error:
            return await _again(request, principal, case_id, error, typed=texts)
        return Redirect(f"/console/cases/{case_id}", status_code=303)

    @get("/{case_id:uuid}/pictures/{case_picture_id:uuid}")
    async def picture(
        self, runtime: Runtime, principal: Staff, case_id: UUID, case_picture_id: UUID
    ) -> Response[bytes]:
        """A picture of a version that is made or shown."""
        await find_case(case_id, principal)
        return private_picture(await picture_for_staff(runtime, case_id, case_picture_id))

    @post("/{case_id:uuid}/pictures/{case_picture_id:uuid}")
    async def take_out(self, runtime: Runtime, principal: Staff, case_id: UUID, case_picture_id: UUID) -> Redirect:
        """Take a picture out of the draft."""
        await remove_picture(case_id, case_picture_id, principal, at=runtime.clock.now())
        return Redirect(f"/console/cases/{case_id}", status_code=303)

    @get("/{case_id:uuid}/papers/{person_id:uuid}")
    async def paper(self, runtime: Runtime, principal: Staff, case_id: UUID, person_id: UUID) -> Response[bytes]:
        """A consent on paper; that I looked is on record."""
        await find_case(case_id, principal)
        content = await paper_for_staff(runtime, case_id, person_id, principal, at=runtime.clock.now())
        return private_picture(content)

    @post("/{case_id:uuid}", status_code=200)
    async def act(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        case_id: UUID,
        data: Annotated[ActForm, URL_FORM],
    ) -> Template | Redirect:
        """Hand it in, give it up, begin a new version, or take the published one off."""
        now = runtime.clock.now()
        try:
            match data.act:
                case "submit":
                    await submit_case(case_id, principal, at=now)
                case "begin":
                    await begin_version(case_id, principal, at=now)
                case "give_up" | "take_off":
                    slot = "shown" if data.act == "take_off" else "open"
                    await withdraw_case(case_id, principal, slot=slot, at=now)
                case _:
                    await find_case(case_id, principal)
        except DomainError as error:
            return await _again(request, principal, case_id, error)
        return Redirect(f"/console/cases/{case_id}", status_code=303)


class ReviewCasePages(Controller):
    path = "/console/cases/{case_id:uuid}/review"
    guards = [Allow(Staff, roles=REVIEWERS)]
    include_in_schema = False

    @post("/", status_code=200)
    async def review(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        case_id: UUID,
        data: Annotated[ActForm, URL_FORM],
    ) -> Template | Redirect:
        """Publish it, or send it back with a comment."""
        now = runtime.clock.now()
        try:
            if data.act == "send_back":
                await send_case_back(case_id, principal, comment=data.comment, at=now)
            else:
                await publish_case(case_id, principal, at=now)
        except DomainError as error:
            return await _again(request, principal, case_id, error)
        return Redirect(f"/console/cases/{case_id}", status_code=303)


def _paper(texts: dict[str, str], papers: list[bytes]) -> Paper:
    signer: Signer = "guardian" if texts.get("signer") == "guardian" else "self"
    return Paper(data=papers[0], signer=signer)


async def _index(
    request: AnyRequest, staff: Staff, form: CaseForm | None = None, error: DomainError | None = None
) -> Template:
    return page(
        "cases/console_cases.html",
        request,
        status_code=error.status if error else 200,
        stories=await stories_of(staff),
        names=NAMES,
        form=form,
        error=error.explain(language_of(request)) if error else None,
    )


async def _again(
    request: AnyRequest,
    staff: Staff,
    case_id: UUID,
    error: DomainError,
    *,
    form: CaseForm | None = None,
    typed: dict[str, str] | None = None,
) -> Template:
    if error.status not in _SHOWN_ON_THE_FORM:
        raise error
    return await _show(request, staff, case_id, form=form, typed=typed, error=error)


async def _show(
    request: AnyRequest,
    staff: Staff,
    case_id: UUID,
    *,
    form: CaseForm | None = None,
    typed: dict[str, str] | None = None,
    error: DomainError | None = None,
) -> Template:
    case, versions = await find_case(case_id, staff), await versions_of(case_id)
    opened, shown = await version_in(case_id, "open"), await version_in(case_id, "shown")
    newest: CaseVersion = opened or shown or versions[0]
    is_mine = await has_hand_in(newest.id, staff)
    return page(
        "cases/console_case.html",
        request,
        status_code=error.status if error else 200,
        case=case,
        story=await story_of(newest),
        versions=versions,
        lines=difference(shown, newest) if opened else [],
        names=NAMES,
        consents=CONSENT_NAMES,
        name_forms=NAME_FORMS,
        signers=SIGNERS,
        is_draft=newest.state == "draft",
        is_open=newest.state in OPEN,
        may_review=newest.state == "in_review" and not is_mine and bool(staff.roles & set(REVIEWERS)),
        may_begin=shown is not None and opened is None,
        shown=shown,
        form=form,
        typed=typed or {},
        error=error.explain(language_of(request)) if error else None,
    )


ROUTES = (ConsoleCasePages, ReviewCasePages)
