"""What a server process serves: `xinyi_platform.asgi:application` is a factory, configured by the environment."""

from __future__ import annotations

import gc

from litestar import Litestar

from xinyi_platform.app import create_app
from xinyi_platform.observability import configure_logging
from xinyi_platform.settings import Settings


def application() -> Litestar:
    """Build the application. Raises what `create_app` raises."""
    settings = Settings.from_environment()
    configure_logging(debug=settings.debug)
    app = create_app(settings)
    gc.collect()
    gc.freeze()  # what was loaded stays: no collection needs to look through it again
    return app
