"""The acts of the console on scenes as JSON: look, propose, approve, refuse, withdraw."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar import Request as HttpRequest
from litestar.response import Response

from xinyi_platform.idempotency import IdempotencyKey, run_once
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.schema import Units
from xinyi_scenarios.quotas.models import Quota
from xinyi_scenarios.scene_changes.counting import Standing, running_quotas, standings_of
from xinyi_scenarios.scene_changes.deciding import approve_change, find_change, refuse_change, withdraw_change
from xinyi_scenarios.scene_changes.models import SceneChange
from xinyi_scenarios.scene_changes.proposing import (
    Proposer,
    propose_loan,
    propose_quota,
    propose_return,
    propose_switch,
    propose_version,
)
from xinyi_scenarios.scene_changes.reading import changes_of, is_mine, summary_of, waiting_changes
from xinyi_scenarios.scene_changes.states import DECIDERS, PROPOSERS

AnyRequest = HttpRequest[Any, Any, Any]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class SwitchRequest(Request, kw_only=True, frozen=True):
    on: bool
    reason: Reason


class VersionRequest(Request, kw_only=True, frozen=True):
    """`manifest`: the written form, as its file would hold it; slug and version are given by the platform."""

    manifest: dict[str, Any]
    reason: Reason


class QuotaRequest(Request, kw_only=True, frozen=True):
    quota: UUID
    total: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000_000)]
    is_open: bool
    reason: Reason


class LoanRequest(Request, kw_only=True, frozen=True):
    lender: UUID
    borrower: UUID
    units: Units
    reason: Reason


class ReturnRequest(Request, kw_only=True, frozen=True):
    loan: UUID
    units: Units
    reason: Reason


class RefusalRequest(Request, kw_only=True, frozen=True):
    reason: Reason


class TallyAnswer(Answer, kw_only=True, frozen=True):
    claimed: int
    used: int
    returned: int


class QuotaAnswer(Answer, kw_only=True, frozen=True):
    """One running quota: `measure` units or fen, `scope` empty for the whole city or `district:CODE`."""

    id: UUID
    measure: str
    scope: str
    period: str
    total: int
    used: int
    is_open: bool


class StaffScene(Answer, kw_only=True, frozen=True):
    """One scene: whether it is on, the version in force and the next, and its live counters."""

    slug: str
    name: str
    flow: str
    is_on: bool
    version: int
    next_version: int | None
    next_opens_on: date | None
    today: TallyAnswer
    month: TallyAnswer
    units: QuotaAnswer | None
    money: QuotaAnswer | None


class StaffVersion(Answer, kw_only=True, frozen=True):
    """One version with its manifest in the written form."""

    version: int
    opens_on: date
    in_force: bool
    manifest: dict[str, Any]


class StaffSceneDetail(Answer, kw_only=True, frozen=True):
    scene: StaffScene
    versions: list[StaffVersion]
    quotas: list[QuotaAnswer]
    changes: list[ChangeAnswer]


class ChangeAnswer(Answer, kw_only=True, frozen=True):
    """One change: proposed, approved, refused or withdrawn. `mine`: another person must decide it."""

    id: UUID
    slug: str
    kind: str
    summary: str
    proposal: dict[str, Any]
    base: dict[str, Any]
    reason: str
    state: str
    version: int | None
    mine: bool
    made_at: datetime
    decided_at: datetime | None
    decision_reason: str


def scene_line(runtime: Runtime, request: AnyRequest, slug: str, standing: Standing) -> StaffScene:
    catalogue = runtime.part(Catalogue)
    scene = catalogue.get(slug)
    later = next((version for version in catalogue.versions(slug) if version.version > scene.version), None)
    return StaffScene(
        slug=slug,
        name=scene.name.text.read(language_of(request)),
        flow=scene.flow,
        is_on=catalogue.is_on(slug),
        version=scene.version,
        next_version=later.version if later else None,
        next_opens_on=later.opens_on if later else None,
        today=TallyAnswer(claimed=standing.today.claimed, used=standing.today.used, returned=standing.today.returned),
        month=TallyAnswer(claimed=standing.month.claimed, used=standing.month.used, returned=standing.month.returned),
        units=_quota(standing.units) if standing.units else None,
        money=_quota(standing.money) if standing.money else None,
    )


def _quota(row: Quota) -> QuotaAnswer:
    return QuotaAnswer(
        id=row.id,
        measure=row.measure,
        scope=row.scope,
        period=row.period,
        total=row.total,
        used=row.used,
        is_open=row.is_open,
    )


def _answer(change: SceneChange, request: AnyRequest, staff: Staff) -> ChangeAnswer:
    return ChangeAnswer(
        id=change.id,
        slug=change.slug,
        kind=change.kind,
        summary=summary_of(change).read(language_of(request)),
        proposal=change.proposal,
        base=change.base,
        reason=change.reason,
        state=change.state,
        version=change.version,
        mine=is_mine(change, staff),
        made_at=change.made_at,
        decided_at=change.decided_at,
        decision_reason=change.decision_reason,
    )


class StaffSceneController(Controller):
    path = "/staff/v1/scenes"
    guards = [Allow(Staff, roles=DECIDERS, city=True)]
    tags = ["scenes"]

    @get("/", operation_id="listStaffScenes")
    async def index(self, runtime: Runtime, request: AnyRequest) -> list[StaffScene]:
        """All scenes, also those that are switched off, with their live counters."""
        scenes = runtime.part(Catalogue).everything()
        standings = await standings_of(scenes, at=runtime.clock.now())
        return [scene_line(runtime, request, scene.slug, standings[scene.slug]) for scene in scenes]

    @get("/{slug:str}", operation_id="getStaffScene")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, slug: str) -> StaffSceneDetail:
        """One scene with its versions, running quotas and changes."""
        catalogue, now = runtime.part(Catalogue), runtime.clock.now()
        scene = catalogue.get(slug)
        versions = [
            StaffVersion(
                version=found.version,
                opens_on=found.opens_on,
                in_force=found.version == scene.version,
                manifest=msgspec.to_builtins(found.written()),
            )
            for found in catalogue.versions(slug)
        ]
        return StaffSceneDetail(
            scene=scene_line(runtime, request, slug, (await standings_of([scene], at=now))[slug]),
            versions=versions,
            quotas=[_quota(row) for row in await running_quotas(slug, at=now)],
            changes=[_answer(change, request, principal) for change in await changes_of(slug)],
        )


class StaffProposalController(Controller):
    path = "/staff/v1/scenes/{slug:str}"
    guards = [Allow(Staff, roles=PROPOSERS, city=True)]
    tags = ["scenes"]

    @post("/switch", status_code=201, operation_id="proposeSwitch")
    async def switch(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        slug: str,
        data: SwitchRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[ChangeAnswer]:
        """Propose to switch a scene on or off."""
        by = Proposer(principal, data.reason, runtime.clock.now())
        return await _once(request, by, idempotency_key, lambda: propose_switch(runtime, slug, on=data.on, by=by))

    @post("/versions", status_code=201, operation_id="proposeVersion")
    async def version(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        slug: str,
        data: VersionRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[ChangeAnswer]:
        """Propose a new version of a scene."""
        by = Proposer(principal, data.reason, runtime.clock.now())
        return await _once(request, by, idempotency_key, lambda: propose_version(runtime, slug, data.manifest, by=by))

    @post("/quotas", status_code=201, operation_id="proposeQuota")
    async def quota(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        slug: str,
        data: QuotaRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[ChangeAnswer]:
        """Propose another total for a running quota."""
        by = Proposer(principal, data.reason, runtime.clock.now())
        return await _once(
            request, by, idempotency_key,
            lambda: propose_quota(slug, data.quota, total=data.total, is_open=data.is_open, by=by),
        )  # fmt: skip

    @post("/loans", status_code=201, operation_id="proposeLoan")
    async def loan(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        slug: str,
        data: LoanRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[ChangeAnswer]:
        """Propose that one district lends another of what it does not use."""
        by = Proposer(principal, data.reason, runtime.clock.now())
        return await _once(
            request, by, idempotency_key, lambda: propose_loan(slug, data.lender, data.borrower, data.units, by=by)
        )

    @post("/returns", status_code=201, operation_id="proposeReturn")
    async def back(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        slug: str,
        data: ReturnRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[ChangeAnswer]:
        """Propose to take units of a loan back."""
        by = Proposer(principal, data.reason, runtime.clock.now())
        return await _once(request, by, idempotency_key, lambda: propose_return(slug, data.loan, data.units, by=by))


class StaffChangeController(Controller):
    path = "/staff/v1/scene-changes"
    guards = [Allow(Staff, roles=DECIDERS, city=True)]
    tags = ["scenes"]

    @get("/", operation_id="listSceneChanges")
    async def index(self, request: AnyRequest, principal: Staff) -> list[ChangeAnswer]:
        """The changes that wait for another person, the oldest first."""
        return [_answer(change, request, principal) for change in await waiting_changes()]

    @get("/{change_id:uuid}", operation_id="getSceneChange")
    async def one(self, request: AnyRequest, principal: Staff, change_id: UUID) -> ChangeAnswer:
        """One change."""
        return _answer(await find_change(change_id), request, principal)

    @post("/{change_id:uuid}/approve", status_code=200, operation_id="approveSceneChange")
    async def approve(self, runtime: Runtime, request: AnyRequest, principal: Staff, change_id: UUID) -> ChangeAnswer:
        """Approve another person's change; it takes effect before this is answered."""
        done = await approve_change(runtime, change_id, principal, at=runtime.clock.now())
        return _answer(done, request, principal)

    @post("/{change_id:uuid}/refuse", status_code=200, operation_id="refuseSceneChange")
    async def refuse(
        self, runtime: Runtime, request: AnyRequest, principal: Staff, change_id: UUID, data: RefusalRequest
    ) -> ChangeAnswer:
        """Refuse another person's change, with the reason."""
        done = await refuse_change(change_id, principal, reason=data.reason, at=runtime.clock.now())
        return _answer(done, request, principal)

    @post("/{change_id:uuid}/withdraw", status_code=200, operation_id="withdrawSceneChange")
    async def withdraw(self, runtime: Runtime, request: AnyRequest, principal: Staff, change_id: UUID) -> ChangeAnswer:
        """Withdraw a change of one's own."""
        return _answer(await withdraw_change(change_id, principal, at=runtime.clock.now()), request, principal)


async def _once(
    request: AnyRequest, by: Proposer, key: str | None, propose: Callable[[], Awaitable[SceneChange]]
) -> Response[ChangeAnswer]:
    """Propose once for an Idempotency-Key, and answer the same again to the same key."""

    async def act() -> tuple[int, object]:
        return 201, str((await propose()).id)

    body = request.url.path.encode() + await request.body()
    status, change_id = await run_once(scope=f"staff:{by.staff.id} propose", key=key, body=body, now=by.at, act=act)
    change = await find_change(UUID(str(change_id)))
    return Response(_answer(change, request, by.staff), status_code=status)


ROUTES = (StaffSceneController, StaffProposalController, StaffChangeController)
