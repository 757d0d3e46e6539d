"""The web shell alone, as an application that needs no database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State

from xinyi_platform import web
from xinyi_platform.features import Feature
from xinyi_platform.keys import KeyRing
from xinyi_platform.problems import handle_error
from xinyi_platform.settings import Settings
from xinyi_platform.web.pages import ROUTES


class Shell(Feature):
    """The web shell alone."""

    name = "shell"
    route_handlers: ClassVar[Any] = ROUTES
    template_folders: ClassVar[Any] = (Path(web.__file__).parent / "templates",)


@pytest.fixture
async def shell_client() -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings()
    runtime: Any = SimpleNamespace(settings=settings, keys=KeyRing.generate(datetime(2026, 11, 23, tzinfo=UTC)))
    shell = Shell()
    app = Litestar(
        plugins=[shell],
        state=State({"runtime": runtime, "features": [shell], "uncrawled": ()}),
        exception_handlers={Exception: handle_error},
        middleware=web.middleware(runtime),
        before_send=[web.add_headers],
        template_config=web.template_config([shell], settings),
        csrf_config=web.csrf_config(runtime),
    )
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as opened:
        yield opened
