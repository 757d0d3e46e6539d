"""The host's own capabilities, registered through the same door as every feature."""

from __future__ import annotations

from pathlib import Path

from litestar.config.app import AppConfig

from xinyi_platform.features import Feature
from xinyi_platform.web import add_headers
from xinyi_platform.web import pages as web_pages

_HERE = Path(__file__).parent


class HostFeature(Feature):
    """Identity, consent, bureau, audit, outbox, files and the web shell."""

    name = "platform"
    models = ()
    template_folders = (_HERE / "web" / "templates",)
    route_handlers = (*web_pages.ROUTES,)
    navigation = ()
    jobs = ()
    commands = ()
    seeders = ()

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.before_send.append(add_headers)
        return super().on_app_init(app_config)
