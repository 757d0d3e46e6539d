"""Delete what sign-in no longer needs: spent codes, ended sessions and refresh tokens past their time."""

from __future__ import annotations

from datetime import datetime, timedelta

from xinyi_platform.identity.models import OneTimeCode, RefreshToken, WebSession

# A refresh token must outlive its use, so that using it twice is still recognised; a day more settles disputes.
KEEP = timedelta(days=1)
_AT_ONCE = 1_000


async def forget_sign_ins(now: datetime) -> int:
    """Delete up to a thousand expired rows of each kind and return how many went. Safe to run twice."""
    gone = 0
    for model in (OneTimeCode, RefreshToken, WebSession):
        ids = [row.id for row in await model.filter(expires_at__lt=now - KEEP).limit(_AT_ONCE).only("id")]
        gone += await model.filter(id__in=ids).delete() if ids else 0
    return gone
