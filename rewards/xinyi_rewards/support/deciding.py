"""What a shop's facts ask of its support: pure, the same facts, the same answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from xinyi_merchants.registry.awards import Award
from xinyi_platform.language import Text
from xinyi_rewards.honor_lists.terms import months_after
from xinyi_rewards.support.policy import SupportPolicy

GRANTED = Text("诚信商户称号有效", "The honest-merchant award is valid")
NO_AWARD = Text("诚信商户称号已失效或被撤销", "The honest-merchant award is over or withdrawn")
CLOSED = Text("商户未在营业,恢复营业后继续", "The shop is not open; it resumes when it opens again")
LISTED = Text("有依法公示的失信信息,公示结束后恢复", "A decision about it is published; it resumes when that ends")
TRADE = Text("不适用于该行业", "Not for this trade")
NOT_OFFERED = Text("该政策目前不受理", "This policy is not granted at present")
NONE_LEFT = Text("名额已满,有名额时自动补上", "None are left; it is granted when one is given back")
NOT_YET = Text("上一称号的支持期结束后开始", "It begins when the support with the earlier award is over")
OVER = Text("支持期已满", "The months of support are over")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The state that facts ask for, and why."""

    state: str
    reason: Text


@dataclass(frozen=True, slots=True)
class Term:
    """The first and the last day of support, both included."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFacts:
    """What support rests on. `award` None: it is not valid. `is_listed`: a black entry about the shop is shown."""

    award: Award | None
    trade: str
    is_open: bool
    is_listed: bool


def wanted(policy: SupportPolicy, facts: ShopFacts, term: Term, *, state: str, today: date) -> Wanted:
    """Return the state that a policy should have for a shop; `state` is the one it has, none of the last ones.

    What was granted is suspended by what can pass (closed, listed) and ended by what does not; what waits goes on
    waiting for both.
    """
    if today > term.ends_on:
        return Wanted("expired", OVER)
    if facts.award is None:
        return Wanted("ended", NO_AWARD)
    is_held = state != "waiting"
    if policy.trades and facts.trade not in policy.trades:
        return Wanted("ended" if is_held else "waiting", TRADE)
    if today < term.starts_on and not is_held:
        return Wanted("waiting", NOT_YET)
    if not facts.is_open or facts.is_listed:
        return Wanted("suspended" if is_held else "waiting", LISTED if facts.is_open else CLOSED)
    return Wanted("granted", GRANTED)


def term_of(policy: SupportPolicy, award: Award, *, after: date | None = None) -> Term | None:
    """Return the days of support with an award; it never outlasts the award. None: there are none.

    `after` is the last day of the same support with an earlier award: two never run at once.
    """
    first = max(award.awarded_on, policy.from_day)
    if after is not None:
        first = max(first, after + timedelta(days=1))
    if first > award.valid_until or (policy.to_day is not None and first > policy.to_day):
        return None
    return Term(first, min(months_after(first, policy.months), award.valid_until))
