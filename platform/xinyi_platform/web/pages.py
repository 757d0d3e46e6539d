"""The shell's own pages: the landing page, the three homes, the language switch, errors explained, assets."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_platform.errors import NotFound, all_errors
from xinyi_platform.language import LANGUAGE_COOKIE, Language
from xinyi_platform.principals import Allow, Anyone, Duty, Operator, Resident, Staff
from xinyi_platform.web.assets import all_assets, assets_digest
from xinyi_platform.web.forms import Form
from xinyi_platform.web.rendering import fill_slots, page

AnyRequest = Request[Any, Any, Any]
_YEAR_SECONDS = 31_536_000


class LanguageChoice(Form, kw_only=True, frozen=True):
    """The language switch. `next` is the page to come back to."""

    language: Language
    next: str = "/"


@get("/", guards=[Allow(Anyone)], include_in_schema=False)
async def landing(request: AnyRequest) -> Template:
    """Show the three doors: for residents, for merchants and for staff."""
    return page("web/landing.html", request)


@get("/app", guards=[Allow(Resident)], include_in_schema=False)
async def app_home(request: AnyRequest) -> Template:
    return page("web/app_home.html", request, cards=await fill_slots(request, "app.home"))


@get("/portal", guards=[Allow(Operator, duty=Duty.TILL)], include_in_schema=False)
async def portal_home(request: AnyRequest) -> Template:
    return page("web/portal_home.html", request, cards=await fill_slots(request, "portal.home"))


@get("/console", guards=[Allow(Staff)], include_in_schema=False)
async def console_home(request: AnyRequest) -> Template:
    return page("web/console_home.html", request, cards=await fill_slots(request, "console.home"))


@post("/language", guards=[Allow(Anyone)], include_in_schema=False)
async def switch_language(
    request: AnyRequest,
    data: Annotated[LanguageChoice, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Redirect:
    """Remember the language for a year and go back to the page."""
    cookie = Cookie(
        key=LANGUAGE_COOKIE,
        value=data.language,
        max_age=_YEAR_SECONDS,
        samesite="lax",
        httponly=True,
        secure=request.url.scheme == "https",
    )
    return Redirect(local_path(data.next), status_code=303, cookies=[cookie])


def local_path(path: str) -> str:
    """Return the path when it stays on this site, else the landing page: no redirect leads elsewhere."""
    is_local = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_local else "/"


@get("/problems/{code:str}", guards=[Allow(Anyone)], include_in_schema=False)
async def problem_page(request: AnyRequest, code: str) -> Template:
    """Explain an error code: what a problem document's `type` points at."""
    found = next((kind for kind in all_errors() if kind.code == code), None)
    if found is None:
        raise NotFound
    meaning = (found.__doc__ or "").partition("\n")[0]
    return page("web/problem.html", request, kind=found, meaning=meaning)


@get("/problems", guards=[Allow(Anyone)], include_in_schema=False)
async def problem_list(request: AnyRequest) -> Template:
    """List every error code."""
    kinds = {kind.code: kind for kind in all_errors()}
    return page("web/problems.html", request, kinds=sorted(kinds.values(), key=lambda k: (k.status, k.code)))


@get("/static/{name:path}", guards=[Allow(Anyone)], include_in_schema=False, sync_to_thread=False)
def static_file(request: AnyRequest, name: str) -> Response[bytes]:
    """Serve an asset: for a year under its digest, briefly under its bare name."""
    first, _, rest = name.lstrip("/").partition("/")
    is_versioned = first == assets_digest()
    asset = all_assets().get(rest if is_versioned else name.lstrip("/"))
    if asset is None:
        raise NotFound
    cached = f"public, max-age={_YEAR_SECONDS}, immutable" if is_versioned else "public, max-age=300"
    headers = {"cache-control": cached, "vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.media_type, headers={**headers, "content-encoding": "gzip"})
    return Response(asset.content, media_type=asset.media_type, headers=headers)


@get("/favicon.ico", guards=[Allow(Anyone)], include_in_schema=False, sync_to_thread=False)
def favicon() -> Response[bytes]:
    """Serve the mark for browsers that ask for it by its old name."""
    asset = all_assets()["icon.svg"]
    return Response(asset.content, media_type=asset.media_type, headers={"cache-control": "public, max-age=86400"})


ROUTES = (
    landing,
    app_home,
    portal_home,
    console_home,
    switch_language,
    problem_page,
    problem_list,
    static_file,
    favicon,
)
