"""The signed snapshot of a district's stickers over HTTP, for whoever checks them without network."""

from __future__ import annotations

from datetime import datetime

from litestar import Controller, Response, get

from xinyi_merchants.stickers.snapshots import KEPT_SECONDS, snapshot_of
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer


class StickerSnapshotAnswer(Answer, kw_only=True, frozen=True):
    """A signed list of salted digests: no shop, no name, no code. `stickers` counts the live and the revoked."""

    district: str
    taken_at: datetime
    stickers: int
    snapshot: str


class StickerSnapshotApi(Controller):
    path = "/api/v1/sticker-snapshots"
    guards = [Allow(Anyone)]
    tags = ["merchants"]

    @get("/{district:str}", summary="A district's stickers, signed, to check them without network")
    async def one(self, runtime: Runtime, district: str) -> Response[StickerSnapshotAnswer]:
        """A compact EdDSA JWS under a key of `/.well-known/jwks.json`; at most ten minutes old. 404 for no district."""
        made = await snapshot_of(runtime, district)
        answer = StickerSnapshotAnswer(
            district=made.district, taken_at=made.taken_at, stickers=made.stickers, snapshot=made.snapshot
        )
        return Response(answer, headers={"Cache-Control": f"public, max-age={KEPT_SECONDS}"})
