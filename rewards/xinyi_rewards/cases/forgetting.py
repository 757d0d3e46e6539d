"""Forget what a case no longer needs: pictures of what has ended at once, the rest of its record after its term.

From the moment a version ends nobody can open its pictures; this job removes them. Files are named by their content,
and another row, of any feature, may name the same one: then it stays. A file is first set aside and removed by the next
run only, so that somebody who stores the same content at this moment finds it again.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.files import FileStore, StoredFile
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.making import record
from xinyi_rewards.cases.models import CasePerson, CasePicture, CaseVersion, ExemplaryCase
from xinyi_rewards.cases.policy import case_policy

ENDED = ("superseded", "withdrawn")
PURPOSES = ("case.picture", "case.consent")
MOST_AT_ONCE = 500


async def forget_ended(runtime: Runtime) -> int:
    """Remove what is over and the files that nothing of a case names any more. Returns how many things went."""
    now = runtime.clock.now()
    gone = await CasePicture.filter(version_id__in=await _ended()).delete()
    return gone + await _forget_records(now) + await _forget_files(runtime.files)


async def _ended() -> list[UUID]:
    shown = await CasePicture.filter(version__state__in=ENDED).limit(MOST_AT_ONCE)
    return [row.version_id for row in shown]


async def _forget_records(now: datetime) -> int:
    """Remove versions whose term is over, with whom they showed; a case goes with its last version."""
    over = CaseVersion.filter(state__in=ENDED, ended_at__lte=now - case_policy().keep_ended)
    rows = await over.limit(MOST_AT_ONCE)
    for version in rows:
        async with transaction():
            await record(version, "forget", "job:cases", now)
            await CaseVersion.filter(id=version.id).delete()
            if not await CaseVersion.filter(case_id=version.case_id).exists():
                await ExemplaryCase.filter(id=version.case_id).delete()
    return len(rows)


async def _forget_files(store: FileStore) -> int:
    stored = {row.id: row for row in await StoredFile.filter(purpose__in=PURPOSES)}
    pictures = await CasePicture.all().values_list("file_id", flat=True)
    papers = await CasePerson.filter(paper_file_id__isnull=False).values_list("paper_file_id", flat=True)
    gone = 0
    for file_id in stored.keys() - set(pictures) - set(papers):
        row = stored[file_id]
        is_shared = await StoredFile.filter(digest=row.digest).exclude(id=row.id).exists()
        if await asyncio.to_thread(_let_go, store, row.digest, is_shared=is_shared):
            gone += await StoredFile.filter(id=row.id).delete()
    return gone


def _let_go(store: FileStore, digest: str, *, is_shared: bool) -> bool:
    """Take one step towards a content's removal; True once nothing of it remains that only a case needed."""
    kept = store.path_of(digest)
    aside = kept.with_suffix(".aside")
    if is_shared:
        if aside.exists() and not kept.exists():
            aside.replace(kept)
        aside.unlink(missing_ok=True)
        return True
    if kept.exists():
        kept.replace(aside)
        return False
    aside.unlink(missing_ok=True)
    return True
