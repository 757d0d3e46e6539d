"""Identifiers: UUIDv7 for rows, Crockford base32 with a check character for codes that people see."""

from __future__ import annotations

import secrets
from functools import cache
from uuid import UUID

from uuid_utils.compat import uuid7

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_id() -> UUID:
    """Return a new UUIDv7: unique, and ordered by time of making."""
    return uuid7()


def encode_base32(value: int, length: int) -> str:
    """Write a number in Crockford base32, padded with zeros to `length` characters."""
    if value >> 5 * length:
        raise ValueError("the number does not fit the length")
    return "".join([ALPHABET[value >> shift & 31] for shift in range(5 * (length - 1), -1, -5)])


@cache
def _weights(length: int) -> tuple[int, ...]:
    return tuple(pow(3, place, 31) for place in range(1, length + 1))


def check_character(body: str) -> str:
    """Return the check character of a code: a sum weighted by powers of 3, mod 31.

    Crockford's own mod 37 needs `* ~ $ = U`, which cannot all stand in a URL in QR alphanumeric mode.
    """
    total = sum([_VALUES[character] * weight for character, weight in zip(body, _weights(len(body)), strict=True)])
    return ALPHABET[total % 31]


def new_public_code(length: int = 10) -> str:
    """Return a random public code: `length` base32 characters and a check character, never sequential."""
    body = encode_base32(secrets.randbits(5 * length), length)
    return body + check_character(body)


def normalise_public_code(text: str) -> str:
    """Return what was typed in canonical form: upper case, no spaces or dashes, O as 0, I and L as 1."""
    return text.strip().upper().replace("-", "").replace(" ", "").translate(_LOOKALIKES)


def is_public_code(text: str) -> bool:
    """Tell whether a canonical code's check character is right."""
    body, check = text[:-1], text[-1:]
    return bool(body) and all(c in ALPHABET for c in body) and check_character(body) == check
