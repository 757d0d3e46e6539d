"""Warn, and what comes after a warning: lift it, act on it, take the act back. Each is one transaction.

An entitlement's row is locked first, so that two workers and a till never act on it at the same moment; the warning's
row decides which of two workers does the step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.notices import News, notify
from xinyi_scenarios.decisions import SceneDecision
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.giving_back import OrdersOpen
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.orders.states import OPEN
from xinyi_scenarios.watching.models import EntitlementWarning
from xinyi_scenarios.watching.steps import Step, acts_on
from xinyi_scenarios.watching.wording import lifted_news, loss_news, resumed_news, unmet_reasons, warning_news

ACTOR = "job:recheck"
_EVENTS = {"suspend": "suspend", "end": "withdraw"}


@dataclass(frozen=True, slots=True)
class Case:
    """One entitlement, the decision that was made again, its scene's name, and when it is looked at next."""

    held: Entitlement
    decided: SceneDecision
    name: Text
    look_again_at: datetime


async def take_step(case: Case, step: Step, warning: EntitlementWarning | None, *, at: datetime) -> bool:
    """Take a step and tell the resident; False where somebody else was quicker.

    Raises Conflict (409) where the entitlement cannot take it now (an order is out on it), with nothing changed.
    """
    async with transaction():
        if not await _lock(case):
            return False
        if step is Step.WARN:
            return await _warn(case, at)
        if warning is None:
            return False
        if step is Step.LIFT:
            return await _lift(case, warning, at)
        if step is Step.ACT:
            return await _act(case, warning, at)
        return await _resume(case, warning, at)


async def _lock(case: Case) -> bool:
    """Take the row in the state in which it was judged, unless there has been news since."""
    mine = Entitlement.filter(id=case.held.id, state=case.held.state, recheck_at=case.held.recheck_at)
    return bool(await mine.update(recheck_at=case.look_again_at))


async def _warn(case: Case, at: datetime) -> bool:
    rule = case.decided.scene.on_change
    row = {
        "id": new_id(),
        "entitlement_id": case.held.id,
        "slot": "live",
        "decision_id": case.decided.id,
        "state": "open",
        "does": rule.do,
        "reasons": unmet_reasons(case.decided.findings),
        "warned_at": at,
        "acts_on": acts_on(at, rule.grace_days),
    }
    if not await bulk_insert(EntitlementWarning, [row], skip_conflicts=True):
        return False
    warning = await EntitlementWarning.get(id=row["id"])
    news = warning_news(case.held, case.name, warning.id, warning.does, warning.acts_on, warning.reasons)
    return await _tell(case, "warn", warning.id, news, at)


async def _lift(case: Case, warning: EntitlementWarning, at: datetime) -> bool:
    open_ = EntitlementWarning.filter(id=warning.id, state="open")
    if not await open_.update(state="lifted", slot=str(warning.id), ended_at=at):
        return False
    return await _tell(case, "lift_warning", warning.id, lifted_news(case.held, case.name, warning.id), at)


async def _act(case: Case, warning: EntitlementWarning, at: datetime) -> bool:
    is_over = {"slot": str(warning.id), "ended_at": at} if warning.does == "end" else {}
    due = EntitlementWarning.filter(id=warning.id, state="open", acts_on__lte=local_date(at))
    if not await due.update(state="acted", acted_at=at, **is_over):
        return False
    await _change(case, _EVENTS[warning.does], warning.id, at)
    if warning.does == "end":
        running = await ServiceOrder.filter(entitlement_id=case.held.id, state__in=OPEN).count()
        if running:
            raise OrdersOpen(open=running)
    reasons = unmet_reasons(case.decided.findings)
    return await notify(loss_news(case.held, case.name, warning.id, warning.does, reasons), at=at)


async def _resume(case: Case, warning: EntitlementWarning, at: datetime) -> bool:
    acted = EntitlementWarning.filter(id=warning.id, state="acted")
    if not await acted.update(state="resumed", slot=str(warning.id), ended_at=at):
        return False
    await _change(case, "resume", warning.id, at)
    return await notify(resumed_news(case.held, case.name, warning.id), at=at)


async def _change(case: Case, event: str, warning_id: UUID, at: datetime) -> None:
    """The reason names the types of conditions only: what was found about a person stays with the decision."""
    unmet = sorted({finding.type for finding in case.decided.findings if finding.outcome == "not_met"})
    reason = f"requirements no longer met: {', '.join(unmet)}"[:200] if unmet else "requirements met again"
    detail: dict[str, object] = {"decision": str(case.decided.id), "warning": str(warning_id)}
    await change_entitlement(case.held.id, event, actor=ACTOR, at=at, reason=reason, detail=detail)


async def _tell(case: Case, act: str, warning_id: UUID, news: News, at: datetime) -> bool:
    await audit.record(
        f"entitlement.{act}",
        actor=ACTOR,
        object_kind="entitlement",
        object_id=case.held.id,
        detail={"decision": str(case.decided.id), "warning": str(warning_id)},
        at=at,
    )
    return await notify(news, at=at)
