"""The counter's side of a pass: call the next, check in, serve, and record that something was paid later.

An office sees the counters of its scenes; which those are the caller says (`scenes`, None for all of the city).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict, NotFound
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.passes.booking import step, terms_of
from xinyi_scenarios.passes.errors import AmountAboveCap, NothingPaidLater, NotToday, PassChanged
from xinyi_scenarios.passes.models import CounterPass
from xinyi_scenarios.passes.states import USED
from xinyi_scenarios.redemptions.redeeming import NotUsableHere
from xinyi_scenarios.requirements import Outcome
from xinyi_scenarios.requirements.using import findings_at_use

SYSTEM = "job:passes"
Scenes = Sequence[str] | None


async def office_pass(scenes: Scenes, pass_id: UUID) -> CounterPass:
    """Return a pass of an office's scenes. Raises NotFound (404)."""
    row = await CounterPass.get_or_none(id=pass_id)
    if row is None or (scenes is not None and row.scenario not in scenes):
        raise NotFound
    return row


async def passes_of_day(scenes: Scenes, day: date, *, counter: str = "", limit: int = 500) -> list[CounterPass]:
    """Return a day's passes by number, of one counter or of all that an office has."""
    rows = CounterPass.filter(day=day)
    rows = rows if scenes is None else rows.filter(scenario__in=list(scenes))
    rows = rows.filter(counter=counter) if counter else rows
    return await rows.order_by("scenario", "counter", "number").limit(limit)


async def call_next(
    scenario: str, counter: str, *, actor: str, at: datetime, expected: UUID | None = None
) -> CounterPass:
    """Call the lowest number that waits at a counter today, or nobody where that is not the `expected` pass.

    Raises NotFound (404) where nobody waits, and PassChanged (409).
    """
    async with transaction():
        waiting = CounterPass.filter(scenario=scenario, counter=counter, day=local_date(at), state="booked")
        row = await waiting.order_by("number").first()
        if row is None:
            raise NotFound
        if expected is not None and row.id != expected:
            raise PassChanged
        await step(row, "call", actor=actor, at=at)
    return row


async def check_in(scenes: Scenes, code: str, *, counter: str = "", actor: str, at: datetime) -> CounterPass:
    """Check in today's pass of the entitlement behind a code, at one counter where it is named.

    Who is checked in and waits is not checked in again: another scan gives the same pass.

    Raises NotFound (404), NotUsableHere (403), NotToday and TransitionForbidden (409).
    """
    async with transaction():
        held = await Entitlement.get_or_none(code=code)
        if held is None or (scenes is not None and held.scenario not in scenes):
            raise NotFound
        row = await _pass_to_check_in(held, counter, at)
        if row.state == "checked_in":
            return row
        _refuse_use(held, at)
        await step(row, "check_in", actor=actor, at=at, checked_in_at=at)
    return await CounterPass.get(id=row.id)


async def _pass_to_check_in(held: Entitlement, counter: str, at: datetime) -> CounterPass:
    waiting = CounterPass.filter(entitlement_id=held.id, state__in=["booked", "called", "checked_in"])
    rows = await (waiting.filter(counter=counter) if counter else waiting).order_by("day", "number")
    if not rows:
        raise NotFound
    todays = [row for row in rows if row.day == local_date(at)]
    if not todays:
        raise NotToday(day=rows[0].day.isoformat())
    return next((row for row in todays if row.state == "checked_in"), todays[0])


def _refuse_use(held: Entitlement, at: datetime) -> None:
    unmet = [f for f in findings_at_use(held.scenario, held.benefit, None, at) if f.outcome is not Outcome.MET]
    if unmet:
        raise NotUsableHere(zh=";".join(f.reason.zh for f in unmet), en="; ".join(f.reason.en for f in unmet))


async def serve(scenes: Scenes, pass_id: UUID, *, unpaid_fen: int, actor: str, at: datetime) -> CounterPass:
    """Finish a pass; `unpaid_fen` is paid later, 0 for nothing. The last pass uses the entitlement up.

    Raises NotFound (404), NothingPaidLater and AmountAboveCap (422), TransitionForbidden (409).
    """
    async with transaction():
        row = await office_pass(scenes, pass_id)
        # The update takes the entitlement's lock, so that of two last passes one uses it up.
        await Entitlement.filter(id=row.entitlement_id).update(scenario=row.scenario)
        held = await Entitlement.get(id=row.entitlement_id)
        terms = terms_of(held)
        if unpaid_fen and not terms.pay_within_days:
            raise NothingPaidLater
        if unpaid_fen > terms.pay_cap_fen:
            raise AmountAboveCap(cap_fen=terms.pay_cap_fen)
        owed: dict[str, object] = {}
        if unpaid_fen:
            owed = {"amount_fen": unpaid_fen, "due_on": local_date(at) + timedelta(days=terms.pay_within_days)}
        await step(row, "serve_unpaid" if unpaid_fen else "serve", actor=actor, at=at, served_at=at, **owed)
        used = await CounterPass.filter(entitlement_id=held.id, state__in=[*USED]).count()
        # What ran out or was taken back while she is served keeps its own end.
        if used >= terms.passes and held.state in USABLE:
            await change_entitlement(held.id, "redeem", actor=actor, at=at, reason="all passes are used")
    return await CounterPass.get(id=pass_id)


async def miss(scenes: Scenes, pass_id: UUID, *, actor: str, at: datetime) -> CounterPass:
    """Nobody came for a number; another can be taken. Raises NotFound (404), TransitionForbidden (409)."""
    async with transaction():
        row = await office_pass(scenes, pass_id)
        await step(row, "miss", actor=actor, at=at)
    return row


async def record_payment(scenes: Scenes, pass_id: UUID, *, actor: str, at: datetime) -> CounterPass:
    """Record that what was owed is paid; the office collects. Raises NotFound (404), TransitionForbidden (409)."""
    async with transaction():
        row = await office_pass(scenes, pass_id)
        await step(row, "pay", actor=actor, at=at, paid_at=at)
    return await CounterPass.get(id=pass_id)


async def settle_passes(now: datetime, *, limit: int = 500) -> int:
    """End numbers of days gone by, and mark what was not paid in time, once each. Returns how many."""
    today = local_date(now)
    gone = await CounterPass.filter(state__in=["booked", "called"], day__lt=today).limit(limit)
    # Who checked in before midnight may still be at the counter after it.
    left = await CounterPass.filter(state="checked_in", day__lt=today - timedelta(days=1)).limit(limit)
    late = await CounterPass.filter(state="owing", due_on__lt=today).limit(limit)
    done = 0
    for row, event in [*((row, "miss") for row in [*gone, *left]), *((row, "lapse") for row in late)]:
        try:
            async with transaction():
                await step(row, event, actor=SYSTEM, at=now)
        except Conflict:
            # Somebody at the counter was quicker.
            continue
        done += 1
    return done


async def overdue_by_resident(resident_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how much each resident owes past its day, in passes."""
    rows = CounterPass.filter(resident_id__in=list(resident_ids), state="overdue").only("id", "resident_id")
    return dict(Counter([row.resident_id for row in await rows]))
