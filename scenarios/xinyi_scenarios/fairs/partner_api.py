"""Fairs for those who run them: a gate's snapshot, what gates scanned, stamps and prizes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from litestar import Controller, get, post
from litestar.params import QueryParameter
from litestar.response import Response

from xinyi_platform.clock import local_date
from xinyi_platform.errors import NotFound
from xinyi_platform.idempotency import IdempotencyKey
from xinyi_platform.principals import Allow, Partner
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.codes import read_code
from xinyi_scenarios.fairs.api import act_once
from xinyi_scenarios.fairs.entering import Scan, scans_of_day, settle_scans
from xinyi_scenarios.fairs.errors import NoSuchPlace
from xinyi_scenarios.fairs.gate import sign_snapshot
from xinyi_scenarios.fairs.models import FairTicket
from xinyi_scenarios.fairs.rewarding import give_prize, prizes_left, stamp_ticket
from xinyi_scenarios.fairs.schemas import (
    PrizeAnswer,
    PrizeLeft,
    PrizeRequest,
    ScanAnswer,
    ScansRequest,
    SnapshotAnswer,
    StampRequest,
    StampsAnswer,
    both,
    scan_answer,
)
from xinyi_scenarios.fairs.telling import SCOPE
from xinyi_scenarios.fairs.terms import Fair
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.offices import scenes_of

DayParam = Annotated[date | None, QueryParameter(description="A local day; today where none is named.")]


def _own_fair(runtime: Runtime, partner: Partner, scenario: str) -> Fair:
    if scenario not in scenes_of(partner):
        raise NotFound
    terms = runtime.part(Catalogue).get(scenario).gives
    if not isinstance(terms, Fair):
        raise NotFound
    return terms


class PartnerFairController(Controller):
    path = "/partner/v1/fairs/{scenario:str}"
    guards = [Allow(Partner, scope=SCOPE)]
    tags = ["partner"]

    @get("/snapshot", operation_id="takeFairSnapshot")
    async def snapshot(
        self, runtime: Runtime, principal: Partner, scenario: str, day: DayParam = None
    ) -> SnapshotAnswer:
        """The day's tickets, signed, for a gate that will have no network."""
        _own_fair(runtime, principal, scenario)
        now = runtime.clock.now()
        wanted = day or local_date(now)
        tickets = await FairTicket.filter(scenario=scenario, day=wanted, state="booked").only(
            "id", "code", "begins_at", "ends_at"
        )
        return SnapshotAnswer(snapshot=sign_snapshot(runtime.keys, scenario, wanted, tickets, at=now))

    @post("/scans", status_code=200, operation_id="settleFairScans")
    async def settle(
        self,
        runtime: Runtime,
        principal: Partner,
        scenario: str,
        data: ScansRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Hand in what gates scanned; each scan counts once under its own id. Of two scans the earlier one admitted."""

        async def act(now: datetime) -> list[ScanAnswer]:
            _refuse_unknown_gates(_own_fair(runtime, principal, scenario), data)
            scans = [
                Scan(id=one.id, scenario=scenario, gate=one.gate, code=one.code, scanned_at=one.scanned_at)
                for one in data.scans
            ]
            return [scan_answer(row) for row in await settle_scans(scans, actor=principal.label, at=now)]

        return await act_once(runtime, principal, f"fair scans {scenario}", idempotency_key, data, act)

    @get("/scans", operation_id="listFairScans")
    async def scans(
        self,
        runtime: Runtime,
        principal: Partner,
        scenario: str,
        day: DayParam = None,
        outcome: Annotated[str, QueryParameter(max_length=12)] = "",
    ) -> list[ScanAnswer]:
        """What was scanned on a day, the latest first; `outcome=duplicate` for what was scanned again."""
        _own_fair(runtime, principal, scenario)
        wanted = day or local_date(runtime.clock.now())
        return [scan_answer(row) for row in await scans_of_day(scenario, wanted, outcome=outcome)]

    @post("/stamps", status_code=200, operation_id="stampFairTicket")
    async def stamp(
        self,
        runtime: Runtime,
        principal: Partner,
        scenario: str,
        data: StampRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Give a booth's stamp; a second time changes nothing."""

        async def act(now: datetime) -> StampsAnswer:
            _own_fair(runtime, principal, scenario)
            code = read_code(runtime.keys, data.code, now=now)
            return StampsAnswer(stamps=await stamp_ticket(scenario, code, data.booth, actor=principal.label, at=now))

        return await act_once(runtime, principal, f"fair stamp {scenario}", idempotency_key, data, act)

    @get("/prizes", operation_id="listFairPrizes")
    async def prizes(
        self, runtime: Runtime, principal: Partner, scenario: str, day: DayParam = None
    ) -> list[PrizeLeft]:
        """The prizes, what they ask for, and how many are left on a day."""
        terms = _own_fair(runtime, principal, scenario)
        left = await prizes_left(scenario, terms, day or local_date(runtime.clock.now()))
        return [
            PrizeLeft(prize=one.key, name=both(one.name.text), stamps=one.stamps, left=left[one.key])
            for one in terms.prizes
        ]

    @post("/prizes", status_code=200, operation_id="giveFairPrize")
    async def prize(
        self,
        runtime: Runtime,
        principal: Partner,
        scenario: str,
        data: PrizeRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Hand out a ticket's one prize, from the day's stock."""

        async def act(now: datetime) -> PrizeAnswer:
            _own_fair(runtime, principal, scenario)
            code = read_code(runtime.keys, data.code, now=now)
            award = await give_prize(scenario, code, data.prize, actor=principal.label, at=now)
            return PrizeAnswer(id=award.id, prize=award.prize, given_at=award.given_at)

        return await act_once(runtime, principal, f"fair prize {scenario}", idempotency_key, data, act)


def _refuse_unknown_gates(terms: Fair, data: ScansRequest) -> None:
    gates = {gate.key for gate in terms.gates}
    if any(scan.gate not in gates for scan in data.scans):
        raise NoSuchPlace
