"""Find out who calls: a bearer token on the APIs, a session cookie on the pages. Guards decide what they may."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from xinyi_platform.identity.sessions import cookie_name, read_session
from xinyi_platform.identity.tokens import TokenReader
from xinyi_platform.principals import Anyone, Operator, OperatorDuties, Principal
from xinyi_platform.problems import handle_error
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import serving

_SURFACES = {"app": "app", "portal": "portal", "console": "console", "staff": "console"}
_ANYONE = Anyone()
# Here one signs in or renews: clients send their expired token along, and it must not stand in the way.
_NO_BEARER = ("/api/v1/auth/", "/partner/v1/token")


class Authenticate:
    """ASGI middleware that puts the caller into the scope. No database for bearer tokens."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        try:
            scope["user"] = await self._caller(scope)
        except Exception as error:
            await self._refuse(scope, receive, send, error)
            return
        with serving(scope["user"]):
            await self.app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Principal | Anyone:
        root = scope["path"].split("/", 2)[1].lower()
        if root in ("api", "partner"):
            return _ANYONE if scope["path"].startswith(_NO_BEARER) else _bearer(scope)
        surface = _SURFACES.get(root)
        return await _session(scope, surface) if surface else _ANYONE

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, error: Exception) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        answer = handle_error(request, error).to_asgi_response(app=None, request=request)
        await answer(scope, receive, send)


def _bearer(scope: Scope) -> Principal | Anyone:
    for name, value in scope["headers"]:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            runtime: Runtime = scope["litestar_app"].state.runtime
            return _reader(runtime).read(value[7:].decode("latin-1").strip(), runtime.clock.now())
    return _ANYONE


def _reader(runtime: Runtime) -> TokenReader:
    """Return the instance's one reader: the framework makes a middleware for each route, the memory must be shared."""
    held: TokenReader | None = runtime.parts.get(TokenReader)
    if held is None:
        held = runtime.parts[TokenReader] = TokenReader(runtime.keys)
    return held


async def _session(scope: Scope, surface: str) -> Principal | Anyone:
    request: Request[Any, Any, Any] = Request(scope)
    value = request.cookies.get(cookie_name(surface))
    if not value:
        return _ANYONE
    runtime: Runtime = scope["litestar_app"].state.runtime
    caller = await read_session(surface, value, now=runtime.clock.now())
    if isinstance(caller, Operator):
        known: OperatorDuties | None = runtime.parts.get(OperatorDuties)
        return replace(caller, duties=await known.read(caller.id)) if known else caller
    return caller or _ANYONE


def middleware() -> list[Any]:
    return [Authenticate]
