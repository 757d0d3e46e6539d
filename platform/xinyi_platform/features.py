"""What a feature is, and how the host finds the features that are installed.

A feature is a Litestar plug-in found through the entry-point group `xinyi.features`. It brings controllers,
models, pages, jobs, commands and seed data; the host knows none of them by name beyond the list of those that
must not be missing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import click
from litestar.config.app import AppConfig
from litestar.connection import Request
from litestar.plugins import InitPlugin
from litestar.types import ControllerRouterHandler

from xinyi_platform.language import Text
from xinyi_platform.plugin_groups import BUILT_IN_FEATURES as BUILT_IN
from xinyi_platform.plugin_groups import FEATURES_GROUP as GROUP
from xinyi_platform.principals import Duty, Role
from xinyi_platform.profiles import Finding
from xinyi_platform.tasks.collecting import TaskSource

if TYPE_CHECKING:
    from xinyi_platform.runtime import Runtime


Surface = Literal["app", "portal", "console", "public"]
"""`public`: the links of the landing page, for anybody."""


class FeatureError(Exception):
    """A built-in feature is missing or broken; the start stops with this sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NavEntry:
    """One entry of a surface's navigation; those of `public` stand on the landing page.

    `roles` empty: all staff see it; `duty`: which operators do, in the portal. `city`: staff of the whole city alone.
    `count` says how many things wait behind it for the caller; zero shows no number.
    """

    surface: Surface
    path: str
    label: Text
    order: int = 50
    roles: frozenset[Role] = frozenset()
    duty: Duty = Duty.RUN
    city: bool = False
    count: Callable[[Request[Any, Any, Any]], Awaitable[int]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFiller:
    """Content that a feature puts into a named slot of a page that another room owns.

    `load` gets the request and what the page says of itself (a merchant's id, say) and returns the template's
    values, or None to stay away. Slots: `app.home`, `portal.home`, `console.home`,
    `merchant.page` (about: `merchant`), `app.entitlement` (about: `held`), `listing` (about: `entry`; of a resident
    in the app, of a shop in the portal), `repair` (the same, on the page of its repair).
    """

    slot: str
    template: str
    load: Callable[[Request[Any, Any, Any], dict[str, Any]], Awaitable[dict[str, Any] | None]]
    order: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A sweep over the database that may run twice and late without harm.

    `run` does a bounded piece of work and returns how many rows it settled.
    """

    name: str
    every_seconds: float
    run: Callable[[Runtime], Awaitable[int]]


Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeder:
    """One step of making the synthetic city. Steps run by `order`; `run` reports (label, done, total)."""

    name: str
    order: int
    run: Callable[[Runtime, CityPlan, Progress], Awaitable[None]]


@dataclass(slots=True)
class CityPlan:
    """How large the synthetic city is, and what earlier seeding steps leave for later ones under `shared`."""

    residents: int
    merchants: int
    shared: dict[str, Any]


class Feature(InitPlugin):
    """Base of a feature; a subclass names what it brings.

    `uncrawled` are paths with all below them that no search engine shall read or keep.
    """

    name: ClassVar[str]
    models: ClassVar[Sequence[str]] = ()
    route_handlers: ClassVar[Sequence[ControllerRouterHandler]] = ()
    template_folders: ClassVar[Sequence[Path]] = ()
    navigation: ClassVar[Sequence[NavEntry]] = ()
    slots: ClassVar[Sequence[SlotFiller]] = ()
    tasks: ClassVar[Sequence[TaskSource]] = ()
    jobs: ClassVar[Sequence[Job]] = ()
    commands: ClassVar[Sequence[click.Command]] = ()
    seeders: ClassVar[Sequence[Seeder]] = ()
    uncrawled: ClassVar[Sequence[str]] = ()

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        app_config.route_handlers.extend(self.route_handlers)
        return app_config

    def register_types(self) -> None:
        """Add to the registries that live as long as the process; may be called twice."""

    def diagnose(self) -> Sequence[Finding]:
        """Return what the doctor should say of the feature's parts; the types are registered by then.

        Raises FeatureError with the sentence that would stop the start.
        """
        return ()

    def prepare(self, runtime: Runtime) -> None:
        """Register listeners and parts with a runtime, before the first request. No I/O."""

    async def start(self, runtime: Runtime) -> None:
        """Start what lives as long as the instance; the database is open."""

    async def stop(self, runtime: Runtime) -> None:
        """Stop what `start` started, finishing what was accepted."""


def installed_features() -> list[Feature]:
    """Load the features that are installed, in dependency order. Raises FeatureError when a built-in is missing."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    missing = [name for name in BUILT_IN if name not in found]
    if missing:
        raise FeatureError(
            f"built-in feature {', '.join(missing)} is not installed: entry points are empty without an install; "
            "run `pip install -e .` in the checkout"
        )
    order = [*BUILT_IN, *sorted(set(found) - set(BUILT_IN))]
    features = []
    for name in order:
        try:
            features.append(found[name].load()())
        except Exception as error:
            raise FeatureError(f"feature {name} cannot be loaded: {error}") from error
    return features
