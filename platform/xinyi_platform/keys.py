"""The key ring: every secret of an instance in one file, by purpose and `kid`, with rotation.

A purpose's newest key signs and encrypts; older ones still verify and decrypt until they are retired. The file
is the one secret that a city must keep; it is written with mode 0600 and never leaves by any route but
`public_keys`, which gives the public halves.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Algorithm = Literal["EdDSA", "HMAC", "AES-GCM"]

PURPOSES: dict[str, Algorithm] = {
    "token": "EdDSA",  # residents' and partners' access tokens, JWS
    "entitlement": "EdDSA",  # codes on a resident's phone, JWS
    "certificate": "EdDSA",  # signed snapshots and certificates
    "bureau": "EdDSA",  # this platform's requests to the bureau
    "webhook": "EdDSA",  # v1a signatures of outgoing webhooks
    "audit": "EdDSA",  # checkpoints of the audit trail
    "sticker": "HMAC",  # the 80-bit MAC printed on stickers
    "session": "HMAC",  # CSRF and session digests
    "index": "HMAC",  # blind indexes of identity numbers and phones
    "data": "AES-GCM",  # personal data at rest
}


class KeyRingError(Exception):
    """The ring cannot serve: the file is missing or broken, or a `kid` is unknown or retired."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `secret` is 32 bytes: the Ed25519 seed, the MAC key or the AES key."""

    kid: str
    purpose: str
    secret: bytes
    created_at: str
    retired: bool = False

    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)

    def public(self) -> Ed25519PublicKey:
        return self.private().public_key()


