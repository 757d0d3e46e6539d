"""Whether residents meet what a reward still asks: the scene's own conditions, and the rules for minors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from xinyi_platform.clock import local_date
from xinyi_platform.credit import BureauNeeded
from xinyi_platform.database import transaction
from xinyi_platform.guardianships import guardian_facts
from xinyi_platform.identity import ResidentBasics, resident_basics
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_rewards.rewards.policy import RewardPolicy
from xinyi_scenarios.decisions import SceneDecision, decide_many
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.requirements import Outcome, set_aside
from xinyi_scenarios.requirements import Verdict as SceneVerdict
from xinyi_scenarios.requirements.ages import full_years

ADULT = 18
"""Full years. Source: 民法典 art. 17."""

_ON_LIST = Text("因列入红名单发放", "Given for the place on the red list")
_FOR_ADULTS = Text("该权益仅发放给年满18周岁的居民", "This one is for residents of 18 years or more")
_ELSEWHERE = Text("该权益仅发放给活动所在辖区的居民", "This one is for residents of the campaign's area")
_NEEDS_GUARDIAN = Text("未满18周岁,须先由社区确认监护关系", "Under 18: the community has to confirm a guardian first")
_NOT_KNOWN = Text("居民信息暂不可得", "What is needed of the resident is not known right now")
_BUREAU = Text("须先查询公共信用信息,暂不发放", "The credit bureau would have to be asked; nothing is given yet")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`refusal` None: it may be given, for the reason `ground`. `decision_id`: the stored decision behind it."""

    refusal: Text | None
    ground: Text = _ON_LIST
    decision_id: UUID | None = None


async def judge(
    runtime: Runtime, policy: RewardPolicy, resident_ids: Sequence[UUID], *, at: datetime
) -> dict[UUID, Verdict]:
    """Return a verdict for each resident. The bureau is not asked; a cannot tell waits, it is no refusal for good."""
    basics = await resident_basics(resident_ids)
    care = await guardian_facts(resident_ids)
    today = local_date(at)
    verdicts = {
        who: Verdict(_refusal(policy, basics.get(who), has_guardian=care[who]["has_guardian"], today=today))
        for who in resident_ids
    }
    open_ones = [who for who in resident_ids if verdicts[who].refusal is None]
    scene = _what_is_left(runtime.part(Catalogue).get(policy.scene), policy)
    if not scene.requires or not open_ones:
        return verdicts
    async with transaction():
        decided = await decide_many(runtime, open_ones, scene, purpose="reward", asked={})
    return verdicts | {who: _verdict_of(decided.get(who)) for who in open_ones}


async def refused_minors(policy: RewardPolicy, resident_ids: Sequence[UUID], *, at: datetime) -> dict[UUID, Text]:
    """Return those residents whom a policy's rule for minors keeps from it, with the reason."""
    if policy.minors == "given":
        return {}
    basics = await resident_basics(resident_ids)
    care = await guardian_facts(resident_ids)
    today = local_date(at)
    found = {
        who: _minors_refusal(policy, known, has_guardian=care[who]["has_guardian"], today=today)
        for who, known in basics.items()
    }
    return {who: refusal for who, refusal in found.items() if refusal is not None}


def _what_is_left(scene: Manifest, policy: RewardPolicy) -> Manifest:
    return msgspec.structs.replace(scene, requires=set_aside(scene.requires, policy.stands_for))


def _refusal(policy: RewardPolicy, basics: ResidentBasics | None, *, has_guardian: bool, today: date) -> Text | None:
    if basics is None:
        return _NOT_KNOWN
    if not policy.reaches(basics.division):
        return _ELSEWHERE
    return _minors_refusal(policy, basics, has_guardian=has_guardian, today=today)


def _minors_refusal(policy: RewardPolicy, basics: ResidentBasics, *, has_guardian: bool, today: date) -> Text | None:
    if full_years(basics.birth_date, today) >= ADULT or policy.minors == "given":
        return None
    if policy.minors == "none":
        return _FOR_ADULTS
    return None if has_guardian else _NEEDS_GUARDIAN


def _verdict_of(decided: SceneDecision | BureauNeeded | None) -> Verdict:
    if not isinstance(decided, SceneDecision):
        return Verdict(_BUREAU if decided else _NOT_KNOWN)
    if decided.verdict is SceneVerdict.ELIGIBLE:
        return Verdict(None, decision_id=decided.id)
    unmet = [finding for finding in decided.findings if finding.outcome is not Outcome.MET]
    words = [_why(finding.reason, finding.would_change) for finding in unmet]
    refusal = Text("".join(word.zh for word in words), " ".join(word.en for word in words))
    return Verdict(refusal, decision_id=decided.id)


def _why(reason: Text, would_change: Text | None) -> Text:
    """Return why a condition is not met, and then what would change it, each as a sentence."""
    said = [reason, *([would_change] if would_change else [])]
    return Text("".join(f"{one.zh.rstrip('。')}。" for one in said), " ".join(f"{one.en.rstrip('.')}." for one in said))
