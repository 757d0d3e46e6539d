"""Headers that keep a page's content to itself, set on every answer by one pass over its first message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Middleware, Receive, Scope, Send

if TYPE_CHECKING:
    from xinyi_platform.runtime import Runtime

_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
        "worker-src 'self'",
    ]
)
_ALWAYS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
_ON_PAGES = [
    (b"content-security-policy", _POLICY.encode()),
    (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(), payment=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_NO_STORE = (b"cache-control", b"no-store")
_NOT_FOR_CRAWLERS = (b"x-robots-tag", b"noindex, nofollow")
_MACHINE_PATHS = ("/api/", "/partner/", "/staff/", "/health", "/metrics")
# A person's or a partner's own; what anybody may keep says so in its route.
_OWN_PATHS = ("/app", "/portal", "/console", "/api/", "/partner/", "/staff/")


async def add_headers(message: Message, scope: Scope) -> None:
    """Add the headers to an answer's start; a hook, because a middleware does not see unknown addresses."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    message["headers"] = [*message["headers"], *_headers_for(scope, {n.lower() for n, _ in message["headers"]})]


def _headers_for(scope: Scope, present: set[bytes]) -> Sequence[tuple[bytes, bytes]]:
    path = scope["path"]
    wanted = list(_ALWAYS)
    if not path.startswith(_MACHINE_PATHS):
        wanted += _ON_PAGES
    if path.startswith(_OWN_PATHS):
        wanted.append(_NO_STORE)
    if f"{path}/".startswith(scope["litestar_app"].state.uncrawled):
        wanted.append(_NOT_FOR_CRAWLERS)
    if _is_production(scope):
        wanted.append(_STRICT_TRANSPORT)
    return [header for header in wanted if header[0] not in present]


def _is_production(scope: Scope) -> bool:
    runtime: Runtime = scope["litestar_app"].state.runtime
    return runtime.settings.is_production


def middleware(_: Runtime) -> list[Middleware]:
    """Return what stands around every route: the mark that says which languages an address answers in."""
    return [_vary_by_language]


def _vary_by_language(app: ASGIApp) -> ASGIApp:
    """Tell caches that pages differ by language; JSON routes pass straight through."""

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"].startswith((*_MACHINE_PATHS, "/static")):
            await app(scope, receive, send)
            return

        async def send_varied(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"vary", b"Accept-Language, Cookie")]
            await send(message)

        await app(scope, receive, send_varied)

    return handle
