"""One log line and one measurement a request, named by the route's template so that no id gets in."""

from __future__ import annotations

import re
import time
from functools import cache
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from xinyi_platform.ids import new_id

REQUESTS = Counter("xinyi_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("xinyi_request_seconds", "Time to answer", ["method", "route"])
_SANE = re.compile(r"^[0-9A-Za-z._-]{8,64}$")
log = structlog.get_logger("xinyi.request")


class RequestLog:
    """ASGI middleware: gives each request an id, answers it in X-Request-ID, logs and counts it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        identity = _request_id(scope)
        structlog.contextvars.bind_contextvars(request_id=identity)
        started, status = time.perf_counter(), 500

        async def reply(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", identity.encode())]
            await send(message)

        try:
            await self.app(scope, receive, reply)
        finally:
            _note(scope, status, time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("request_id")


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE.match(value.decode("latin-1")):
            return value.decode("latin-1")
    return new_id().hex


def _note(scope: HTTPScope, status: int, seconds: float) -> None:
    route = str(scope.get("path_template") or "unrouted")
    method = scope["method"]
    _counter(method, route, status).inc()
    _timer(method, route).observe(seconds)
    if not route.startswith(("/health", "/metrics", "/static")):
        log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


@cache
def _counter(method: str, route: str, status: int) -> Counter:
    """Return one series; looking it up by its labels each time costs more than counting."""
    return REQUESTS.labels(method, route, str(status))


@cache
def _timer(method: str, route: str) -> Histogram:
    return SECONDS.labels(method, route)


def middleware() -> list[Any]:
    return [RequestLog]
