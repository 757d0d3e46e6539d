"""The published keys, with which anybody checks what this platform signed."""

from __future__ import annotations

from litestar import Response, get

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
