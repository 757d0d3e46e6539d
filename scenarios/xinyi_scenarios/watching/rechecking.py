"""Make the decisions that entitlements rest on again, a day after the last one, or as soon as something has changed.

Only scenes whose manifest says that a change has consequences are looked at: nobody's credit is read for nothing. Only
conditions that last are judged again (standing, age, residence, lists, overdue orders); what is asked once at the
claim, how often one has claimed for example, is not. What cannot be told changes nothing, nor does an old word of the
bureau.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from tortoise.expressions import Q, Subquery

from xinyi_platform.clock import local_date
from xinyi_platform.credit import BureauNeeded
from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict, NotFound
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions import SceneDecision, decide_afresh, decide_many
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.requirements import Verdict
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.watching.models import EntitlementWarning
from xinyi_scenarios.watching.steps import DAY, Step, Warned, look_again_at, next_step
from xinyi_scenarios.watching.warning import Case, take_step
from xinyi_scenarios.watching.wording import name_of

LIVE = [*USABLE, "suspended"]
# The facts that conditions which last are judged by; others register theirs with `watch_fact`.
_LASTING = {"credit", "birth_date", "today", "division", "overdue_orders"}


def watch_fact(name: str) -> None:
    """Let conditions on a fact be judged again after the claim."""
    _LASTING.add(name)


def lasting(scene: Manifest) -> Manifest:
    """Return a scene with those of its conditions that are to hold for as long as the entitlement is held."""
    return msgspec.structs.replace(scene, requires=[t for t in scene.requires if check_table(t) <= _LASTING])


async def recheck_soon(resident_ids: Sequence[UUID], *, at: datetime) -> None:
    """Have residents' decisions made again by the next sweep. Joins the caller's transaction."""
    await Entitlement.filter(resident_id__in=list(resident_ids), state__in=LIVE, decision_id__isnull=False).update(
        recheck_at=at
    )


async def recheck_due(runtime: Runtime, *, limit: int = 200) -> int:
    """Make again what is due, and do what follows. Returns how many were looked at; safe to run twice at once.

    A word of the bureau that is asked for here may be news, on which all that she holds is looked at once more.
    """
    now = runtime.clock.now()
    looked_at = await _recheck_once(runtime, now, limit)
    if looked_at:
        await _recheck_once(runtime, now, limit)
    await _void_left_over(now)
    return looked_at


async def _recheck_once(runtime: Runtime, now: datetime, limit: int) -> int:
    groups: dict[tuple[str, int], list[Entitlement]] = defaultdict(list)
    for held in await _due(runtime, now, limit):
        groups[held.scenario, held.version].append(held)
    for (slug, version), members in groups.items():
        await _recheck(runtime, slug, version, members, now)
    return sum(len(members) for members in groups.values())


async def _due(runtime: Runtime, now: datetime, limit: int) -> list[Entitlement]:
    catalogue = runtime.part(Catalogue)
    watched = [
        scene.slug
        for scene in catalogue.everything()
        if any(version.on_change.do != "keep" for version in catalogue.versions(scene.slug))
    ]
    rests_on_a_decision = Entitlement.filter(
        scenario__in=watched, state__in=LIVE, decision_id__isnull=False, valid_until__gt=now
    )
    by_now = Q(recheck_at__lte=now) | Q(recheck_at__isnull=True, issued_at__lte=now - DAY)
    return await rests_on_a_decision.filter(by_now).order_by("issued_at", "id").limit(limit)


async def _recheck(runtime: Runtime, slug: str, version: int, members: Sequence[Entitlement], now: datetime) -> None:
    try:
        scene = runtime.part(Catalogue).version(slug, version)
    except NotFound:
        scene = None
    if scene is None or scene.on_change.do == "keep":
        await Entitlement.filter(id__in=[held.id for held in members]).update(recheck_at=now + DAY)
        return
    decided = await _decide(runtime, lasting(scene), list({held.resident_id for held in members}))
    warnings = {
        warning.entitlement_id: warning
        for warning in await EntitlementWarning.filter(entitlement_id__in=[held.id for held in members], slot="live")
    }
    for held in members:
        await _follow(runtime, held, decided.get(held.resident_id), warnings.get(held.id), now)


async def _decide(runtime: Runtime, scene: Manifest, resident_ids: Sequence[UUID]) -> dict[UUID, SceneDecision]:
    """Decide on what is stored; where that is too old, with a fresh word, one resident after the other."""
    async with transaction():
        answers = await decide_many(runtime, resident_ids, scene, purpose="recheck", asked={})
    return {
        resident_id: await decide_afresh(runtime, resident_id, scene, purpose="recheck")
        if isinstance(answer, BureauNeeded)
        else answer
        for resident_id, answer in answers.items()
    }


async def _follow(
    runtime: Runtime,
    held: Entitlement,
    decided: SceneDecision | None,
    warning: EntitlementWarning | None,
    now: datetime,
) -> None:
    verdict = decided.verdict if decided and decided.rests_on_fresh_credit else Verdict.UNKNOWN
    warned = Warned(warning.state, warning.acts_on) if warning else None
    step = next_step(verdict=verdict, state=held.state, warned=warned, today=local_date(now))
    due_on = warning.acts_on if warning and warning.state == "open" else None
    needs_consent = decided is not None and decided.needs_consent
    again = look_again_at(now, verdict=verdict, needs_consent=needs_consent, due_on=due_on)
    if decided is not None and step is not Step.NOTHING:
        case = Case(held, decided, name_of(runtime, held.scenario), again)
        try:
            await take_step(case, step, warning, at=now)
        except Conflict:
            again = now + DAY  # an order is out on it, or it was used or given back at this moment
        else:
            return
    await Entitlement.filter(id=held.id, recheck_at=held.recheck_at).update(recheck_at=again)


async def _void_left_over(now: datetime) -> None:
    """End the warnings of what was used up, given back or has expired."""
    warned = Subquery(EntitlementWarning.filter(slot="live").values("entitlement_id"))
    over = await Entitlement.filter(id__in=warned).exclude(state__in=LIVE).values_list("id", flat=True)
    for warning in await EntitlementWarning.filter(entitlement_id__in=list(over), slot="live"):
        mine = EntitlementWarning.filter(id=warning.id, slot="live")
        await mine.update(state="void", slot=str(warning.id), ended_at=now)
