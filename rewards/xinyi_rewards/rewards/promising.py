"""Put down what an entry gives by policy, to be given by the next sweep: when it is published, or a policy comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Subquery

from xinyi_platform.clock import local_date
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.identity import resident_basics
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import EntryPublished
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.offers import policies_on
from xinyi_rewards.rewards.policy import RewardPolicy

_NO_REASON = Text("", "")


async def promise_rewards(news: EntryPublished) -> None:
    """Put down what an entry gives; joins the publication's transaction."""
    if news.resident_id is not None:
        policies = await policies_on(local_date(news.at))
        await _promise([(news.entry_id, news.resident_id, news.kind)], policies, at=news.at)


async def refresh_rewards(runtime: Runtime, *, limit: int = 500) -> int:
    """Put down what policies that came later give to entries published before. Returns how many rewards were added."""
    now = runtime.clock.now()
    policies = await policies_on(local_date(now))
    return sum([await _promise_earlier(policy, now, limit) for policy in policies])


async def promise_again(grant: RewardGrant, *, reason: Text, at: datetime, try_at: datetime) -> None:
    """Put down what comes after a reward that is over, once; joins the caller's transaction."""
    row = _row(grant.entry_id, grant.resident_id, grant.policy, grant.scenario, at, reason)
    await bulk_insert(RewardGrant, [{**row, "try_at": try_at}], skip_conflicts=True)


async def _promise_earlier(policy: RewardPolicy, now: datetime, limit: int) -> int:
    had = Subquery(RewardGrant.filter(policy=policy.slug).values("entry_id"))
    shown = everywhere(HonorEntry).filter(
        state="published", kind__in=policy.kinds, resident_id__isnull=False, valid_until__gt=now
    )
    left, added, last = shown.exclude(id__in=had).order_by("id"), 0, None
    while (
        rows := await (left.filter(id__gt=last) if last else left).limit(limit).values_list("id", "resident_id", "kind")
    ):
        added += await _promise(rows, [policy], at=now)
        last = rows[-1][0]
    return added


async def _promise(entries: Sequence[tuple[UUID, UUID, str]], policies: Sequence[RewardPolicy], *, at: datetime) -> int:
    found = await resident_basics([resident_id for _, resident_id, _ in entries])
    homes = {resident_id: basics.division for resident_id, basics in found.items()}
    rows = [
        _row(entry_id, resident_id, policy.slug, policy.scene, at, _NO_REASON)
        for entry_id, resident_id, kind in entries
        for policy in policies
        if kind in policy.kinds and policy.reaches(homes.get(resident_id, ""))
    ]
    return len(await bulk_insert(RewardGrant, rows, skip_conflicts=True))


def _row(entry_id: UUID, resident_id: UUID, policy: str, scene: str, at: datetime, reason: Text) -> dict[str, object]:
    return {
        "id": new_id(),
        "entry_id": entry_id,
        "resident_id": resident_id,
        "policy": policy,
        "scenario": scene,
        "state": "waiting",
        "turn": str(entry_id),
        "reason_zh": reason.zh,
        "reason_en": reason.en,
        "made_at": at,
        "try_at": at,
        "tries": 0,
    }
