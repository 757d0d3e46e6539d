"""Idempotency keys: a repeated request never acts twice and gets the answer of the first."""

from __future__ import annotations

from xinyi_platform.idempotency.models import IdempotencyRecord
from xinyi_platform.idempotency.running import (
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    fingerprint,
    forget_expired,
    run_once,
)

__all__ = [
    "IdempotencyKeyMissing",
    "IdempotencyKeyReused",
    "IdempotencyRecord",
    "fingerprint",
    "forget_expired",
    "run_once",
]
