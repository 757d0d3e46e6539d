"""Read what entries give, and why rewards were not given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from tortoise.functions import Count

from xinyi_platform.language import Text
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.policy import reward_policies

_ON_ITS_WAY, _NOT_ANY_MORE = Text("即将发放", "On its way"), Text("未及发放即已结束", "Ended before it was given")


async def not_given(policy: str) -> list[tuple[Text, int]]:
    """Return why rewards of a policy were not given (yet), with how many each, the most first."""
    rows = RewardGrant.filter(policy=policy, entitlement_id=None).annotate(n=Count("id"))
    columns = ("reason_zh", "reason_en", "state")
    found = Counter[Text]()
    for zh, en, state, n in await rows.group_by(*columns).values_list(*columns, "n"):
        found[Text(zh, en) if zh else _ON_ITS_WAY if state == "waiting" else _NOT_ANY_MORE] += n
    return found.most_common()


async def rewards_by_entry(entry_ids: Sequence[UUID]) -> dict[UUID, list[RewardGrant]]:
    """Return the rewards of entries, of each policy the one that was put down last, in the order of the policies."""
    places = {slug: place for place, slug in enumerate(reward_policies())}
    newest: dict[UUID, dict[str, RewardGrant]] = {entry_id: {} for entry_id in entry_ids}
    for grant in await RewardGrant.filter(entry_id__in=list(entry_ids)).order_by("made_at", "id"):
        newest[grant.entry_id][grant.policy] = grant
    return {
        entry_id: sorted(grants.values(), key=lambda grant: places.get(grant.policy, len(places)))
        for entry_id, grants in newest.items()
    }
