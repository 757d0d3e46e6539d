"""Checking a sticker without network: a signed snapshot of a district's stickers, and what it says of a code.

Nothing here reads a database or a clock. A snapshot holds salted digests of serials and of whole printed codes, so that
it names no shop and makes no sticker: from it nobody learns a code's last 80 bits. `offline_check.js` is the same in a
browser; one table of cases is run over both.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import jwt
from jwt.types import Options

from xinyi_merchants.stickers.issuing import SERIAL_LENGTH
from xinyi_merchants.stickers.recognising import recognise
from xinyi_platform.keys import KeyRing
from xinyi_platform.language import Text

AUDIENCE = "xinyi:stickers"
OLD = timedelta(days=7)
CLOCK_LEEWAY = timedelta(days=1)  # a snapshot from further ahead means that this device's clock is wrong
_SERIAL_BYTES, _CODE_BYTES = 9, 12
_UNTIMED: Options = {"verify_exp": False, "verify_iat": False}


class Verdict(StrEnum):
    """What can be said without network. CANNOT TELL is no "no"."""

    GENUINE = "GENUINE"
    REVOKED = "REVOKED"
    NOT_OURS = "NOT OURS"
    CANNOT_TELL = "CANNOT TELL"


REASONS: dict[str, Text] = {
    "live": Text(
        "在快照中有效。请核对店名和地址,确认没有被贴到别的店。",
        "It was live in the snapshot. Compare the shop's name and address: it may have been moved.",
    ),
    "revoked": Text("这张码贴已作废,请不要以它为准。", "This sticker was revoked; do not rely on it."),
    "wrong_check": Text(
        "有这个编号,但校验不符:不是本平台印的。", "The serial exists, but its check is wrong: we did not print it."
    ),
    "foreign": Text("这个网址不是本平台的,请不要打开或付款。", "The address is not ours. Do not open it or pay by it."),
    "no_code": Text("这不是本平台码贴的编码。", "This is no code of our stickers."),
    "unknown": Text(
        "快照中没有这个编号:可能是新发的,或属于别的区。请联网核验。",
        "The snapshot does not hold this serial: it may be newer, or of another district. Check it online.",
    ),
    "number": Text(
        "这是商户编号或统一社会信用代码,不是码贴,证明不了真伪。请联网查看商户页面。",
        "This is a shop's number, not a sticker, and proves nothing. Look at the shop's page online.",
    ),
    "old": Text(
        "快照已超过7天,之后可能已经作废。请联网更新。",
        "The snapshot is older than 7 days; the sticker may have been revoked since. Refresh it online.",
    ),
    "clock": Text(
        "本机时间不对,无法判断快照新旧。", "This device's clock is wrong, so the snapshot's age cannot be told."
    ),
    "signature": Text(
        "快照不带本市的签名,或已损坏。请联网重新下载。",
        "The snapshot does not carry the city's signature, or is damaged. Fetch it again online.",
    ),
    "no_snapshot": Text("本机还没有快照。请联网下载。", "There is no snapshot on this device. Fetch one online."),
    "no_crypto": Text("这个浏览器不能核验签名。请联网核验。", "This browser cannot check the signature. Check online."),
}


class SnapshotUnreadable(ValueError):
    """The snapshot was not signed by the city, or is for another purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A district's stickers at `taken_at`: the digest of each serial → of its whole printed code."""

    district: str
    taken_at: datetime
    public_url: str
    salt: str
    live: Mapping[str, str]
    revoked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OfflineAnswer:
    """The verdict and why; `age` is that of what is known, None where no snapshot could be read."""

    verdict: Verdict
    reason: str
    age: timedelta | None = None


def sign_snapshot(
    keys: KeyRing, district: str, public_url: str, *, live: Iterable[str], revoked: Iterable[str], at: datetime
) -> str:
    """Sign a district's printed codes as digests under a salt of this snapshot's own."""
    salt = secrets.token_urlsafe(12)
    key = keys.current("certificate")
    claims = {
        "aud": AUDIENCE, "iat": int(at.timestamp()), "dst": district, "url": public_url, "salt": salt,
        "live": _digests(salt, live), "revoked": _digests(salt, revoked),
    }  # fmt: skip
    return jwt.encode(claims, key.private(), algorithm="EdDSA", headers={"kid": key.kid})


def read_snapshot(jwks: Mapping[str, Any], token: str) -> Snapshot:
    """Return what a snapshot says. Raises SnapshotUnreadable."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = next(key for key in jwt.PyJWKSet.from_dict(dict(jwks)).keys if key.key_id == kid)
        claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=AUDIENCE, options=_UNTIMED)
    except (jwt.PyJWTError, StopIteration) as error:
        raise SnapshotUnreadable(REASONS["signature"].en) from error
    return Snapshot(
        district=str(claims["dst"]),
        taken_at=datetime.fromtimestamp(claims["iat"], UTC),
        public_url=str(claims["url"]),
        salt=str(claims["salt"]),
        live=claims["live"],
        revoked=claims["revoked"],
    )


def verify_offline(snapshot: Snapshot, shown: str, *, at: datetime) -> OfflineAnswer:
    """Say what a snapshot tells of a code that was typed or scanned."""
    age = at - snapshot.taken_at
    found = recognise(shown, snapshot.public_url)
    if found.kind == "foreign":
        return OfflineAnswer(Verdict.NOT_OURS, "foreign", age)
    if found.kind == "nothing":
        return OfflineAnswer(Verdict.NOT_OURS, "no_code", age)
    if found.kind != "sticker":
        return OfflineAnswer(Verdict.CANNOT_TELL, "number", age)
    serial = digest_serial(snapshot.salt, found.code[:SERIAL_LENGTH])
    known = snapshot.live.get(serial) or snapshot.revoked.get(serial)
    if known is None:
        return OfflineAnswer(Verdict.CANNOT_TELL, "unknown", age)
    if known != digest_code(snapshot.salt, found.code):
        return OfflineAnswer(Verdict.NOT_OURS, "wrong_check", age)
    if serial in snapshot.revoked:
        return OfflineAnswer(Verdict.REVOKED, "revoked", age)
    if age < -CLOCK_LEEWAY:
        return OfflineAnswer(Verdict.CANNOT_TELL, "clock", age)
    if age > OLD:
        return OfflineAnswer(Verdict.CANNOT_TELL, "old", age)
    return OfflineAnswer(Verdict.GENUINE, "live", age)


def digest_serial(salt: str, serial: str) -> str:
    return _digest(salt, serial, _SERIAL_BYTES)


def digest_code(salt: str, code: str) -> str:
    return _digest(salt, code, _CODE_BYTES)


def _digests(salt: str, codes: Iterable[str]) -> dict[str, str]:
    return {digest_serial(salt, code[:SERIAL_LENGTH]): digest_code(salt, code) for code in codes}


def _digest(salt: str, text: str, length: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(f"{salt}:{text}".encode()).digest()[:length]).decode("ascii")
