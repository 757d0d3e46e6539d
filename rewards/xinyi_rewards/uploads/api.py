"""Uploads as JSON: send a sheet, ask how far it is and what is wrong, decide."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, Parameter

from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_platform.web import Form
from xinyi_rewards.honor_lists.states import MAKERS
from xinyi_rewards.uploads.models import ListUpload
from xinyi_rewards.uploads.pages import send_sheet
from xinyi_rewards.uploads.reading import faults_of, progress_of
from xinyi_rewards.uploads.receiving import MOST_BYTES, choose, find_upload


class UploadSheet(Form, kw_only=True, frozen=True):
    """`sheet`: xlsx or csv. `wish`: only `check` it, keep `all` rows or nothing, or the `good` ones."""

    kind: str
    title: str
    sheet: UploadFile
    wish: Literal["check", "all", "good"] = "check"


class UploadChoice(Request, kw_only=True, frozen=True):
    choice: Literal["all", "good", "discard"]


class UploadAnswer(Answer, kw_only=True, frozen=True):
    """One upload: received, checked, wanted, kept, refused or discarded.

    While it is worked on, `done` of `total` rows are through the `step` (check or keep).
    """

    id: UUID
    state: str
    good: int
    wrong: int
    list: UUID | None
    reason_zh: str
    reason_en: str
    step: str
    done: int
    total: int


class FaultAnswer(Answer, kw_only=True, frozen=True):
    """What is wrong with one row, by its number in the sheet and its column."""

    row: int
    column: str
    zh: str
    en: str


class StaffUploadController(Controller):
    path = "/staff/v1/list-uploads"
    guards = [Allow(Staff, roles=MAKERS)]
    tags = ["honor-lists"]

    @post("/", operation_id="sendListSheet", request_max_body_size=MOST_BYTES + 100_000)
    async def send(
        self,
        runtime: Runtime,
        principal: Staff,
        data: Annotated[UploadSheet, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> UploadAnswer:
        """Send a sheet of up to 100,000 rows; a large one is worked on in the background."""
        upload_id = await send_sheet(
            runtime, principal, kind=data.kind, title=data.title, sheet=data.sheet, wish=data.wish
        )
        return await _answer(runtime, await find_upload(upload_id, principal))

    @get("/{upload_id:uuid}", operation_id="getListUpload")
    async def one(self, runtime: Runtime, principal: Staff, upload_id: UUID) -> UploadAnswer:
        """How far an upload of mine is."""
        return await _answer(runtime, await find_upload(upload_id, principal))

    @get("/{upload_id:uuid}/faults", operation_id="listUploadFaults")
    async def faults(
        self, principal: Staff, upload_id: UUID, page: Annotated[int, Parameter(ge=1, le=10_000)] = 1
    ) -> list[FaultAnswer]:
        """What is wrong with its rows, a hundred a page."""
        rows, _ = await faults_of(await find_upload(upload_id, principal), page=page)
        return [FaultAnswer(row=row.row, column=row.column, zh=row.zh, en=row.en) for row in rows]

    @post("/{upload_id:uuid}/decide", status_code=200, operation_id="decideListUpload")
    async def decide(self, runtime: Runtime, principal: Staff, upload_id: UUID, data: UploadChoice) -> UploadAnswer:
        """Keep all rows of a checked sheet, its good ones, or nothing."""
        await choose(upload_id, principal, data.choice, at=runtime.clock.now())
        return await _answer(runtime, await find_upload(upload_id, principal))


async def _answer(runtime: Runtime, upload: ListUpload) -> UploadAnswer:
    progress = await progress_of(runtime, upload)
    return UploadAnswer(
        id=upload.id,
        state=upload.state,
        good=upload.good,
        wrong=upload.wrong,
        list=upload.list_id,
        reason_zh=upload.reason_zh,
        reason_en=upload.reason_en,
        step=progress.step if progress else "",
        done=progress.done if progress else 0,
        total=progress.of if progress else 0,
    )


ROUTES = (StaffUploadController,)
