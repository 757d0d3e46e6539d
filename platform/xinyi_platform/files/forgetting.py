"""Remove stored files that nothing names any more: replaced evidence, papers that were taken back, discarded drafts.

A content may be named by several rows, of any feature: it goes with the last one. A file that was just stored has a day
to be named: its request may not be committed yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from xinyi_platform.database import current_connection
from xinyi_platform.files.models import StoredFile
from xinyi_platform.files.naming import FileColumn, NamedFiles
from xinyi_platform.runtime import Runtime

GRACE = timedelta(days=1)
_AT_ONCE = 500


async def forget_unnamed(runtime: Runtime) -> int:
    """Remove what nothing names, rows and contents, and seal what lies in clear. Returns how many rows went.

    A content that no other row has is set aside by one run and removed by the next; its row goes with it.
    """
    store = runtime.files
    await asyncio.to_thread(store.seal_clear)
    rows = await _unnamed(runtime.part(NamedFiles).columns, runtime.clock.now() - GRACE)
    ids, digests = [row.id for row in rows], {row.digest for row in rows}
    others = StoredFile.filter(digest__in=list(digests)).exclude(id__in=ids)
    shared = {row.digest for row in await others}
    gone = {digest for digest in digests if await asyncio.to_thread(store.let_go, digest, is_shared=digest in shared)}
    return await StoredFile.filter(id__in=[row.id for row in rows if row.digest in gone]).delete()


async def _unnamed(columns: Sequence[FileColumn], before: datetime) -> list[StoredFile]:
    """Return files stored before an instant that no column names, the oldest first."""
    if not columns:
        return []
    purposes = ", ".join(f"'{purpose}'" for purpose in sorted({column.purpose for column in columns}))
    unnamed = " AND ".join(f"NOT {column.names}" for column in columns)
    sql = (
        f"SELECT f.id FROM stored_file AS f WHERE f.purpose IN ({purposes}) AND {unnamed}"  # noqa: S608 -- our own names
        f" ORDER BY f.created_at LIMIT {_AT_ONCE}"
    )
    _, found = await current_connection().execute_query(sql)
    return await StoredFile.filter(id__in=[row["id"] for row in found], created_at__lte=before)
