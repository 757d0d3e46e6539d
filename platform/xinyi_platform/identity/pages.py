"""Sign-in pages of the three surfaces, and signing out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform import audit
from xinyi_platform.errors import DomainError
from xinyi_platform.identity.accounts import check_account
from xinyi_platform.identity.sessions import cookie_name, end_session, open_session, session_cookie
from xinyi_platform.identity.signing_in import redeem_code, send_code
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.rate_limits import client_of, limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_platform.web.pages import local_path

AnyRequest = Request[Any, Any, Any]
FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
Surface = Literal["app", "portal", "console"]


class PhoneForm(Form, kw_only=True, frozen=True):
    phone: str
    next: str = ""


class CodeForm(Form, kw_only=True, frozen=True):
    phone: str
    code: str
    next: str = ""


class PasswordForm(Form, kw_only=True, frozen=True):
    username: str
    password: str
    totp: str
    next: str = ""


@get("/app/sign-in", guards=[Allow(Anyone)], include_in_schema=False)
async def app_sign_in(request: AnyRequest, next: str = "") -> Template:
    """Ask for the phone."""
    return page("identity/app_phone.html", request, next=next, phone="", error=None)


@post("/app/sign-in", status_code=200, guards=[Allow(Anyone)], include_in_schema=False)
async def app_send_code(runtime: Runtime, request: AnyRequest, data: Annotated[PhoneForm, FORM]) -> Template:
    """Send the code and ask for it."""
    try:
        code = await send_code(runtime, data.phone, address=client_of(request))
    except DomainError as error:
        message = error.explain(language_of(request))
        return page(
            "identity/app_phone.html",
            request,
            status_code=error.status,
            next=data.next,
            phone=data.phone,
            error=message,
        )
    return page("identity/app_code.html", request, next=data.next, phone=data.phone, code=code, error=None)


@post("/app/sign-in/code", status_code=200, guards=[Allow(Anyone)], include_in_schema=False)
async def app_check_code(runtime: Runtime, request: AnyRequest, data: Annotated[CodeForm, FORM]) -> Template | Redirect:
    """Check the code and open the session."""
    try:
        resident_id = await redeem_code(runtime, data.phone, data.code)
    except DomainError as error:
        message = error.explain(language_of(request))
        values: dict[str, Any] = {"next": data.next, "phone": data.phone, "code": None, "error": message}
        return page("identity/app_code.html", request, status_code=error.status, **values)
    value = await open_session("app", resident_id, now=runtime.clock.now())
    cookie = session_cookie(runtime.settings, "app", value)
    return Redirect(local_path(data.next or "/app"), status_code=303, cookies=[cookie])


@get(["/portal/sign-in", "/console/sign-in"], guards=[Allow(Anyone)], include_in_schema=False)
async def work_sign_in(request: AnyRequest, next: str = "") -> Template:
    """Ask an operator or a member of staff for name, password and code."""
    return page("identity/work_sign_in.html", request, surface=_surface(request), next=next, username="", error=None)


@post(["/portal/sign-in", "/console/sign-in"], status_code=200, guards=[Allow(Anyone)], include_in_schema=False)
async def work_check(runtime: Runtime, request: AnyRequest, data: Annotated[PasswordForm, FORM]) -> Template | Redirect:
    """Check them and open the session."""
    where, now = _surface(request), runtime.clock.now()
    try:
        await limit(runtime.cache, f"sign-in:{client_of(request)}", times=60, per_seconds=600)
        account = await check_account(
            runtime.keys,
            kind="operator" if where == "portal" else "staff",
            username=data.username,
            password=data.password,
            totp=data.totp,
            now=now,
        )
    except DomainError as error:
        message = error.explain(language_of(request))
        values: dict[str, Any] = {"surface": where, "next": data.next, "username": data.username, "error": message}
        return page("identity/work_sign_in.html", request, status_code=error.status, **values)
    value = await open_session(where, account.id, now=now)
    await audit.record(
        "identity.sign_in",
        actor=f"{account.kind}:{account.id}",
        object_kind="account",
        object_id=account.id,
        detail={"surface": where},
        at=now,
    )
    cookie = session_cookie(runtime.settings, where, value)
    return Redirect(local_path(data.next or f"/{where}"), status_code=303, cookies=[cookie])


@post(["/app/sign-out", "/portal/sign-out", "/console/sign-out"], guards=[Allow(Anyone)], include_in_schema=False)
async def sign_out(runtime: Runtime, request: AnyRequest) -> Redirect:
    """End the session and forget its cookie."""
    surface = _surface(request)
    value = request.cookies.get(cookie_name(surface))
    if value:
        await end_session(surface, value, now=runtime.clock.now())
    answer = Redirect("/", status_code=303)
    answer.delete_cookie(cookie_name(surface), path="/" if surface == "console" else f"/{surface}")
    return answer


def _surface(request: AnyRequest) -> Surface:
    """Read the surface from the path; as a path parameter it would lose to the features' own routes below it."""
    root = request.url.path.split("/", 2)[1]
    if root == "app":
        return "app"
    return "portal" if root == "portal" else "console"


ROUTES = (app_sign_in, app_send_code, app_check_code, work_sign_in, work_check, sign_out)
