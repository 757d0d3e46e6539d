"""A shop's sign-up for everybody, and the page by which the applicant follows it."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_merchants.operators.errors import InvitationOver
from xinyi_merchants.operators.inviting import invitation_of, new_token
from xinyi_merchants.registry.checking import FIELDS
from xinyi_merchants.registry.trades import TRADES
from xinyi_merchants.sign_ups.filing import ASKED, STATES, Applied, application_of, file_application
from xinyi_platform.divisions import communities, division_name
from xinyi_platform.errors import DomainError
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.rate_limits import client_of, limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
MOST_AN_HOUR = 20
_SHOWN = (400, 409, 429)


class ApplicationForm(Form, kw_only=True, frozen=True):
    """A shop's facts as typed; `token` is the secret of the applicant's link, drawn with the form."""

    token: str = ""
    uscc: str = ""
    name: str = ""
    trade: str = ""
    division: str = ""
    address: str = ""
    phone: str = ""
    licence_date: str = ""
    contact: str = ""


class SignUpPages(Controller):
    path = "/portal/sign-up"
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/")
    async def form(self, request: AnyRequest) -> Template:
        """Ask for the shop's facts."""
        return _form_page(request, ApplicationForm(token=new_token()))

    @post("/", status_code=200)
    async def file(
        self, runtime: Runtime, request: AnyRequest, data: Annotated[ApplicationForm, URL_FORM]
    ) -> Redirect | Template:
        """Keep the application, once, and go to the page that follows it."""
        try:
            await limit(runtime.cache, f"sign-up:{client_of(request)}", times=MOST_AN_HOUR, per_seconds=3_600)
            facts = {name: getattr(data, name) for name in ASKED}
            applied = Applied(facts, data.contact, data.token)
            await file_application(runtime.keys, applied, now=runtime.clock.now())
        except DomainError as error:
            if error.status not in _SHOWN:
                raise
            return _form_page(request, data, error=error)
        return Redirect(f"/portal/sign-up/{data.token}", status_code=303)

    @get("/{token:str}")
    async def follow(self, runtime: Runtime, request: AnyRequest, token: str) -> Template:
        """How the application stands; once it is confirmed, the way to the owner's account."""
        row = await application_of(token)
        return page(
            "sign_ups/follow.html",
            request,
            row=row,
            state=STATES[row.state],
            token=token,
            place=division_name(row.division),
            can_join=row.state == "confirmed" and await _can_join(runtime, token),
            link=f"{runtime.settings.public_url}/portal/sign-up/{token}",
        )


async def _can_join(runtime: Runtime, token: str) -> bool:
    try:
        await invitation_of(token, now=runtime.clock.now())
    except InvitationOver:
        return False
    return True


def _form_page(request: AnyRequest, typed: ApplicationForm, *, error: DomainError | None = None) -> Template:
    return page(
        "sign_ups/form.html",
        request,
        status_code=error.status if error else 200,
        error=error.explain(language_of(request)) if error else "",
        wrong=str(error.values.get("field", "")) if error else "",
        typed=typed,
        fields=FIELDS,
        trades=TRADES,
        places={code: division_name(code) for code in communities()},
    )


PAGES = (SignUpPages,)
