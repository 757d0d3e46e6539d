"""Run an act once for its key: the row, the act and the stored answer are one transaction.

Two requests with one key race for the unique row. The loser waits for the winner's commit on PostgreSQL (or
for the write lock on SQLite) and then replays the stored answer; a row that is still `running` to it means the
first is not done, which is a 409 to be retried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import Conflict, InvalidInput, Unprocessable
from xinyi_platform.idempotency.models import IdempotencyRecord
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text

KEEP = timedelta(days=2)
MOST_KEY_CHARACTERS = 128
MOST_SCOPE_CHARACTERS = 160


class IdempotencyKeyMissing(InvalidInput):
    """The request changes something and must carry an Idempotency-Key."""

    code = "idempotency_key_missing"
    text = Text(
        "缺少 Idempotency-Key 请求头(1–128 个字符)。",
        "The Idempotency-Key header is missing (1–128 characters).",
    )


class IdempotencyKeyReused(Unprocessable):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    text = Text("该 Idempotency-Key 已用于内容不同的请求。", "This Idempotency-Key was used for a different request.")


class RequestInProgress(Conflict):
    """The first request with this key still runs."""

    code = "request_in_progress"
    text = Text("相同请求正在处理中,请稍后重试。", "The first request with this key is still running; retry shortly.")


def fingerprint(body: bytes) -> str:
    """Return the SHA-256 of a request's body in hex."""
    return hashlib.sha256(body).hexdigest()


def checked_key(key: str | None) -> str:
    """Return the key, or raise IdempotencyKeyMissing (400) when there is none or it is too long."""
    if not key or len(key) > MOST_KEY_CHARACTERS:
        raise IdempotencyKeyMissing
    return key


def stored_scope(scope: str) -> str:
    """Return the scope as it is stored: itself, or its digest where an address in it is longer than the column."""
    return scope if len(scope) <= MOST_SCOPE_CHARACTERS else f"sha256:{fingerprint(scope.encode())}"


async def run_once(
    *,
    scope: str,
    key: str | None,
    body: bytes,
    now: datetime,
    act: Callable[[], Awaitable[tuple[int, object]]],
) -> tuple[int, object]:
    """Run `act` once for (scope, key) and return its (status, JSON body), or the stored one of the first time.

    An act that raises leaves nothing behind, so that the same key may be tried again. Raises
    IdempotencyKeyMissing (400), RequestInProgress (409), IdempotencyKeyReused (422).
    """
    key, scope = checked_key(key), stored_scope(scope)
    row = {
        "id": new_id(),
        "scope": scope,
        "key": key,
        "fingerprint": fingerprint(body),
        "state": "running",
        "status": 0,
        "body": {},
        "created_at": now,
        "expires_at": now + KEEP,
    }
    async with transaction():
        first = await bulk_insert(IdempotencyRecord, [row], skip_conflicts=True)
        if not first:
            return await _earlier_answer(scope, key, fingerprint(body))
        status, answer = await act()
        await IdempotencyRecord.filter(scope=scope, key=key).update(
            state="done", status=status, body={"answer": answer}
        )
    return status, answer


async def _earlier_answer(scope: str, key: str, digest: str) -> tuple[int, object]:
    stored = await IdempotencyRecord.get_or_none(scope=scope, key=key)
    if stored is None or stored.state != "done":
        raise RequestInProgress
    if stored.fingerprint != digest:
        raise IdempotencyKeyReused
    return stored.status, stored.body["answer"]


async def forget_expired(now: datetime, *, limit: int = 5_000) -> int:
    """Delete stored answers that have expired. Returns how many."""
    old = await IdempotencyRecord.filter(expires_at__lte=now).limit(limit).only("id")
    return await IdempotencyRecord.filter(id__in=[row.id for row in old]).delete() if old else 0
