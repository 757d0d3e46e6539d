"""Issue, print, check and revoke stickers.

The serial (50 random bits) and the MAC (80 bits) are in Crockford base32 and the whole address is upper case, so
that the QR code stays in alphanumeric mode: version 4 at level Q, which reads from a worn sticker at arm's length.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from xinyi_merchants.registry.finding import MerchantChanged, MerchantFacts, find_merchant
from xinyi_merchants.stickers.models import Sticker
from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict, NotFound
from xinyi_platform.ids import ALPHABET, encode_base32, new_id, normalise_public_code
from xinyi_platform.keys import KeyRing, KeyRingError
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime

SERIAL_LENGTH = 10
MAC_LENGTH = 16
PRINTED_LENGTH = SERIAL_LENGTH + MAC_LENGTH

Verdict = Literal["genuine", "revoked", "not_ours", "cannot_tell"]


class StickerVoid(Conflict):
    """The key that the sticker was issued under is accepted no more."""

    code = "sticker_void"
    text = Text(
        "这张码贴的密钥已停用,码贴随之作废。请更换一张。", "This sticker's key was retired, and it with it: replace it."
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """What a printed code proved to be, and whose it is where it is ours."""

    verdict: Verdict
    merchant: MerchantFacts | None = None


def sticker_row(keys: KeyRing, merchant_id: UUID, *, at: datetime) -> dict[str, Any]:
    """Return a fresh sticker as a row for an insert."""
    return {
        "id": new_id(),
        "serial": "".join(secrets.choice(ALPHABET) for _ in range(SERIAL_LENGTH)),
        "merchant_id": merchant_id,
        "kid": keys.current("sticker").kid,
        "issued_at": at,
        "revoked_at": None,
        "revoke_reason": "",
        "replaced_by": None,
    }


def printed_code(keys: KeyRing, serial: str, kid: str, *, even_retired: bool = False) -> str:
    """Return the serial with its MAC. Raises KeyRingError when the key was retired, `even_retired`: when it is gone."""
    mac = keys.mac("sticker", serial.encode(), kid=kid, even_retired=even_retired)[:10]
    return serial + encode_base32(int.from_bytes(mac), MAC_LENGTH)


def address_before(public_url: str) -> str:
    """Return what every sticker's address begins with, up to its code."""
    return f"{public_url}/m/".upper()


def sticker_url(runtime: Runtime, sticker: Sticker) -> str:
    """Return the address in the sticker's QR code. Raises StickerVoid (409) when its key was retired."""
    if runtime.keys.is_retired(sticker.kid):
        raise StickerVoid
    return address_before(runtime.settings.public_url) + printed_code(runtime.keys, sticker.serial, sticker.kid)


async def check_sticker(runtime: Runtime, printed: str) -> Checked:
    """Tell whether a printed code is a live sticker of ours, a revoked one, none of ours, or cannot be told.

    Retiring a key revokes every sticker that was issued under it, at once.
    """
    code = normalise_public_code(printed)
    if len(code) != PRINTED_LENGTH:
        return Checked("not_ours")
    sticker = await Sticker.get_or_none(serial=code[:SERIAL_LENGTH])
    if sticker is None:
        return Checked("not_ours")
    try:
        right = printed_code(runtime.keys, sticker.serial, sticker.kid, even_retired=True)
    except KeyRingError:
        return Checked("cannot_tell")  # its key is not in the ring: whoever knows the serial could have made this up
    if not hmac.compare_digest(right.encode(), code.encode()):
        return Checked("not_ours")
    is_void = sticker.revoked_at is not None or runtime.keys.is_retired(sticker.kid)
    return Checked("revoked" if is_void else "genuine", await find_merchant(sticker.merchant_id))


async def issue_sticker(runtime: Runtime, merchant_id: UUID, *, actor: str, now: datetime) -> Sticker:
    """Make one more sticker for a shop (a second door, say)."""
    async with transaction():
        sticker = await Sticker.create(**sticker_row(runtime.keys, merchant_id, at=now))
        await _record("sticker.issued", sticker, actor, now)
    return sticker


async def revoke_sticker(
    runtime: Runtime, sticker_id: UUID, merchant_id: UUID, *, reason: str, actor: str, now: datetime
) -> None:
    """Revoke a shop's sticker, once and for good. Raises NotFound (404) where it is not the shop's or not live."""
    async with transaction():
        sticker = await Sticker.get_or_none(id=sticker_id, merchant_id=merchant_id)
        live = Sticker.filter(id=sticker_id, merchant_id=merchant_id, revoked_at__isnull=True)
        if sticker is None or not await live.update(revoked_at=now, revoke_reason=reason[:200]):
            raise NotFound
        await _record("sticker.revoked", sticker, actor, now)
        await runtime.events.publish(MerchantChanged(merchant_id))


async def replace_sticker(
    runtime: Runtime, sticker_id: UUID, merchant_id: UUID, *, reason: str, actor: str, now: datetime
) -> Sticker:
    """Revoke a sticker and issue another in its place, both or neither; the old one keeps the new one's serial."""
    async with transaction():
        await revoke_sticker(runtime, sticker_id, merchant_id, reason=reason, actor=actor, now=now)
        fresh = await issue_sticker(runtime, merchant_id, actor=actor, now=now)
        await Sticker.filter(id=sticker_id).update(replaced_by=fresh.serial)
    return fresh


async def _record(action: str, sticker: Sticker, actor: str, now: datetime) -> None:
    await audit.record(
        action,
        actor=actor,
        object_kind="sticker",
        object_id=sticker.id,
        detail={"merchant": str(sticker.merchant_id), "serial": sticker.serial},
        at=now,
    )
