"""Grant support with an award, refresh it each hour, and end it with what it rests on.

One shop's support is decided as a whole from facts: its awards, its state, and whether a decision of an authority is
published about it. The same function runs when one of them changes, in that change's transaction, and each hour for
all. It holds the shop's row before it reads any of them: of two that run at once the later one sees what the earlier
one was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import structlog
from tortoise.expressions import F
from tortoise.queryset import QuerySet

from xinyi_merchants.registry import MerchantChanged, MerchantsChanged
from xinyi_merchants.registry.awards import Award, awarded_merchants, awards_of, valid_awards, was_awarded
from xinyi_merchants.registry.finding import MerchantFacts, find_merchant
from xinyi_merchants.registry.history import lock_merchant
from xinyi_platform import audit
from xinyi_platform.clock import Clock, local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.reading import facts_about_merchant
from xinyi_rewards.support.deciding import NONE_LEFT, NOT_OFFERED, ShopFacts, Term, Wanted, term_of, wanted
from xinyi_rewards.support.models import SupportGrant, SupportQuota
from xinyi_rewards.support.policy import SupportPolicy, support_policies
from xinyi_rewards.support.states import advance

_CHUNK = 2_000
_LAST = ("ended", "expired")
_EVENTS = {"granted": "grant", "suspended": "suspend", "ended": "end", "expired": "expire"}
log = structlog.get_logger(__name__)


class _NoneLeft(Exception):
    """Somebody else took the last one of a quota; what was written for this one is undone."""


async def refresh_support(merchant_id: UUID, *, at: datetime) -> None:
    """Bring a shop's support in line with its facts; joins the caller's transaction. A second time changes nothing."""
    today = local_date(at)
    if not await was_awarded(merchant_id) and not await _held(merchant_id).exists():
        return  # whoever never had an award is not locked; one that is just being withdrawn must be
    async with transaction():
        await lock_merchant(merchant_id)
        awards = await valid_awards(merchant_id, on=today)
        shop, entries = await find_merchant(merchant_id), await facts_about_merchant(merchant_id, at=at)
        facts = ShopFacts(
            award=None,
            trade=shop.trade,
            is_open=shop.status == "open",
            is_listed=any(entry.kind.startswith("black-") for entry in entries),
        )
        await _held(merchant_id).exclude(division=shop.division).update(division=shop.division)
        if facts.is_open:
            await _promise(shop, awards, today, at)
        by_id = {award.id: award for award in awards}
        # Locked, since a use at a counter does not wait for the shop's row; by policy, since quotas are taken in that
        # order by everybody, so that two shops never wait for each other.
        for grant in await _held(merchant_id).order_by("policy", "starts_on").select_for_update():
            await _follow(grant, replace(facts, award=by_id.get(grant.award_id)), today, at)


def _held(merchant_id: UUID) -> QuerySet[SupportGrant]:
    return everywhere(SupportGrant).filter(merchant_id=merchant_id)


async def _promise(shop: MerchantFacts, awards: Sequence[Award], today: date, at: datetime) -> None:
    """Write down what valid awards bring, the earlier award's first."""
    for award in awards:
        after = await _last_days(shop.id, award.id)
        rows = []
        for policy in support_policies().values():
            term = term_of(policy, award, after=after.get(policy.slug))
            if term is not None and policy.from_day <= today <= min(term.ends_on, policy.to_day or term.ends_on):
                rows.append(_row(shop, award, policy, term, at))
        await bulk_insert(SupportGrant, rows, skip_conflicts=True)


async def _last_days(merchant_id: UUID, award_id: UUID) -> dict[str, date]:
    """Return by policy the last day that a shop has with other awards; what was ended early counts no more."""
    others = _held(merchant_id).exclude(award_id=award_id).exclude(state="ended")
    last: dict[str, date] = {}
    for policy, ends_on in await others.order_by("ends_on").values_list("policy", "ends_on"):
        last[str(policy)] = ends_on
    return last


def _row(shop: MerchantFacts, award: Award, policy: SupportPolicy, term: Term, at: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "policy": policy.slug,
        "merchant_id": shop.id,
        "award_id": award.id,
        "division": shop.division,
        "state": "waiting",
        "starts_on": term.starts_on,
        "ends_on": term.ends_on,
        "cap_fen": policy.cap_fen,
        "used_fen": 0,
        "holds_unit": False,
        "reason_zh": "",
        "reason_en": "",
        "made_at": at,
        "granted_at": None,
        "changed_at": at,
    }


async def _follow(grant: SupportGrant, facts: ShopFacts, today: date, at: datetime) -> None:
    policy = support_policies().get(grant.policy)
    if grant.state in _LAST:
        return
    if policy is None:
        await _move(grant, Wanted("ended", NOT_OFFERED), at)
        return
    term = Term(grant.starts_on, grant.ends_on)
    target = wanted(policy, facts, term, state=grant.state, today=today)
    if target.state == "granted" and not grant.holds_unit:
        await _grant(grant, policy, target, at)
    elif (target.state, target.reason.zh) != (grant.state, grant.reason_zh):
        await _move(grant, target, at)


