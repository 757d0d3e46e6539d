"""Requirement types about what a resident has had, holds and promised.

Facts: `history` (by scene: live, used, last_used_on, and claims in the running day, week, month and year),
`open_orders` (by scene), `commitments` (kind, state, due_on), `consents` (live purposes), `scene` and `today`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from msgspec import Meta

from xinyi_platform.consents.purposes import PURPOSES
from xinyi_platform.language import Text
from xinyi_scenarios.manifests.parts import Short
from xinyi_scenarios.requirements.checking import Arguments, Facts, Finding, Outcome, RequirementType

Count = Annotated[int, Meta(ge=0, le=1_000)]
UNKNOWN = Text("以往使用情况未知", "What you had before is not known")
PERIODS = {
    "day": Text("今天", "today"),
    "week": Text("本周", "this week"),
    "month": Text("本月", "this month"),
    "year": Text("今年", "this year"),
}
NOTHING: dict[str, Any] = {"live": 0, "used": 0, "last_used_on": None, "day": 0, "week": 0, "month": 0, "year": 0}


def _of_scene(facts: Facts, scene: str | None) -> dict[str, Any] | None:
    """Return what is known of one scene, this one where none is named; None where nothing is known at all."""
    history = facts.get("history")
    if history is None:
        return None
    return {**NOTHING, **history.get(scene or facts.get("scene"), {})}


def _period_after(today: date, period: str) -> date:
    if period == "day":
        return today + timedelta(days=1)
    if period == "week":
        return today + timedelta(days=8 - today.isoweekday())
    if period == "year":
        return date(today.year + 1, 1, 1)
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


class FrequencyArguments(Arguments, kw_only=True, frozen=True):
    """How often a scene (this one where none is named) may have been claimed in the running period."""

    at_most: Count
    period: Literal["day", "week", "month", "year"]
    scene: Short | None = None


class FrequencyRequirement:
    """Fewer claims than so many in the running period, so that one more fits."""

    name = "frequency"
    facts = ("history", "scene", "today")
    arguments = FrequencyArguments

    def check(self, facts: Facts, args: FrequencyArguments) -> Finding:
        had = _of_scene(facts, args.scene)
        if had is None or not facts.get("today"):
            return Finding(self.name, Outcome.CANNOT_TELL, UNKNOWN)
        times, when = had[args.period], PERIODS[args.period]
        if times < args.at_most:
            reason = Text(f"{when.zh}已领{times}次", f"Claimed {times} times {when.en}")
            return Finding(self.name, Outcome.MET, reason, str(times))
        reason = Text(f"{when.zh}最多{args.at_most}次", f"At most {args.at_most} times {when.en}")
        again = _period_after(date.fromisoformat(facts["today"]), args.period)
        return Finding(self.name, Outcome.NOT_MET, reason, str(times), Text(f"{again}起可再次领取。", f"From {again}."))


class CoolDownArguments(Arguments, kw_only=True, frozen=True):
    """Days that must lie between the last use of a scene and the next claim."""

    days: Annotated[int, Meta(ge=1, le=3_660)]
    scene: Short | None = None


class CoolDownRequirement:
    """The last use lies so many days back, or there was none."""

    name = "cool_down"
    facts = ("history", "scene", "today")
    arguments = CoolDownArguments

    def check(self, facts: Facts, args: CoolDownArguments) -> Finding:
        had = _of_scene(facts, args.scene)
        if had is None or not facts.get("today"):
            return Finding(self.name, Outcome.CANNOT_TELL, UNKNOWN)
        if had["last_used_on"] is None:
            return Finding(self.name, Outcome.MET, Text("此前没有使用过", "Not used before"))
        again = date.fromisoformat(had["last_used_on"]) + timedelta(days=args.days)
        if date.fromisoformat(facts["today"]) >= again:
            reason = Text(f"距上次使用已满{args.days}天", f"{args.days} days have passed since the last use")
            return Finding(self.name, Outcome.MET, reason, had["last_used_on"])
        reason = Text(f"两次使用须间隔{args.days}天", f"{args.days} days must lie between two uses")
        change = Text(f"{again}起可再次领取。", f"From {again}.")
        return Finding(self.name, Outcome.NOT_MET, reason, had["last_used_on"], change)


class FirstTimeArguments(Arguments, kw_only=True, frozen=True):
    """A scene, this one where none is named; `any_scene`: of all of them."""

    scene: Short | None = None
    any_scene: bool = False


class FirstTimeRequirement:
    """The scene was never used before."""

    name = "first_time"
    facts = ("history", "scene")
    arguments = FirstTimeArguments

    def check(self, facts: Facts, args: FirstTimeArguments) -> Finding:
        had = _of_scene(facts, args.scene)
        if had is None:
            return Finding(self.name, Outcome.CANNOT_TELL, UNKNOWN)
        used = sum(row.get("used", 0) for row in facts["history"].values()) if args.any_scene else had["used"]
        if not used:
            return Finding(self.name, Outcome.MET, Text("首次使用", "It is your first time"), "0")
        reason = Text("仅限首次使用", "For the first time only")
        return Finding(self.name, Outcome.NOT_MET, reason, str(used))


class HeldArguments(Arguments, kw_only=True, frozen=True):
    """How many live entitlements of a scene the resident holds."""

    scene: Short
    at_least: Count = 0
    at_most: Count = 1_000


class HeldEntitlementsRequirement:
    """So many live entitlements of a scene are held."""

    name = "held_entitlements"
    facts = ("history",)
    arguments = HeldArguments

    def check(self, facts: Facts, args: HeldArguments) -> Finding:
        had = _of_scene(facts, args.scene)
        if had is None:
            return Finding(self.name, Outcome.CANNOT_TELL, UNKNOWN)
        live = had["live"]
        if args.at_least <= live <= args.at_most:
            return Finding(self.name, Outcome.MET, Text(f"持有{live}份", f"You hold {live}"), str(live))
        if live < args.at_least:
            reason = Text(f"须先持有“{args.scene}”权益", f"You must hold the benefit of {args.scene} first")
            change = Text("领取该权益后即可。", "Claim that one first.")
        else:
            reason = Text(
                f"“{args.scene}”权益最多持有{args.at_most}份", f"At most {args.at_most} of {args.scene} at a time"
            )
            change = Text("使用或退回后即可。", "Use or give back what you hold.")
        return Finding(self.name, Outcome.NOT_MET, reason, str(live), change)


class OpenOrdersArguments(Arguments, kw_only=True, frozen=True):
    """How many deposit-free orders may be open, of one scene or of all."""

    at_most: Annotated[int, Meta(ge=0, le=50)]
    scene: Short | None = None


class OpenOrdersRequirement:
    """No more than so many deposit-free orders are open."""

    name = "open_orders"
    facts = ("open_orders",)
    arguments = OpenOrdersArguments

    def check(self, facts: Facts, args: OpenOrdersArguments) -> Finding:
        orders = facts.get("open_orders")
        if orders is None:
            return Finding(self.name, Outcome.CANNOT_TELL, Text("订单情况未知", "Your orders are not known"))
        running = orders.get(args.scene, 0) if args.scene else sum(orders.values())
        if running <= args.at_most:
            return Finding(
                self.name, Outcome.MET, Text(f"进行中订单{running}笔", f"{running} orders are open"), str(running)
            )
        reason = Text(
            f"进行中的免押订单不能超过{args.at_most}笔", f"At most {args.at_most} deposit-free orders may be open"
        )
        change = Text("完成进行中的订单后即可。", "Complete those that are open.")
        return Finding(self.name, Outcome.NOT_MET, reason, str(running), change)


class CommitmentArguments(Arguments, kw_only=True, frozen=True):
    """The scene whose commitment must be in force; `none_broken`: and no commitment of hers is broken."""

    kind: Short | None = None
    none_broken: bool = True


class CommitmentInForceRequirement:
    """A signed commitment runs or was kept, and none is broken. Without `kind`: only that none is broken."""

    name = "commitment_in_force"
    facts = ("commitments",)
    arguments = CommitmentArguments

    def check(self, facts: Facts, args: CommitmentArguments) -> Finding:
        rows = facts.get("commitments")
        if rows is None:
            return Finding(self.name, Outcome.CANNOT_TELL, Text("信用承诺情况未知", "Your commitments are not known"))
        broken = sum(row["state"] == "broken" for row in rows)
        if args.none_broken and broken:
            reason = Text(f"有{broken}项信用承诺未履行", f"{broken} commitments were not kept")
            change = Text("补齐材料、完成修复后即可。", "Hand in what is missing to repair them.")
            return Finding(self.name, Outcome.NOT_MET, reason, str(broken), change)
        in_force = [
            row for row in rows if row["kind"] == args.kind and row["state"] in ("signed", "fulfilled", "repaired")
        ]
        if args.kind and not in_force:
            reason = Text("须先签署信用承诺", "A credit commitment must be signed first")
            change = Text("签署后即可。", "Sign it and look again.")
            return Finding(self.name, Outcome.NOT_MET, reason, "0", change)
        return Finding(
            self.name, Outcome.MET, Text("信用承诺履行正常", "Your commitments are kept"), str(len(in_force))
        )


class ConsentArguments(Arguments, kw_only=True, frozen=True):
    """The code of a purpose that there is."""

    purpose: str

    def __post_init__(self) -> None:
        if self.purpose not in PURPOSES:
            raise ValueError(f"unknown purpose {self.purpose!r}; there are {', '.join(sorted(PURPOSES))}")


class ConsentRequirement:
    """A consent to the purpose is live."""

    name = "consent"
    facts = ("consents",)
    arguments = ConsentArguments

    def check(self, facts: Facts, args: ConsentArguments) -> Finding:
        given = facts.get("consents")
        title = PURPOSES[args.purpose].title
        if given is None:
            return Finding(self.name, Outcome.CANNOT_TELL, Text("授权情况未知", "Your consents are not known"))
        if args.purpose in given:
            return Finding(
                self.name, Outcome.MET, Text(f"已授权:{title.zh}", f"You consented: {title.en}"), args.purpose
            )
        reason = Text(f"须先授权:{title.zh}", f"Your consent is needed: {title.en}")
        change = Text(
            "在“授权”页面同意后即可,可随时撤回。", "Give it on the page of consents; you can withdraw it at any time."
        )
        return Finding(self.name, Outcome.NOT_MET, reason, "", change)


ABOUT_HISTORY: tuple[RequirementType[Any], ...] = (
    FrequencyRequirement(),
    CoolDownRequirement(),
    FirstTimeRequirement(),
    HeldEntitlementsRequirement(),
    OpenOrdersRequirement(),
    CommitmentInForceRequirement(),
    ConsentRequirement(),
)
