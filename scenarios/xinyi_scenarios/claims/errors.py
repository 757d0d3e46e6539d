"""What can be wrong with a claim."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Forbidden
from xinyi_platform.language import Text
from xinyi_scenarios.quotas import FEN, QuotaView, next_period_on


class SoldOut(Conflict):
    """Nothing is left. Values: `scenario`, `period`, `limit` (scene, district, budget), `again_on` (or None)."""

    code = "sold_out"
    text = Text("{zh}", "{en}")

    @classmethod
    def of(cls, quota: QuotaView) -> SoldOut:
        """Return the refusal that names what ran out and when there is more."""
        again = next_period_on(quota.period)
        limit = "budget" if quota.measure == FEN else "district" if quota.scope else "scene"
        what = _RAN_OUT[limit]
        when = (
            Text(f"{again:%Y-%m-%d}起可再次领取。", f"There is more from {again:%Y-%m-%d}.") if again else Text("", "")
        )
        zh, en = f"{what.zh}。{when.zh}", f"{what.en}. {when.en}".strip()
        return cls(scenario=quota.scenario, period=quota.period, limit=limit, again_on=again, zh=zh, en=en)


_RAN_OUT = {
    "scene": Text("本期名额已领完", "No more are left in this period"),
    "district": Text("您所在区的本期名额已领完", "No more are left for your district in this period"),
    "budget": Text("本期优惠资金已用完", "The money for this period is used up"),
}


class AlreadyClaimed(Conflict):
    """The resident has had the period's claims. Values: `scenario`, `period`, `times`, `again_on` (or None)."""

    code = "already_claimed"
    text = Text("{zh}", "{en}")

    @classmethod
    def of(cls, scenario: str, period: str, times: int) -> AlreadyClaimed:
        """Return the refusal that names how often one may claim and when again."""
        again = next_period_on(period)
        zh = "您本期已领取,不能重复领取。" if times == 1 else f"您本期已领取{times}次,达到上限。"
        en = (
            "You have already claimed this" if times == 1 else f"You have claimed this {times} times, which is the most"
        )
        when = (
            Text(f"{again:%Y-%m-%d}起可再次领取。", f"You can again from {again:%Y-%m-%d}.") if again else Text("", "")
        )
        en = f"{en} in the current period. {when.en}".strip()
        return cls(scenario=scenario, period=period, times=times, again_on=again, zh=f"{zh}{when.zh}", en=en)


class NotEligible(Forbidden):
    """A requirement is not met. Values: `reasons`, sentences in the reader's language, and `decision`."""

    code = "not_eligible"
    text = Text("您目前不符合领取条件。", "You do not meet the conditions just now.")


class ClaimsClosed(Conflict):
    """The scene takes no claims at this time. Values: `scenario`."""

    code = "claims_closed"
    text = Text("该场景目前未开放领取。", "This scene takes no claims just now.")


class NotOpenNow(ClaimsClosed):
    """The scene takes claims at other times. Values: `scenario`, `opens_at`, local time as text."""

    code = "claims_not_open_now"
    text = Text("该场景将于{opens_at}开放领取。", "This scene takes claims again from {opens_at}.")
