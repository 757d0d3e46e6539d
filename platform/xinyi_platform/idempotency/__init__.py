"""Idempotency keys: a repeated request never acts twice and gets the answer of the first."""

from __future__ import annotations

from xinyi_platform.idempotency.answering import IdempotencyKey, answer_once
from xinyi_platform.idempotency.models import IdempotencyRecord
from xinyi_platform.idempotency.running import (
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    fingerprint,
    forget_expired,
    run_once,
)

__all__ = [
    "IdempotencyKey",
    "IdempotencyKeyMissing",
    "IdempotencyKeyReused",
    "IdempotencyRecord",
    "answer_once",
    "fingerprint",
    "forget_expired",
    "run_once",
]
