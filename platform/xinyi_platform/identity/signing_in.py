"""Sign-in of residents: one-time codes to the phone, rotating refresh tokens with reuse detection."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotSignedIn
from xinyi_platform.identity.models import OneTimeCode, RefreshToken, ResidentAccount
from xinyi_platform.identity.residents import phone_index
from xinyi_platform.identity.sending import code_sender
from xinyi_platform.identity.tokens import AccessToken, TokenRefused, issue_resident_token
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.language import Text
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime

CODE_MINUTES = 5
MOST_ATTEMPTS = 5
REFRESH_DAYS = 30
_PHONE = re.compile(r"^1[3-9]\d{9}$")


class WrongCode(NotSignedIn):
    """Wrong, used, expired, tried too often, or sent to a phone that is not registered: all the same answer."""

    code = "wrong_code"
    text = Text("验证码不正确或已失效,请重新获取。", "The code is wrong or no longer valid; request a new one.")


@dataclass(frozen=True, slots=True)
class ResidentSignedIn:
    """A resident proved her phone; told in the same transaction."""

    resident_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a signed-in app holds."""

    access: AccessToken
    refresh_token: str


def checked_phone(phone: str) -> str:
    """Return a mainland mobile number in its plain form. Raises InvalidField (400)."""
    plain = re.sub(r"[\s-]", "", phone).removeprefix("+86").removeprefix("0086")
    if not _PHONE.match(plain):
        raise InvalidField(field="phone", zh="请输入11位手机号码。", en="Enter an 11-digit mobile number.")
    return plain


async def send_code(runtime: Runtime, phone: str, *, address: str) -> str | None:
    """Send a one-time code; returns it only in the demo. Raises TooManyRequests (429) by phone and by address."""
    plain, now = checked_phone(phone), runtime.clock.now()
    sender, index = code_sender(runtime.settings), phone_index(runtime.keys, plain)
    await limit(runtime.cache, f"otp:phone:{index}", times=5, per_seconds=600)
    await limit(runtime.cache, f"otp:address:{address}", times=60, per_seconds=600)
    code = f"{secrets.randbelow(1_000_000):06d}"
    code_id = new_id()
    await OneTimeCode.create(
        id=code_id,
        phone_index=index,
        digest=_code_digest(runtime.keys, index, code),
        expires_at=now + timedelta(minutes=CODE_MINUTES),
        created_at=now,
    )
    if sender is None:
        return code
    text = f"【信易+】验证码{code},{CODE_MINUTES}分钟内有效。请勿告知他人。"
    await sender.send(plain, text, key=str(code_id), at=now)
    return None


async def redeem_code(runtime: Runtime, phone: str, code: str) -> UUID:
    """Return the resident who proved her phone with the newest code. One of two parallel tries wins."""
    now = runtime.clock.now()
    index = phone_index(runtime.keys, checked_phone(phone))
    held = await OneTimeCode.filter(phone_index=index).order_by("-created_at", "-id").first()
    if held is None:
        raise WrongCode
    tried = await OneTimeCode.filter(id=held.id, used_at=None, expires_at__gt=now, attempts__lt=MOST_ATTEMPTS).update(
        attempts=F("attempts") + 1
    )
    if not tried:
        raise WrongCode
    if not hmac.compare_digest(held.digest, _code_digest(runtime.keys, index, code.strip())):
        await _record_failure(now)
        raise WrongCode
    resident_id = await _spend_code(runtime, held.id, index, now)
    if resident_id is None:
        raise WrongCode
    return resident_id


async def _spend_code(runtime: Runtime, code_id: UUID, index: str, now: datetime) -> UUID | None:
    async with transaction():
        if not await OneTimeCode.filter(id=code_id, used_at=None).update(used_at=now):
            return None
        resident = await ResidentAccount.get_or_none(phone_index=index, active=True)
        if resident is None:
            return None
        await _record("sign_in", resident.id, now)
        await runtime.events.publish(ResidentSignedIn(resident.id, now))
        return resident.id


def _code_digest(keys: KeyRing, index: str, code: str) -> str:
    return keys.mac("index", f"otp\0{index}\0{code}".encode(), kid=keys.live("index")[0].kid).hex()


def _refresh_digest(keys: KeyRing, token: str) -> str:
    return keys.mac("index", f"refresh\0{token}".encode(), kid=keys.live("index")[0].kid).hex()


async def open_family(runtime: Runtime, resident_id: UUID) -> TokenPair:
    """Start a family of refresh tokens for one sign-in."""
    return await _next_pair(runtime, resident_id, new_id())


async def _next_pair(runtime: Runtime, resident_id: UUID, family: UUID) -> TokenPair:
    now, token = runtime.clock.now(), secrets.token_urlsafe(32)
    await RefreshToken.create(
        id=new_id(),
        family=family,
        resident_id=resident_id,
        digest=_refresh_digest(runtime.keys, token),
        expires_at=now + timedelta(days=REFRESH_DAYS),
    )
    return TokenPair(issue_resident_token(runtime.keys, resident_id, now), token)


async def rotate(runtime: Runtime, token: str) -> TokenPair:
    """Exchange a refresh token, once. One that was used before ends its whole family. Raises TokenRefused (401)."""
    now = runtime.clock.now()
    held = await RefreshToken.get_or_none(digest=_refresh_digest(runtime.keys, token))
    if held is None or held.revoked_at or held.expires_at <= now:
        raise TokenRefused
    if not await ResidentAccount.exists(id=held.resident_id, active=True):
        raise TokenRefused
    async with transaction():
        # Spent and replaced at once, so that whoever ends the family waits for the replacement and ends it too.
        if await RefreshToken.filter(id=held.id, used_at=None, revoked_at=None).update(used_at=now):
            return await _next_pair(runtime, held.resident_id, held.family)
    if await _revoke(held.family, now):
        await _record("refresh_reused", held.resident_id, now)
    raise TokenRefused


async def _revoke(family: UUID, now: datetime) -> int:
    """End a family and return how many of its tokens that ended.

    Until nothing is left: an update that waited for a running rotation does not see the row it has added.
    """
    ended = 0
    while more := await RefreshToken.filter(family=family, revoked_at=None).update(revoked_at=now):
        ended += more
    return ended


async def end_family(runtime: Runtime, token: str) -> None:
    """Sign out: end the token's family; an unknown token is nothing to end."""
    held = await RefreshToken.get_or_none(digest=_refresh_digest(runtime.keys, token))
    now = runtime.clock.now()
    if held is not None and await _revoke(held.family, now):
        await _record("sign_out", held.resident_id, now)


async def _record(act: str, resident_id: UUID, at: datetime) -> None:
    await audit.record(
        f"identity.{act}",
        actor=f"resident:{resident_id}",
        object_kind="resident",
        object_id=resident_id,
        detail={},
        at=at,
    )


async def _record_failure(at: datetime) -> None:
    """Leave a line without the phone; the five tries that a code has bound how many there can be."""
    detail = {"kind": "resident"}
    await audit.record(
        "identity.sign_in_failed", actor="anyone", object_kind="resident", object_id="unknown", detail=detail, at=at
    )
