"""The pre-check as a page, for visitors without a sign-in; it works without script."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Template

from xinyi_platform.errors import InvalidInput
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.prechecks.answering import open_scenes, precheck
from xinyi_scenarios.prechecks.api import NOT_KEPT
from xinyi_scenarios.prechecks.questions import PrecheckRequest, questions_for

AnyRequest = Request[Any, Any, Any]
FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
_NUMBERS = ("age", "ward_age")
_TEXTS = ("standing", "division")


class PrecheckForm(Form, kw_only=True, frozen=True):
    """Each question as text; empty where it was left out."""

    standing: str = ""
    age: str = ""
    division: str = ""
    on_red_list: str = ""
    on_black_list: str = ""
    owes: str = ""
    ward_age: str = ""
    no_ward: str = ""
    new_here: str = ""
    would_consent: str = ""


@get("/precheck", guards=[Allow(Anyone)], include_in_schema=False)
async def precheck_form(runtime: Runtime, request: AnyRequest) -> Template:
    """Ask the visitor on her own device."""
    questions = questions_for(open_scenes(runtime))
    return page("prechecks/precheck.html", request, answers=None, questions=questions, form=PrecheckForm())


@post("/precheck", status_code=200, guards=[Allow(Anyone)], include_in_schema=False)
async def precheck_page(runtime: Runtime, request: AnyRequest, data: Annotated[PrecheckForm, FORM]) -> Template:
    """Show what she could get; nothing is stored."""
    answers = precheck(runtime, _read(data))
    questions = questions_for(open_scenes(runtime))
    return page("prechecks/precheck.html", request, headers=NOT_KEPT, answers=answers, questions=questions, form=data)


def _read(form: PrecheckForm) -> PrecheckRequest:
    given: dict[str, object] = {}
    for field in PrecheckRequest.__struct_fields__:
        typed = str(getattr(form, field)).strip()
        if not typed:
            continue
        if field in _NUMBERS:
            given[field] = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 3 else typed
        else:
            given[field] = typed if field in _TEXTS else {"yes": True, "no": False}.get(typed, typed)
    try:
        return msgspec.convert(given, PrecheckRequest)
    except msgspec.ValidationError as error:
        raise InvalidInput from error


ROUTES = (precheck_form, precheck_page)
