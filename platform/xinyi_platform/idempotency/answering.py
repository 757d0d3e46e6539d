"""Answer a keyed request over HTTP: the act runs once for the caller's key, and a repetition gets the first answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from litestar.params import HeaderParameter
from litestar.response import Response

from xinyi_platform.idempotency.running import run_once
from xinyi_platform.principals import Principal
from xinyi_platform.runtime import Runtime

IdempotencyKey = Annotated[str | None, HeaderParameter(name="Idempotency-Key")]
"""The header as a controller takes it; None where it is missing."""


async def answer_once(
    runtime: Runtime,
    principal: Principal,
    route: str,
    key: str | None,
    data: object,
    act: Callable[[], Awaitable[object]],
    *,
    status: int = 200,
) -> Response[Any]:
    """Run `act` once for the caller's key and answer with what it returned the first time.

    `route` names the operation and the object that it acts on; `data` is the request's body as it was read, or its
    bytes. What `act` looks up it looks up inside, so that a repetition is answered also when the object is gone.
    Raises IdempotencyKeyMissing (400), RequestInProgress (409), IdempotencyKeyReused (422).
    """

    async def run() -> tuple[int, object]:
        return status, msgspec.to_builtins(await act())

    body = data if isinstance(data, bytes) else msgspec.json.encode(data)
    now = runtime.clock.now()
    code, answer = await run_once(scope=f"{principal.label} {route}", key=key, body=body, now=now, act=run)
    return Response(content=answer, status_code=code)
