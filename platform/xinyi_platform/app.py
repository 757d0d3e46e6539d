"""The one place where the application is put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.connection import Request
from litestar.datastructures import State
from litestar.di import Provide

from xinyi_platform import api_docs, identity, observability, web
from xinyi_platform.clock import Clock
from xinyi_platform.database import connect_database
from xinyi_platform.features import Feature, installed_features
from xinyi_platform.host_feature import HostFeature
from xinyi_platform.jobs import JobRunner
from xinyi_platform.principals import Anyone, Principal, caller_of
from xinyi_platform.problems import handle_error
from xinyi_platform.profiles import refuse_unsafe
from xinyi_platform.runtime import Runtime, build_runtime
from xinyi_platform.schemas import StrictRequest
from xinyi_platform.settings import Settings
from xinyi_platform.well_known import uncrawled_paths


def all_features(features: Sequence[Feature] | None = None) -> list[Feature]:
    """Return the host's own capabilities first, then the installed features, or those given instead."""
    return [HostFeature(), *(installed_features() if features is None else features)]


def model_modules(features: Sequence[Feature]) -> list[str]:
    """Return the modules that hold the features' models."""
    return [module for feature in features for module in feature.models]


def create_app(
    settings: Settings | None = None,
    *,
    features: Sequence[Feature] | None = None,
    clock: Clock | None = None,
) -> Litestar:
    """Build the application. Raises UnsafeConfiguration, FeatureError or KeyRingError instead of starting badly."""
    settings = settings or Settings.from_environment()
    refuse_unsafe(settings)
    loaded = all_features(features)
    runtime = build_runtime(settings, clock=clock)
    for feature in loaded:
        feature.prepare(runtime)
    return Litestar(
        plugins=loaded,
        lifespan=[_run],
        state=State({"runtime": runtime, "features": loaded, "uncrawled": uncrawled_paths(loaded)}),
        dependencies={
            "runtime": Provide(provide_runtime, sync_to_thread=False),
            "principal": Provide(provide_principal, sync_to_thread=False),
        },
        exception_handlers={Exception: handle_error},
        before_request=web.count_entries,
        middleware=[*observability.middleware(), *identity.middleware(), *web.middleware(runtime)],
        template_config=web.template_config(loaded, settings),
        csrf_config=web.csrf_config(runtime),
        openapi_config=api_docs.openapi_config(settings),
        allowed_hosts=[h.strip() for h in settings.trusted_hosts.split(",") if h.strip()] or None,
        request_class=StrictRequest,
        request_max_body_size=settings.max_body_bytes,
        debug=settings.debug,
        logging_config=None,
    )


def provide_runtime(state: State) -> Runtime:
    runtime: Runtime = state.runtime
    return runtime


def provide_principal(request: Request[Any, Any, Any], runtime: Runtime) -> Principal | Anyone:
    """Return who calls. Named after `runtime`, because the framework starts a task for each of two equals."""
    return caller_of(request)


@asynccontextmanager
async def _run(app: Litestar) -> AsyncIterator[None]:
    runtime, features = app.state.runtime, app.state.features
    async with connect_database(runtime.settings.database_url, model_modules(features)):
        for feature in features:
            await feature.start(runtime)
        jobs = JobRunner(runtime, [job for feature in features for job in feature.jobs])
        if runtime.settings.jobs:
            jobs.start()
        try:
            yield
        finally:
            await jobs.stop()
            for feature in reversed(features):
                await feature.stop(runtime)
            await runtime.close()
