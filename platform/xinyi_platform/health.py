"""Liveness, readiness and metrics, for the proxy and the people who run the platform."""

from __future__ import annotations

from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from tortoise.exceptions import BaseORMException

from xinyi_platform.database import current_connection
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.schemas import Answer


class Health(Answer, kw_only=True, frozen=True):
    """`status` is ok, or unavailable with the part that does not answer."""

    status: str
    part: str | None = None


@get("/health/live", guards=[Allow(Anyone)], tags=["operations"], operation_id="live")
async def live() -> Health:
    """The process answers."""
    return Health(status="ok")


@get("/health/ready", guards=[Allow(Anyone)], tags=["operations"], operation_id="ready")
async def ready() -> Response[Health]:
    """The process can serve: its database answers. 503 takes it out of the proxy's rotation."""
    try:
        await current_connection().execute_query("SELECT 1")
    except (BaseORMException, OSError):
        return Response(Health(status="unavailable", part="database"), status_code=503)
    return Response(Health(status="ok"))


@get("/metrics", guards=[Allow(Anyone)], tags=["operations"], operation_id="metrics", media_type="text/plain")
async def metrics() -> Response[bytes]:
    """Prometheus metrics of this process; the proxy keeps this address inside."""
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})
