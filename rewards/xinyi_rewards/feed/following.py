"""Follow the bureau's feed: each piece of news is taken in one transaction, or kept with the reason why not.

One piece never holds up those behind it. Of an error of the database only its kind is logged: what it says of a row
may be a person's name and number.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
import structlog
from tortoise.exceptions import DBConnectionError

from xinyi_platform.bureau import BureauNews, BureauSilent
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import ChangedMeanwhile, DomainError, TransitionForbidden
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRingError
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_rewards.feed.models import FeedRow
from xinyi_rewards.feed.names import reason_of
from xinyi_rewards.feed.taking import apply_news
from xinyi_rewards.honor_lists.texts import without_controls

MOST_TRIES = 36
"""How often a piece is tried that meets a conflict: with a run each ten minutes, for six hours."""
CIPHER_FIELD = "bureau_feed.fields"
_BATCH = 100
_UNREADABLE = Text("内容不完整或格式有误", "Something is missing or malformed")
_UNSTORABLE = Text("内容无法保存", "It cannot be stored")
_BUSY = Text("数据正在变动,稍后重试", "Others are changing the same; it is tried again")
_PASSING = (ChangedMeanwhile, TransitionForbidden)
_LOST = (
    DBConnectionError,
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a piece was not taken. What is `passing` may be taken the next time."""

    reason: Text
    is_passing: bool = False


async def follow_feed(runtime: Runtime) -> int:
    """Take what is new; returns how many pieces. A silent bureau is asked again the next time."""
    await _retry(runtime)
    last = await FeedRow.all().order_by("-number").first()
    try:
        news = await runtime.bureau.news_after(last.number if last else 0)
    except BureauSilent as error:
        log.info("feed_silent", code=error.code)
        return 0
    for one in news:
        await take(runtime, one, at=runtime.clock.now())
    return len(news)


async def take(runtime: Runtime, one: BureauNews, *, at: datetime) -> None:
    """Take one piece of news, or keep why it cannot be taken; a second time does nothing."""
    if await FeedRow.exists(number=one.number):
        return

    async def keep() -> bool:
        await FeedRow.create(**_row(one, at), outcome="taken")
        return True

    refusal = await _try(runtime, one, keep, at=at)
    if refusal is None:
        return
    row = {
        **_row(one, at),
        "outcome": "waiting" if refusal.is_passing else "refused",
        "reason_zh": refusal.reason.zh[:400],
        "reason_en": refusal.reason.en[:800],
        "fields_cipher": _sealed(runtime, one) if refusal.is_passing else "",
    }
    await bulk_insert(FeedRow, [row], skip_conflicts=True)  # another worker may have taken it


async def _retry(runtime: Runtime) -> None:
    """Try again what met a conflict; what meets one for too long is refused."""
    for row in await FeedRow.filter(outcome="waiting").order_by("number").limit(_BATCH):
        await _try_again(runtime, row, at=runtime.clock.now())


async def _try_again(runtime: Runtime, row: FeedRow, *, at: datetime) -> None:
    same = FeedRow.filter(id=row.id, outcome="waiting", tries=row.tries)
    one = _opened(runtime, row)

    async def keep() -> bool:
        taken = {"outcome": "taken", "fields_cipher": "", "reason_zh": "", "reason_en": "", "taken_at": at}
        return bool(await same.update(**taken))

    refusal = await _try(runtime, one, keep, at=at) if one else Refusal(_UNREADABLE)
    if refusal is None:
        return
    waits = refusal.is_passing and row.tries < MOST_TRIES
    await same.update(
        outcome="waiting" if waits else "refused",
        tries=row.tries + 1,
        reason_zh=refusal.reason.zh[:400],
        reason_en=refusal.reason.en[:800],
        fields_cipher=row.fields_cipher if waits else "",
    )


async def _try(
    runtime: Runtime, one: BureauNews, keep: Callable[[], Awaitable[bool]], *, at: datetime
) -> Refusal | None:
    """Take a piece with the line that says so, in one transaction. Returns why not, or None.

    A lost connection is raised: it says nothing of the piece.
    """
    try:
        async with transaction():
            if await keep():
                await apply_news(runtime, one, at=at)
    except DomainError as error:
        return Refusal(reason_of(error), is_passing=isinstance(error, _PASSING))
    except (msgspec.ValidationError, KeyError, ValueError):
        return Refusal(_UNREADABLE)
    except asyncpg.TransactionRollbackError:
        return Refusal(_BUSY, is_passing=True)
    except _LOST:
        raise
    except Exception as error:  # whatever it is, those behind it are not held up
        log.warning("feed_piece_failed", number=one.number, kind=one.kind, error=type(error).__name__)
        return Refusal(_UNSTORABLE)
    return None


def _row(one: BureauNews, at: datetime) -> dict[str, Any]:
    document = one.fields.get("document_no") or one.fields.get("document") or ""
    return {
        "id": new_id(),
        "number": one.number,
        "kind": one.kind,
        "document_no": without_controls(document).strip()[:80],
        "reason_zh": "",
        "reason_en": "",
        "tries": 1,
        "fields_cipher": "",
        "taken_at": at,
        "settled_by": "",
        "note": "",
    }


def _opened(runtime: Runtime, row: FeedRow) -> BureauNews | None:
    """Return the piece that a row keeps; None where it cannot be read any more, its key being gone, say."""
    try:
        given = msgspec.json.decode(runtime.keys.decrypt(row.fields_cipher, field=CIPHER_FIELD))
        return msgspec.convert({"number": row.number, "kind": row.kind, "fields": given}, BureauNews)
    except (KeyRingError, msgspec.MsgspecError) as error:
        log.warning("feed_piece_unreadable", number=row.number, kind=row.kind, error=type(error).__name__)
        return None


def _sealed(runtime: Runtime, one: BureauNews) -> str:
    return runtime.keys.encrypt(msgspec.json.encode(one.fields).decode(), field=CIPHER_FIELD)
