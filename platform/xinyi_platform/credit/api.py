"""A resident's own credit and who looked at it, over HTTP and as pages; and the copy of her data."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, get
from litestar.params import QueryParameter
from litestar.response import Response, Template

from xinyi_platform.consents import PURPOSES, Consent, ConsentMissing
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit.models import CreditRead
from xinyi_platform.credit.reading import CreditStatus, CreditUnknown, CreditUse, read_credit
from xinyi_platform.identity import resident_profile
from xinyi_platform.language import Text, language_of
from xinyi_platform.notices import all_notices
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.web import page

AnyRequest = Request[Any, Any, Any]
PAGE_SIZE = 50

READERS = {
    "resident": Text("本人", "Myself"),
    "scenarios": Text("信易+场景资格判定", "Xinyi+ scene decisions"),
    "partner": Text("接入机构", "A partner"),
    "staff": Text("工作人员", "Staff"),
    "job": Text("平台定时任务", "The platform's scheduled work"),
}
REASONS = {
    "view": Text("查看自己的信用状况", "Looking at one's own standing"),
    "decide": Text("判定场景资格", "Deciding scenes"),
    "claim": Text("领取权益", "Claiming a benefit"),
    "referral": Text("您让平台答复的“是/否”", "The yes or no that you had told"),
    "recheck": Text("复核已领取的权益", "Checking a benefit that is held"),
}
OUTCOMES = {
    "fresh": Text("已向信用平台查询", "Asked the bureau"),
    "cached": Text("使用已保存的结果", "Used the stored answer"),
    "unknown": Text("未能查到", "Could not be read"),
    "refused": Text("因未授权被拒绝", "Refused for want of consent"),
}


class CreditAnswer(Answer, kw_only=True, frozen=True):
    """My standing, or unknown with the reason. `as_of` is the bureau's own time."""

    status: str
    standing: str | None = None
    black_listed: bool | None = None
    as_of: datetime | None = None
    is_fresh: bool | None = None
    reason: str | None = None


class ReadAnswer(Answer, kw_only=True, frozen=True):
    """One look at my credit: who, when, for what, by which consent, with what outcome."""

    id: UUID
    at: datetime
    reader: str
    purpose: str
    reason: str
    consent_id: UUID | None
    outcome: str


def _answer(reading: CreditStatus | CreditUnknown, request: AnyRequest) -> CreditAnswer:
    if isinstance(reading, CreditUnknown):
        return CreditAnswer(status="unknown", reason=reading.reason.read(language_of(request)))
    return CreditAnswer(
        status="known",
        standing=reading.standing,
        black_listed=reading.black_listed,
        as_of=reading.as_of,
        is_fresh=reading.is_fresh,
    )


async def _reads(resident_id: UUID, number: int | None) -> list[ReadAnswer]:
    """Return one page of the looks at a resident's credit, newest first; all of them for None."""
    rows = CreditRead.filter(resident_id=resident_id).order_by("-at", "-id")
    if number is not None:
        rows = rows.offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return [
        ReadAnswer(
            id=row.id,
            at=row.at,
            reader=row.reader,
            purpose=row.purpose,
            reason=row.reason,
            consent_id=row.consent_id,
            outcome=row.outcome,
        )
        for row in await rows
    ]


async def _own(runtime: Runtime, resident: Resident) -> CreditStatus | CreditUnknown:
    return await read_credit(runtime, resident.id, CreditUse(purpose=SCENES, reader=resident.label, reason="view"))


class CreditController(Controller):
    path = "/api/v1/me"
    guards = [Allow(Resident)]
    tags = ["consent"]

    @get("/credit", operation_id="getMyCredit")
    async def credit(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> CreditAnswer:
        """My standing with its age; needs my consent like any other read."""
        return _answer(await _own(runtime, principal), request)

    @get("/access-log", operation_id="listMyReads")
    async def access_log(
        self, principal: Resident, number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1
    ) -> list[ReadAnswer]:
        """Every look at my credit, newest first."""
        return await _reads(principal.id, number)

    @get("/export", operation_id="exportMyData")
    async def export(self, runtime: Runtime, principal: Resident) -> Response[bytes]:
        """A machine-readable copy of my data (PIPL art. 45)."""
        profile = await resident_profile(runtime, principal.id)
        consents = await Consent.filter(resident_id=principal.id).order_by("granted_at").values()
        document = {
            "profile": profile,
            "consents": consents,
            "access_log": await _reads(principal.id, None),
            "notices": await all_notices(principal.id),
        }
        headers = {"Content-Disposition": 'attachment; filename="my-data.json"', "Cache-Control": "no-store"}
        return Response(msgspec.json.encode(document), media_type="application/json", headers=headers)


class CreditPages(Controller):
    path = "/app"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/access-log")
    async def access_log(
        self,
        request: AnyRequest,
        principal: Resident,
        number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1,
    ) -> Template:
        """谁查过我: who looked, when, for what, by which consent."""
        reads = await _reads(principal.id, number)
        titles = {code: purpose.title for code, purpose in PURPOSES.items()}
        return page(
            "credit/access_log.html",
            request,
            reads=reads,
            number=number,
            titles=titles,
            readers=READERS,
            reasons=REASONS,
            outcomes=OUTCOMES,
        )

    @get("/credit")
    async def credit(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """My standing and its age, or why it cannot be told."""
        try:
            reading: CreditStatus | CreditUnknown | None = await _own(runtime, principal)
        except ConsentMissing:
            reading = None
        return page("credit/mine.html", request, reading=reading, known=isinstance(reading, CreditStatus))


ROUTES = (CreditController, CreditPages)
