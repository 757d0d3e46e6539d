"""The baseline: Litestar with the platform's token check and nothing else, served the same way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from litestar import Litestar, Request, Response, get, post
from litestar.di import Provide

from xinyi_platform.clock import SystemClock
from xinyi_platform.identity.tokens import TokenReader
from xinyi_platform.keys import KeyRing
from xinyi_platform.principals import Principal, Resident

PAGE = "<!doctype html><html lang=zh><title>bare</title>" + "<p>一行普通的文字,凑足一页的长度。</p>" * 180


def application() -> Litestar:
    """A route that knows who calls, the same as a POST, and a page."""
    reader, clock = TokenReader(KeyRing.load(Path(os.environ["XINYI_SECRET_FILE"]))), SystemClock()

    def caller(request: Request[Any, Any, Any]) -> Principal:
        return reader.read(request.headers["authorization"][7:], clock.now())

    @get("/me")
    async def me(principal: Resident) -> dict[str, str]:
        return {"id": str(principal)}

    @post("/me")
    async def change(principal: Resident) -> dict[str, str]:
        return {"id": str(principal)}

    @get("/page", media_type="text/html")
    async def page() -> Response[str]:
        return Response(PAGE)

    provided = {"principal": Provide(caller, sync_to_thread=False)}
    return Litestar([me, change, page], dependencies=provided, openapi_config=None, logging_config=None)


def main() -> None:
    Granian(
        "bare:application",
        factory=True,
        address="127.0.0.1",
        port=int(os.environ["XINYI_PORT"]),
        workers=int(os.environ["XINYI_WORKERS"]),
        interface=Interfaces.ASGI,
        log_level=LogLevels.warning,
        log_access=False,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
