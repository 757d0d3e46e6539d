"""Every error leaves as an RFC 9457 problem document, or as a page where a person reads pages."""

from __future__ import annotations

from typing import Any

import asyncpg
import msgspec
import structlog
from litestar.connection import Request
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, PermissionDeniedException, ValidationException
from litestar.response import Redirect, Response
from tortoise.exceptions import ValidationError as ColumnValidationError

from xinyi_platform.errors import (
    DomainError,
    Forbidden,
    FormExpired,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
    PayloadTooLarge,
    TooManyRequests,
)
from xinyi_platform.language import Language, language_of

log = structlog.get_logger(__name__)

# What a caller's text can do where a struct sets no limit: too long for its column, no UTF-8, nested past the parser's
# depth, or a character that PostgreSQL does not store.
_UNREADABLE = (UnicodeDecodeError, RecursionError, ColumnValidationError)
_UNSTORABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
_PAGE_SURFACES = ("/app", "/portal", "/console", "/m/", "/lists", "/language", "/problems")
_MACHINE_SURFACES = ("/api/", "/partner/", "/staff/", "/health", "/metrics")
_BY_STATUS: dict[int, type[DomainError]] = {
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
    429: TooManyRequests,
}


def problem_document(error: DomainError, language: Language, *, instance: str) -> dict[str, Any]:
    """Return the RFC 9457 members of an error: type, title, status, detail, instance, code, and its values."""
    extras = {k: v for k, v in error.values.items() if k not in ("zh", "en")}
    return {
        **extras,
        "type": f"/problems/{error.code}",
        "title": error.code.replace("_", " "),
        "status": error.status,
        "detail": error.explain(language),
        "instance": instance,
        "code": error.code,
    }


def handle_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer any exception. What is not a domain error is logged and tells the caller nothing of itself."""
    known = as_domain_error(error, language_of(request))
    if known.status >= 500:
        log.error("request_failed", path=request.url.path, code=known.code, exc_info=error)
    if wants_page(request):
        answer = _page(request, known)
        if isinstance(known, FormExpired):
            # A cookie signed with a rotated key would otherwise fail every form until the browser closes.
            answer.delete_cookie("xinyi_csrf")
        return answer
    document = problem_document(known, language_of(request), instance=request.url.path)
    headers = {}
    if "retry_after_seconds" in known.values:
        headers["Retry-After"] = str(known.values["retry_after_seconds"])
    if known.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        content=msgspec.json.encode(document),
        status_code=known.status,
        media_type="application/problem+json",
        headers=headers,
    )


def as_domain_error(error: Exception, language: Language) -> DomainError:
    """Return the domain error that an exception amounts to."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, ValidationException) or (isinstance(error, HTTPException) and error.status_code == 400):
        return InvalidInput(fields=_field_rows(error.extra))
    if isinstance(error, PermissionDeniedException) and error.detail.startswith("CSRF"):
        return FormExpired()
    if isinstance(error, _UNREADABLE) or isinstance(error.__cause__, _UNSTORABLE):
        log.warning("input_unreadable", error=type(error).__name__)
        return InvalidInput()
    if isinstance(error, HTTPException):
        return _BY_STATUS.get(error.status_code, DomainError)()
    return DomainError()


def _field_rows(extra: Any) -> list[dict[str, str]]:
    rows = extra if isinstance(extra, list) else []
    return [
        {"field": str(row.get("key", "")), "message": str(row.get("message", ""))}
        for row in rows
        if isinstance(row, dict)
    ]


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Tell whether the caller is a person looking at a page."""
    path, accept = request.url.path, request.headers.get("accept", "")
    if path.startswith(_MACHINE_SURFACES):
        return False
    return "text/html" in accept or (path.startswith(_PAGE_SURFACES) and "json" not in accept)


def _page(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    surface = request.url.path.split("/")[1]
    if error.status == 401 and surface in ("app", "portal", "console"):
        return Redirect(f"/{surface}/sign-in?next={request.url.path}", status_code=303)
    engine = request.app.template_engine
    if engine is None:
        return Response(error.explain(language_of(request)), status_code=error.status, media_type=MediaType.TEXT)
    html = engine.get_template("web/error.html").render(
        request=request,
        surface=surface,
        status=error.status,
        code=error.code,
        message=error.explain(language_of(request)),
    )
    return Response(html, status_code=error.status, media_type=MediaType.HTML)