class KeyRing:
    """All keys of an instance; the last of a purpose that is not retired is in use."""

    def __init__(self, keys: list[Key]) -> None:
        self._by_kid = {key.kid: key for key in keys}
        self._live: dict[str, list[Key]] = {}

    @classmethod
    def generate(cls, at: datetime) -> KeyRing:
        """Make a ring with one fresh key for each purpose."""
        return cls([_fresh(purpose, at) for purpose in PURPOSES])

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """Read a ring from its file. Raises KeyRingError when it is missing or broken."""
        try:
            rows = json.loads(path.read_text())
            keys = [
                Key(r["kid"], r["purpose"], base64.b64decode(r["secret"]), r["created_at"], r["retired"])
                for r in rows["keys"]
            ]
        except FileNotFoundError as error:
            raise KeyRingError(f"there is no key ring at {path}; make one with `xinyi keys init`") from error
        except (ValueError, KeyError, TypeError) as error:
            raise KeyRingError(f"the key ring at {path} is broken") from error
        return cls(keys)

    def save(self, path: Path) -> None:
        """Write the ring to its file, whole or not at all, readable by its owner only."""
        rows = [
            {
                "kid": key.kid,
                "purpose": key.purpose,
                "secret": base64.b64encode(key.secret).decode(),
                "created_at": key.created_at,
                "retired": key.retired,
            }
            for key in self._by_kid.values()
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"keys": rows}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    def rotate(self, purpose: str, at: datetime) -> Key:
        """Add a fresh key for a purpose; it is in use from now on, the older ones still verify."""
        key = _fresh(purpose, at)
        self._by_kid[key.kid] = key
        self._live.clear()
        return key

    def retire(self, kid: str) -> None:
        """Stop accepting a key. Raises KeyRingError for the key in use or one that is not there."""
        key = self.find(kid, self._owner(kid))
        if self.current(key.purpose).kid == kid:
            raise KeyRingError(f"{kid} is in use; rotate {key.purpose} first")
        self._by_kid[kid] = Key(key.kid, key.purpose, key.secret, key.created_at, retired=True)
        self._live.clear()

    def _owner(self, kid: str) -> str:
        if kid not in self._by_kid:
            raise KeyRingError(f"there is no key {kid}")
        return self._by_kid[kid].purpose

    def current(self, purpose: str) -> Key:
        """Return the key in use for a purpose."""
        live = self.live(purpose)
        if not live:
            raise KeyRingError(f"the key ring has no key for {purpose}")
        return live[-1]

    def live(self, purpose: str) -> list[Key]:
        """Return a purpose's keys that still verify, oldest first."""
        found = self._live.get(purpose)
        if found is None:
            found = [key for key in self._by_kid.values() if key.purpose == purpose and not key.retired]
            self._live[purpose] = found
        return found

    def find(self, kid: str, purpose: str) -> Key:
        """Return one key that still verifies. Raises KeyRingError when unknown, retired or of another purpose."""
        key = self._by_kid.get(kid)
        if key is None or key.purpose != purpose or key.retired:
            raise KeyRingError(f"no live key {kid} for {purpose}")
        return key

    def is_retired(self, kid: str) -> bool:
        """Tell whether a key is in the ring and accepted no more."""
        key = self._by_kid.get(kid)
        return key is not None and key.retired

    def public_keys(self, *purposes: str) -> list[dict[str, str]]:
        """Return the public halves as JWKs (RFC 8037), for `/.well-known/jwks.json`."""
        return [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": key.kid,
                "x": base64.urlsafe_b64encode(key.public().public_bytes_raw()).rstrip(b"=").decode(),
            }
            for purpose in purposes
            for key in self.live(purpose)
        ]

    def mac(self, purpose: str, message: bytes, *, kid: str | None = None, even_retired: bool = False) -> bytes:
        """Return the HMAC-SHA256 of a message under the key in use, or under the live key `kid`.

        With `even_retired` also under a key that is accepted no more: to tell what it once stood under, never to accept
        it.
        """
        held = self._by_kid.get(kid or "")
        if even_retired and held is not None and held.purpose == purpose:
            return hmac.digest(held.secret, message, hashlib.sha256)
        key = self.find(kid, purpose) if kid else self.current(purpose)
        return hmac.digest(key.secret, message, hashlib.sha256)

    def blind_index(self, value: str, *, field: str) -> str:
        """Return a keyed digest for looking a personal value up by equality. It needs the ring's first index key."""
        key = self.live("index")[0]
        return hmac.digest(key.secret, f"{field}\0{value}".encode(), hashlib.sha256).hex()

    def encrypt(self, value: str, *, field: str) -> str:
        """Encrypt personal data for the database as `kid.base64(nonce + ciphertext)`, bound to its field's name."""
        return self.encrypt_bytes(value.encode(), field=field)

    def encrypt_bytes(self, value: bytes, *, field: str) -> str:
        """Encrypt a file's content like `encrypt` does a text."""
        key = self.current("data")
        nonce = secrets.token_bytes(12)
        sealed = _cipher(key.secret).encrypt(nonce, value, field.encode())
        return f"{key.kid}.{base64.b64encode(nonce + sealed).decode()}"

    def decrypt(self, stored: str, *, field: str) -> str:
        """Read what `encrypt` wrote. Raises KeyRingError when the key is gone or the text was changed."""
        return self.decrypt_bytes(stored, field=field).decode()

    def decrypt_bytes(self, stored: str, *, field: str) -> bytes:
        """Read what `encrypt_bytes` wrote. Raises KeyRingError as `decrypt` does."""
        kid, _, body = stored.partition(".")
        key = self.find(kid, "data")
        try:
            raw = base64.b64decode(body)
            return _cipher(key.secret).decrypt(raw[:12], raw[12:], field.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyRingError(f"a stored {field} cannot be read") from error


@lru_cache(maxsize=64)
def _cipher(secret: bytes) -> AESGCM:
    """Return the cipher of a key; making one costs more than a name's encryption."""
    return AESGCM(secret)


def _fresh(purpose: str, at: datetime) -> Key:
    return Key(f"{purpose}-{secrets.token_hex(4)}", purpose, secrets.token_bytes(32), at.isoformat())