async def _grant(grant: SupportGrant, policy: SupportPolicy, target: Wanted, at: datetime) -> None:
    """Grant what waits if there is one left; the unit goes with the row that holds it, or neither does."""
    try:
        if not await _is_left(policy):
            raise _NoneLeft
        async with transaction():
            if await _move(grant, target, at) and not await _take(policy):
                raise _NoneLeft
    except _NoneLeft:
        if grant.reason_zh != NONE_LEFT.zh:
            await _move(grant, Wanted("waiting", NONE_LEFT), at)


async def _move(grant: SupportGrant, target: Wanted, at: datetime) -> bool:
    """Change a grant from what was read of it to what it should be. False: it is something else by now."""
    event = "resume" if (grant.state, target.state) == ("suspended", "granted") else _EVENTS.get(target.state, "")
    state = advance(grant.state, event) if target.state != grant.state else grant.state
    granted_at = at if state == "granted" and grant.granted_at is None else grant.granted_at
    gives_back = state == "ended" and grant.holds_unit and grant.used_fen == 0
    changed = (
        await everywhere(SupportGrant)
        .filter(id=grant.id, state=grant.state, holds_unit=grant.holds_unit)
        .update(
            state=state,
            holds_unit=(grant.holds_unit or state == "granted") and not gives_back,
            reason_zh=target.reason.zh,
            reason_en=target.reason.en,
            granted_at=granted_at,
            changed_at=at,
        )
    )
    if changed and state != grant.state:
        await audit.record(
            f"support_grant.{event}",
            actor="job:support",
            object_kind="support_grant",
            object_id=grant.id,
            detail={"policy": grant.policy, "reason": target.reason.zh},
            at=at,
        )
    if changed and gives_back:
        await SupportQuota.filter(policy=grant.policy).update(used=F("used") - 1)
    return bool(changed)


async def _is_left(policy: SupportPolicy) -> bool:
    row: dict[str, object] = {"id": new_id(), "policy": policy.slug, "total": policy.grants, "used": 0}
    quota = SupportQuota.filter(policy=policy.slug)
    if not await quota.exists():
        await bulk_insert(SupportQuota, [row], skip_conflicts=True)
    return await quota.filter(used__lt=policy.grants).exists()


async def _take(policy: SupportPolicy) -> bool:
    """Take one of a policy's grants; the conditional update decides who gets the last one."""
    quota = SupportQuota.filter(policy=policy.slug, used__lt=policy.grants)
    return bool(await quota.update(used=F("used") + 1, total=policy.grants))


async def refresh_all(runtime: Runtime, *, limit: int = 500) -> int:
    """Bring the support of all awarded shops, and of all that hold some, in line. Returns how many were.

    Each shop is a transaction of its own: one that cannot be brought in line is logged and keeps none of the others.
    """
    now = runtime.clock.now()
    today, last = local_date(now), None
    seen: set[UUID] = set()
    done = 0
    while page := await awarded_merchants(on=today, after=last, limit=limit):
        done += await _refresh_each(page, now)
        seen.update(page)
        last = page[-1]
    live = SupportGrant.filter(state__in=("waiting", "granted", "suspended"))
    held: list[UUID] = await live.distinct().values_list("merchant_id", flat=True)  # type: ignore[assignment]
    return done + await _refresh_each(sorted(set(held) - seen), now)


async def _refresh_each(merchant_ids: Sequence[UUID], at: datetime) -> int:
    done = 0
    for merchant_id in merchant_ids:
        try:
            await refresh_support(merchant_id, at=at)
        except Exception as failure:
            log.error("support_not_refreshed", merchant=str(merchant_id), exc_info=failure)
        else:
            done += 1
    return done


class SupportKeeper:
    """Listens to what happens to shops and keeps their support in line, in the same transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def merchant_changed(self, news: MerchantChanged) -> None:
        await refresh_support(news.merchant_id, at=self._clock.now())

    async def merchants_changed(self, news: MerchantsChanged) -> None:
        """A spreadsheet may change 100,000 shops at once: only those with an award or support are looked at."""
        now, ids = self._clock.now(), news.merchant_ids
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            rows = everywhere(SupportGrant).filter(merchant_id__in=list(chunk))
            held: list[UUID] = await rows.distinct().values_list("merchant_id", flat=True)  # type: ignore[assignment]
            for merchant_id in sorted({*held, *await awards_of(chunk, on=local_date(now))}):
                await refresh_support(merchant_id, at=now)


async def relieved(merchant_ids: list[UUID], on: date) -> set[UUID]:
    """Return which of some shops hold half the lots of an inspection draw on a day."""
    slugs = [policy.slug for policy in support_policies().values() if policy.kind == "inspection_relief"]
    rows = everywhere(SupportGrant).filter(policy__in=slugs, state="granted", starts_on__lte=on, ends_on__gte=on)
    found: list[UUID] = await rows.values_list("merchant_id", flat=True)  # type: ignore[assignment]
    return set(found) & set(merchant_ids)
