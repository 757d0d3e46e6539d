"""A resident asks for a scene: it is decided, and the claim is settled, held while nobody can tell, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_platform.consents import ConsentMissing
from xinyi_platform.idempotency import fingerprint
from xinyi_platform.idempotency.running import checked_key
from xinyi_platform.language import Language
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.claims.claiming import ISSUED, RESERVED, Claimed, ClaimOrder, settle_claims
from xinyi_scenarios.claims.errors import ClaimsClosed, NotEligible
from xinyi_scenarios.claims.group_commit import GroupCommit
from xinyi_scenarios.decisions import SceneDecision, decide_scene
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.quotas import open_quota, period_of
from xinyi_scenarios.requirements import Outcome, Verdict

HOLD = timedelta(hours=2)


class ClaimDesk:
    """The group commit of this process: claims that wait on one quota share a transaction."""

    def __init__(self) -> None:
        self.groups: GroupCommit[ClaimOrder, Claimed] = GroupCommit(settle_claims)

    async def settle(self, order: ClaimOrder) -> Claimed:
        """Settle one claim together with the others on its quota. Raises what is wrong with it."""
        return await self.groups.submit(order.quota_id, order)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a scene gives right now: its version, the period's quota and the benefit."""

    version: int
    period: str
    quota_id: UUID
    benefit: dict[str, object]
    validity_days: int


async def terms_of(runtime: Runtime, slug: str, *, at: datetime) -> Terms:
    """Return a scene's terms at an instant, opening the period's quota at its first use.

    Raises NotFound (404) and ClaimsClosed (409) before the scene's version has opened.
    """
    scene = runtime.part(Catalogue).get(slug)
    if scene.opens_on > at.date():
        raise ClaimsClosed(scenario=slug)
    period = period_of(scene.quota.period, at)
    quota = await open_quota(slug, period, total=scene.quota.total, at=at)
    return Terms(scene.version, period, quota.id, scene.gives.benefit(), scene.gives.validity_days)


async def claim_entitlement(
    runtime: Runtime, resident_id: UUID, slug: str, *, key: str | None, language: Language
) -> tuple[Claimed, Entitlement]:
    """Claim one unit of a scene. Safe to retry with the same key.

    A status that cannot be told holds the unit for two hours (state reserved) and is settled by a job. Raises
    NotFound, ConsentMissing (403), NotEligible (403, with the reasons), SoldOut and AlreadyClaimed (409),
    IdempotencyKeyMissing (400), IdempotencyKeyReused (422).
    """
    key = checked_key(key)
    decided = await decide_scene(runtime, resident_id, slug, purpose="claim")
    _refuse(decided, language)
    terms, now = await terms_of(runtime, slug, at=decided.at), decided.at
    is_sure = decided.verdict is Verdict.ELIGIBLE and decided.rests_on_fresh_credit
    order = ClaimOrder(
        scenario=slug,
        version=terms.version,
        resident_id=resident_id,
        period=terms.period,
        quota_id=terms.quota_id,
        benefit=terms.benefit,
        valid_until=now + timedelta(days=terms.validity_days),
        scope=f"resident:{resident_id} claim",
        key=key,
        fingerprint=fingerprint(slug.encode()),
        at=now,
        decision_id=decided.id,
        state=ISSUED if is_sure else RESERVED,
        reserved_until=None if is_sure else now + HOLD,
    )
    claimed = await runtime.part(ClaimDesk).settle(order)
    return claimed, await Entitlement.get(id=claimed.entitlement_id)


def _refuse(decided: SceneDecision, language: Language) -> None:
    if decided.needs_consent:
        raise ConsentMissing(purpose=decided.scene.bureau.purpose)
    if decided.verdict is Verdict.NOT_ELIGIBLE:
        unmet = [f for f in decided.findings if f.outcome is Outcome.NOT_MET]
        raise NotEligible(
            decision=str(decided.id),
            reasons=[
                {
                    "reason": f.reason.read(language),
                    "would_change": f.would_change.read(language) if f.would_change else None,
                }
                for f in unmet
            ],
        )


async def settle_pending(runtime: Runtime, *, limit: int = 200) -> int:
    """Decide the holds again: issue, or give the unit back. What still cannot be told waits. Returns how many ended."""
    now = runtime.clock.now()
    settled = 0
    for held in await Entitlement.filter(state="reserved", reserved_until__gt=now).order_by("created_at").limit(limit):
        decided = await decide_scene(runtime, held.resident_id, held.scenario, purpose="claim")
        if decided.verdict is Verdict.NOT_ELIGIBLE or decided.needs_consent:
            await change_entitlement(held.id, "refuse", actor="job:settle", at=now, reason="not eligible")
            settled += 1
        elif decided.verdict is Verdict.ELIGIBLE and decided.rests_on_fresh_credit:
            await change_entitlement(held.id, "settle", actor="job:settle", at=now)
            settled += 1
    return settled
