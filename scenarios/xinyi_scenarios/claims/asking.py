"""A resident asks for a scene: it is decided, and the claim is settled, held while nobody can tell, or refused."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_platform.consents import ConsentMissing
from xinyi_platform.credit import Asked, with_bureau
from xinyi_platform.database import GroupCommit, transaction
from xinyi_platform.errors import Conflict, NotFound, TooManyRequests
from xinyi_platform.idempotency import fingerprint
from xinyi_platform.idempotency.running import checked_key
from xinyi_platform.language import Language
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.claims.claiming import (
    ISSUED,
    RESERVED,
    Claimed,
    ClaimOrder,
    complete,
    earlier_answers,
    first_of_each_key,
    grant_claims,
    until_settled,
)
from xinyi_scenarios.claims.errors import NotEligible
from xinyi_scenarios.claims.terms import Terms, terms_of
from xinyi_scenarios.decisions import SceneDecision, decide_afresh, decide_many
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.requirements import Outcome, Verdict
from xinyi_scenarios.watching.telling import tell_refused, tell_settled

HOLD = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class _Ask:
    """One resident's wish; `asked` says that the bureau was asked about her for it."""

    resident_id: UUID
    slug: str
    key: str
    asked: Asked | None

    @property
    def scope(self) -> str:
        return f"resident:{self.resident_id} claim"

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.slug.encode())


class ClaimDesk:
    """The claims of this process: those that wait on one scene are decided and settled in one transaction."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._groups: GroupCommit[_Ask, Claimed | SceneDecision] = GroupCommit(
            self._settle, most=runtime.settings.group_size
        )

    async def claim(self, resident_id: UUID, slug: str, *, key: str) -> Claimed | SceneDecision:
        """Settle one claim together with the others on its scene; a decision comes back where it is refused."""
        return await with_bureau(
            self._runtime, resident_id, lambda asked: self._groups.submit(slug, _Ask(resident_id, slug, key, asked))
        )

    async def close(self) -> None:
        """Wait until every claim that was accepted is settled."""
        await self._groups.close()

    async def _settle(self, slug: Hashable, asks: Sequence[_Ask]) -> Sequence[Claimed | SceneDecision | Exception]:
        async def settle() -> Sequence[Claimed | SceneDecision | Exception]:
            answers: dict[int, Claimed | SceneDecision | Exception] = {**await earlier_answers(asks)}
            fresh = first_of_each_key(asks, answers)
            settled = await self._decide_and_grant(str(slug), [asks[place] for place in fresh])
            return complete(asks, {**answers, **dict(zip(fresh, settled, strict=True))})

        return await until_settled(settle) or [TooManyRequests(retry_after_seconds=1) for _ in asks]

    async def _decide_and_grant(self, slug: str, asks: Sequence[_Ask]) -> list[Claimed | SceneDecision | Exception]:
        if not asks:
            return []
        runtime, scene = self._runtime, self._runtime.part(Catalogue).get(slug)
        residents = list(dict.fromkeys(ask.resident_id for ask in asks))
        terms = await terms_of(runtime, slug, residents, at=runtime.clock.now())
        asked = {ask.resident_id: ask.asked for ask in asks if ask.asked}
        decided = await decide_many(runtime, residents, scene, purpose="claim", asked=asked)
        answers: list[Claimed | SceneDecision | Exception] = [decided[ask.resident_id] for ask in asks]
        places, orders = [], []
        for place, (ask, decision) in enumerate(zip(asks, answers, strict=True)):
            if isinstance(decision, SceneDecision) and _may_have(decision):
                places.append(place)
                orders.append(_order(ask, terms, decision))
        for place, granted in zip(places, await grant_claims(orders), strict=True):
            answers[place] = granted
        return answers


def _may_have(decided: SceneDecision) -> bool:
    """Tell whether a claim is granted, or held until it can be told."""
    return decided.verdict is not Verdict.NOT_ELIGIBLE and not decided.needs_consent


def _order(ask: _Ask, terms: Terms, decided: SceneDecision) -> ClaimOrder:
    is_sure = decided.verdict is Verdict.ELIGIBLE and decided.rests_on_fresh_credit
    return ClaimOrder(
        scenario=ask.slug,
        version=terms.version,
        resident_id=ask.resident_id,
        period=terms.period,
        quota_id=terms.quota_id,
        benefit=terms.benefit,
        valid_until=decided.at + timedelta(days=terms.validity_days),
        scope=ask.scope,
        key=ask.key,
        fingerprint=ask.fingerprint,
        at=decided.at,
        decision_id=decided.id,
        state=ISSUED if is_sure else RESERVED,
        reserved_until=None if is_sure else decided.at + HOLD,
        holds=terms.holds[ask.resident_id],
        times=terms.times,
    )


async def claim_entitlement(
    runtime: Runtime, resident_id: UUID, slug: str, *, key: str | None, language: Language
) -> Claimed:
    """Claim one unit of a scene. Safe to retry with the same key, which always gets the first answer.

    A status that cannot be told holds the unit for two hours (state reserved) and is settled by a job. Raises
    NotFound, ConsentMissing (403), NotEligible (403, with the reasons), SoldOut and AlreadyClaimed (409),
    IdempotencyKeyMissing (400), IdempotencyKeyReused (422).
    """
    key = checked_key(key)
    scene = runtime.part(Catalogue).get(slug)
    answer = await runtime.part(ClaimDesk).claim(resident_id, slug, key=key)
    if isinstance(answer, Claimed):
        return answer
    if answer.needs_consent:
        raise ConsentMissing(purpose=scene.bureau.purpose)
    raise _refusal(answer, language)


def _refusal(decided: SceneDecision, language: Language) -> NotEligible:
    unmet = [f for f in decided.findings if f.outcome is Outcome.NOT_MET]
    return NotEligible(
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
        try:
            settled += await _settle_hold(runtime, held, now)
        except (Conflict, NotFound):
            # Given back or settled by somebody else while the bureau was asked, or of a scene that is gone.
            continue
    return settled


async def _settle_hold(runtime: Runtime, held: Entitlement, now: datetime) -> bool:
    scene = runtime.part(Catalogue).get(held.scenario)
    decided = await decide_afresh(runtime, held.resident_id, scene, purpose="claim")
    if not _may_have(decided):
        async with transaction():
            await change_entitlement(held.id, "refuse", actor="job:settle", at=now, reason="not eligible")
            await tell_refused(runtime, held, decided, at=now)
        return True
    if decided.verdict is Verdict.ELIGIBLE and decided.rests_on_fresh_credit:
        async with transaction():
            await change_entitlement(held.id, "settle", actor="job:settle", at=now)
            await Entitlement.filter(id=held.id).update(decision_id=decided.id)
            await tell_settled(runtime, held, at=now)
        return True
    return False
