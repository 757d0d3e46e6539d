"""The code of the moment: new each 30 seconds, good for 90, so that a picture of it is worth nothing later.

It is the first 40 bits of an HMAC-SHA256 over gathering and half minute, as eight characters of Crockford's base 32.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

from xinyi_platform.keys import KeyRing

STEP_SECONDS = 30
STEPS_GOOD = 3
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


def code_at(keys: KeyRing, gathering_id: UUID, at: datetime) -> str:
    """Return the code that is shown at an instant."""
    return _code(keys, gathering_id, int(at.timestamp()) // STEP_SECONDS)


def is_good(keys: KeyRing, gathering_id: UUID, typed: str, at: datetime) -> bool:
    """Tell whether a code, typed in any case, was shown in the last 90 seconds."""
    step, code = int(at.timestamp()) // STEP_SECONDS, typed.strip().upper().translate(_LIKE)
    shown = [_code(keys, gathering_id, step - back) for back in range(STEPS_GOOD)]
    return any([hmac.compare_digest(code.encode(), one.encode()) for one in shown])  # noqa: C419 -- all are compared


def _code(keys: KeyRing, gathering_id: UUID, step: int) -> str:
    number = int.from_bytes(keys.mac("session", f"gathering|{gathering_id}|{step}".encode())[:5], "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
