"""Give published entries out: to a partner by pages, to staff as a sheet, to offline readers as a snapshot."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.spreadsheets import WorkbookWriter
from xinyi_platform.tenancy import area_of
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.naming import shown_to_receivers
from xinyi_rewards.honor_lists.reading import shown_at
from xinyi_rewards.recalls.offline import sign_snapshot
from xinyi_rewards.recalls.policy import recall_policy
from xinyi_rewards.recalls.receiving import record_receipts
from xinyi_rewards.recalls.silence import receivers_of_staff, refuse_the_silent

PAGE_SIZE = 500
LOCK_CHUNK = 2_000
SNAPSHOT_KEPT_SECONDS = 20
"""So long one signature serves everybody: what ends has to be gone from every place within a minute."""
COLUMNS = ("名称", "证件号", "事迹或事实", "认定机关", "文书号", "发布日期", "最后一日", "条目编号")


@dataclass(frozen=True, slots=True)
class GivenPage:
    """One page of what a receiver gets. The next one begins after the entry `next_after`; None: this was the last."""

    entries: list[HonorEntry]
    next_after: UUID | None


@dataclass(frozen=True, slots=True)
class SignedSnapshot:
    """A signed snapshot, with what its reader sees of it at a glance."""

    token: str
    taken_at: datetime
    good_until: datetime
    entries: int


async def entries_for(receiver: str, kind: str, *, after: UUID | None, at: datetime) -> GivenPage:
    """Return one page of a kind's published entries by number, and put on record that the receiver has them.

    Raises NotFound (404) for an unknown kind and RecallsOpen (403) for a receiver that is silent on recalls.
    """
    kind_of(kind)
    await refuse_the_silent([receiver])
    async with transaction():
        published = shown_at(at).filter(kind=kind, state="published")
        page = await (published.filter(id__gt=after) if after else published).order_by("id").limit(PAGE_SIZE)
        rows = await _held(page, at=at)
        await record_receipts([row.id for row in rows], receiver, "api", at=at)
    return GivenPage(rows, page[-1].id if len(page) == PAGE_SIZE else None)


async def _held(found: Sequence[HonorEntry], *, at: datetime) -> list[HonorEntry]:
    """Return, in the same order, those entries that are still published, kept from ending until the transaction ends.

    So an end comes either before, and the entry is not given, or after, and its recall sees the receipt.
    """
    held: dict[UUID, HonorEntry] = {}
    ids = sorted(row.id for row in found)
    for start in range(0, len(ids), LOCK_CHUNK):
        still = shown_at(at).filter(id__in=ids[start : start + LOCK_CHUNK], state="published")
        held |= {row.id: row for row in await still.order_by("id").select_for_update(no_key=True)}
    return [held[row.id] for row in found if row.id in held]


async def export_sheet(kind: str, staff: Staff, *, at: datetime) -> bytes:
    """Return what is published of a kind in the area of a member of staff as xlsx; she becomes a receiver of each.

    Raises NotFound (404) and RecallsOpen (403) like a partner's reading.
    """
    kind_of(kind)
    await refuse_the_silent(await receivers_of_staff(staff))
    async with transaction():
        published = shown_at(at).filter(kind=kind, state="published")
        found = await area_of(staff).bind(published, "honor_list__division").order_by("published_at", "id")
        rows = await _held(found, at=at)
        await record_receipts([row.id for row in rows], staff.label, "export", at=at)
        await audit.record(
            "honor_list.export",
            actor=staff.label,
            object_kind="list_kind",
            object_id=kind,
            detail={"entries": len(rows)},
            at=at,
        )
    return await asyncio.to_thread(_drawn, rows)


def _drawn(rows: Sequence[HonorEntry]) -> bytes:
    out = io.BytesIO()
    with WorkbookWriter(out) as book:
        book.add([COLUMNS])
        book.add(_line(row) for row in rows)
    return out.getvalue()


def _line(row: HonorEntry) -> tuple[str, ...]:
    published = str(local_date(row.published_at)) if row.published_at else ""
    last = str(row.ends_on or (local_date(row.valid_until) if row.valid_until else ""))
    shown = shown_to_receivers(row)
    return (
        shown.name,
        shown.identity_number,
        shown.deed,
        row.authority,
        row.document_no,
        published,
        last,
        str(row.id),
    )


async def snapshot_of(runtime: Runtime, kind: str, *, at: datetime) -> SignedSnapshot:
    """Return which entries of a kind are published, signed at most so many seconds ago. Raises NotFound (404)."""
    kind_of(kind)
    name = f"list-snapshot:{kind}"
    kept = await runtime.cache.get(name)
    if kept is not None:
        return msgspec.json.decode(kept, type=SignedSnapshot)
    published = shown_at(at).filter(kind=kind, state="published")
    ids: list[UUID] = await published.values_list("id", flat=True)  # type: ignore[assignment]
    good_for = recall_policy().snapshot_good_for
    token = await asyncio.to_thread(sign_snapshot, runtime.keys, kind, ids, good_for=good_for, at=at)
    made = SignedSnapshot(token, at, at + good_for, len(ids))
    await runtime.cache.set(name, msgspec.json.encode(made), ttl_seconds=SNAPSHOT_KEPT_SECONDS)
    return made
