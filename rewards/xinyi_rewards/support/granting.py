"""Grant support with an award, refresh it each night, and end it with what it rests on.

One shop's support is decided as a whole from facts: its award, its state, and whether a decision of an authority is
published about it. The same function runs when one of them changes, in that change's transaction, and each night for
all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.expressions import F

from xinyi_merchants.registry import MerchantChanged, MerchantsChanged
from xinyi_merchants.registry.awards import Award, awarded_merchants, awards_of
from xinyi_merchants.registry.finding import MerchantFacts, find_merchant
from xinyi_platform import audit
from xinyi_platform.clock import Clock, local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.reading import facts_about_merchant
from xinyi_rewards.honor_lists.terms import months_after
from xinyi_rewards.support.models import SupportGrant, SupportQuota
from xinyi_rewards.support.policy import SupportPolicy, support_policies
from xinyi_rewards.support.states import advance

_CHUNK = 2_000
_GRANTED = Text("诚信商户称号有效", "The honest-merchant award is valid")
_NO_AWARD = Text("诚信商户称号已失效或被撤销", "The honest-merchant award is over or withdrawn")
_CLOSED = Text("商户已停业或被吊销", "The shop has closed")
_LISTED = Text("有依法公示的失信信息,公示结束后恢复", "A decision about it is published; it resumes when that ends")
_TRADE = Text("不适用于该行业", "Not for this trade")
_NOT_OFFERED = Text("该政策目前不受理", "This policy is not granted at present")
_NONE_LEFT = Text("名额已满,有名额时自动补上", "None are left; it is granted when one is given back")
_OVER = Text("支持期已满", "The months of support are over")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The state that facts ask for, and why."""

    state: str
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFacts:
    """What support rests on. `award` None: it has none that is valid. `is_listed`: a black entry about it is shown."""

    award: Award | None
    trade: str
    is_open: bool
    is_listed: bool


def wanted(policy: SupportPolicy, facts: ShopFacts, *, ends_on: date, today: date) -> Wanted:
    """Return the state that a policy should have for a shop. Pure: the same facts, the same answer."""
    if not facts.is_open:
        return Wanted("ended", _CLOSED)
    if facts.award is None:
        return Wanted("ended", _NO_AWARD)
    if today > ends_on:
        return Wanted("expired", _OVER)
    if policy.trades and facts.trade not in policy.trades:
        return Wanted("waiting", _TRADE)
    if facts.is_listed:
        return Wanted("suspended", _LISTED)
    return Wanted("granted", _GRANTED)


def months_of(policy: SupportPolicy, award: Award) -> tuple[date, date]:
    """Return the first and the last day of support with an award; it never outlasts the award."""
    first = max(award.awarded_on, policy.from_day)
    return first, max(first, min(months_after(first, policy.months), award.valid_until))


async def refresh_support(merchant_id: UUID, *, at: datetime) -> None:
    """Bring a shop's support in line with its facts; joins the caller's transaction. A second time changes nothing."""
    today = local_date(at)
    award = (await awards_of([merchant_id], on=today)).get(merchant_id)
    held = await everywhere(SupportGrant).filter(merchant_id=merchant_id)
    if award is None and not held:
        return
    shop, entries = await find_merchant(merchant_id), await facts_about_merchant(merchant_id, at=at)
    facts = ShopFacts(
        award=award,
        trade=shop.trade,
        is_open=shop.status == "open",
        is_listed=any(entry.kind.startswith("black-") for entry in entries),
    )
    async with transaction():
        if award is not None and facts.is_open:
            await _promise(shop, award, today, at)
            held = await everywhere(SupportGrant).filter(merchant_id=merchant_id)
        for grant in held:
            await _follow(grant, facts, award, today, at)


async def _promise(shop: MerchantFacts, award: Award, today: date, at: datetime) -> None:
    rows = []
    for policy in support_policies().values():
        first, last = months_of(policy, award)
        if first <= today <= last and (policy.to_day is None or today <= policy.to_day):
            rows.append(_row(shop, award, policy, first, last, at))
    await bulk_insert(SupportGrant, rows, skip_conflicts=True)


