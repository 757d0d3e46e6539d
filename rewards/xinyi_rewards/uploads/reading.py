"""Uploads as their maker reads them: how far, what is wrong, and the sheet with a verdict beside every row."""

from __future__ import annotations

import asyncio
import io
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from xinyi_platform.errors import NotFound
from xinyi_platform.language import Language, Text
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.spreadsheets import WorkbookWriter, read_cells, text_of
from xinyi_rewards.uploads.models import ListUpload, UploadContent, UploadFault
from xinyi_rewards.uploads.receiving import CONTENT_FIELD
from xinyi_rewards.uploads.states import WORKING
from xinyi_rewards.uploads.working import progress_name

PAGE_SIZE = 100
_GOOD, _VERDICT = Text("可以导入", "good"), Text("检查结果", "Verdict")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many rows are through which step, `check` or `keep`; `step` is empty while it waits to begin."""

    step: str = ""
    done: int = 0
    of: int = 0

    @property
    def percent(self) -> int:
        return 100 * self.done // self.of if self.of else 0


async def progress_of(runtime: Runtime, upload: ListUpload) -> Progress | None:
    """Return how far an upload is that is being worked on; None for any other."""
    if upload.state not in WORKING:
        return None
    told = await runtime.cache.get(progress_name(upload.id))
    if told is None or upload.held_until is None:
        return Progress()
    step, done, of = told.decode().split(" ")
    return Progress(step, int(done), int(of))


async def my_uploads(maker: Staff) -> list[ListUpload]:
    """Return one's newest uploads."""
    return await ListUpload.filter(maker_person=maker.person).order_by("-created_at").limit(20)


async def faults_of(upload: ListUpload, *, page: int) -> tuple[list[UploadFault], int]:
    """Return one page of what is wrong, in the order of the sheet, and how many there are."""
    rows = UploadFault.filter(upload_id=upload.id)
    return await rows.order_by("place").offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE), await rows.count()


async def verdict_sheet(runtime: Runtime, upload: ListUpload, language: Language) -> bytes:
    """Return the sheet as it was sent with a verdict beside every row. Raises NotFound (404) where it is gone."""
    held = await UploadContent.get_or_none(upload_id=upload.id)
    if held is None or upload.state != "checked":
        raise NotFound
    content = await asyncio.to_thread(runtime.keys.decrypt_bytes, held.cipher, field=CONTENT_FIELD)
    wrong: dict[int, list[str]] = defaultdict(list)
    for row, column, zh, en in await _all_faults(upload.id):
        wrong[row].append(f"{column}: {Text(zh, en).read(language)}")
    return await asyncio.to_thread(_drawn, content, upload.filename, wrong, language)


async def _all_faults(upload_id: UUID) -> list[tuple[int, str, str, str]]:
    return await UploadFault.filter(upload_id=upload_id).order_by("place").values_list("row", "column", "zh", "en")


def _drawn(content: bytes, filename: str, wrong: dict[int, list[str]], language: Language) -> bytes:
    header, *rows = read_cells(content, filename)
    out = io.BytesIO()
    with WorkbookWriter(out) as book:
        book.add([[*map(text_of, header), _VERDICT.read(language)]])
        for number, row in enumerate(rows, 2):
            verdict = "; ".join(wrong[number]) if number in wrong else _GOOD.read(language)
            book.add([[*map(text_of, row), verdict]])
    return out.getvalue()
