"""What machines look for at fixed addresses: the keys that check what we signed, and what is not for crawlers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import MediaType, Request, Response, get

from xinyi_platform.features import Feature
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer

PUBLISHED = ("token", "entitlement", "certificate", "bureau", "webhook", "audit")


class KeySet(Answer, kw_only=True, frozen=True):
    """A JSON Web Key Set (RFC 7517) of Ed25519 keys."""

    keys: list[dict[str, str]]


@get("/.well-known/jwks.json", guards=[Allow(Anyone)], tags=["operations"], operation_id="keys")
async def jwks(runtime: Runtime) -> Response[KeySet]:
    """The public halves of the keys that are live."""
    keys = KeySet(keys=runtime.keys.public_keys(*PUBLISHED))
    return Response(keys, headers={"cache-control": "public, max-age=300"})


def uncrawled_paths(features: Sequence[Feature]) -> tuple[str, ...]:
    """Return the paths that features keep from search engines, each with a stroke at its end."""
    return tuple(sorted({f"{path.rstrip('/')}/" for feature in features for path in feature.uncrawled}))


@get("/robots.txt", guards=[Allow(Anyone)], include_in_schema=False, media_type=MediaType.TEXT, sync_to_thread=False)
def robots(request: Request[Any, Any, Any]) -> Response[str]:
    """What crawlers leave alone (RFC 9309); answers below these paths carry `X-Robots-Tag` as well."""
    paths: tuple[str, ...] = request.app.state.uncrawled
    lines = ["User-agent: *", *(f"Disallow: {path[:-1]}" for path in paths)]
    return Response("\n".join(lines) + "\n", headers={"cache-control": "public, max-age=300"})