def _row(
    shop: MerchantFacts, award: Award, policy: SupportPolicy, first: date, last: date, at: datetime
) -> dict[str, object]:
    return {
        "id": new_id(),
        "policy": policy.slug,
        "merchant_id": shop.id,
        "award_id": award.id,
        "division": shop.division,
        "state": "waiting",
        "starts_on": first,
        "ends_on": last,
        "cap_fen": policy.cap_fen,
        "used_fen": 0,
        "holds_unit": False,
        "reason_zh": "",
        "reason_en": "",
        "made_at": at,
        "changed_at": at,
    }


async def _follow(grant: SupportGrant, facts: ShopFacts, award: Award | None, today: date, at: datetime) -> None:
    policy = support_policies().get(grant.policy)
    if grant.state in ("ended", "expired"):
        return
    if award is not None and award.id != grant.award_id:
        target = Wanted("ended", _NO_AWARD)
    elif policy is None:
        target = Wanted("ended", _NOT_OFFERED)
    else:
        target = wanted(policy, facts, ends_on=grant.ends_on, today=today)
    if grant.state == "waiting" and target.state == "suspended":
        target = Wanted("waiting", target.reason)
    if target.state == "granted" and not grant.holds_unit and policy is not None and not await _take(policy):
        target = Wanted("waiting", _NONE_LEFT)
    if (target.state, target.reason.zh) != (grant.state, grant.reason_zh):
        await _move(grant, target, at)


_EVENTS = {"granted": "grant", "suspended": "suspend", "ended": "end", "expired": "expire"}


async def _move(grant: SupportGrant, target: Wanted, at: datetime) -> None:
    event = "resume" if (grant.state, target.state) == ("suspended", "granted") else _EVENTS.get(target.state, "")
    state = advance(grant.state, event) if target.state != grant.state else grant.state
    gives_back = state == "ended" and grant.holds_unit and grant.used_fen == 0
    changed = (
        await everywhere(SupportGrant)
        .filter(id=grant.id, state=grant.state, holds_unit=grant.holds_unit)
        .update(
            state=state,
            holds_unit=(grant.holds_unit or state == "granted") and not gives_back,
            reason_zh=target.reason.zh,
            reason_en=target.reason.en,
            changed_at=at,
        )
    )
    if changed and gives_back:
        await SupportQuota.filter(policy=grant.policy).update(used=F("used") - 1)
    if changed and state != grant.state:
        await audit.record(
            f"support_grant.{event}",
            actor="job:support",
            object_kind="support_grant",
            object_id=grant.id,
            detail={"policy": grant.policy, "reason": target.reason.zh},
            at=at,
        )


async def _take(policy: SupportPolicy) -> bool:
    """Take one of a policy's grants; the conditional update decides who gets the last one."""
    row: dict[str, object] = {"id": new_id(), "policy": policy.slug, "total": policy.grants, "used": 0}
    quota = SupportQuota.filter(policy=policy.slug)
    if not await quota.exists():
        await bulk_insert(SupportQuota, [row], skip_conflicts=True)
    return bool(await quota.filter(used__lt=policy.grants).update(used=F("used") + 1, total=policy.grants))


async def refresh_all(runtime: Runtime, *, limit: int = 500) -> int:
    """Bring the support of all awarded shops, and of all that hold some, in line. Returns how many were looked at."""
    now = runtime.clock.now()
    today, last = local_date(now), None
    seen: set[UUID] = set()
    while page := await awarded_merchants(on=today, after=last, limit=limit):
        for merchant_id in page:
            await refresh_support(merchant_id, at=now)
        seen.update(page)
        last = page[-1]
    live = SupportGrant.filter(state__in=("waiting", "granted", "suspended"))
    held: list[UUID] = await live.distinct().values_list("merchant_id", flat=True)  # type: ignore[assignment]
    lost = set(held) - seen
    for merchant_id in lost:
        await refresh_support(merchant_id, at=now)
    return len(seen) + len(lost)


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
            for merchant_id in {*held, *await awards_of(chunk, on=local_date(now))}:
                await refresh_support(merchant_id, at=now)


async def relieved(merchant_ids: list[UUID], on: date) -> set[UUID]:
    """Return which of some shops hold half the lots of an inspection draw on a day."""
    slugs = [policy.slug for policy in support_policies().values() if policy.kind == "inspection_relief"]
    rows = everywhere(SupportGrant).filter(policy__in=slugs, state="granted", starts_on__lte=on, ends_on__gte=on)
    found: list[UUID] = await rows.values_list("merchant_id", flat=True)  # type: ignore[assignment]
    return set(found) & set(merchant_ids)
