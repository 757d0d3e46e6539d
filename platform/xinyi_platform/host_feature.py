"""The host's own capabilities, registered through the same door as every feature."""

from __future__ import annotations

from pathlib import Path

from xinyi_platform.features import Feature

_HERE = Path(__file__).parent


class HostFeature(Feature):
    """Identity, consent, bureau, audit, outbox, files and the web shell."""

    name = "platform"
    models = ()
    template_folders = (_HERE / "web" / "templates",)
    route_handlers = ()
    navigation = ()
    jobs = ()
    commands = ()
    seeders = ()
