"""Since when an entitlement is used: each flow says what that is.

A voucher is used at a till, a waiver with the first order that began, a pass with the first time it was served, a
commitment with its signature, a referral with the first answer that arrived, a fair's ticket at the gate. What was
reversed is not used. A plug-in's flow whose code a till takes is used there; of any other one nothing is known.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.functions import Min
from tortoise.queryset import QuerySet

from xinyi_scenarios.commitments.models import SignedCommitment
from xinyi_scenarios.fairs.models import FairTicket
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.passes.models import CounterPass
from xinyi_scenarios.passes.states import USED
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.referrals.models import Referral

Uses = dict[UUID, datetime]
Loader = Callable[[Collection[UUID]], Awaitable[Uses]]
"""From entitlements to when each was used first; those that were not are left out."""
_PAGE = 2_000


async def first_uses(entitlement_ids: Iterable[UUID]) -> Uses:
    """Return when entitlements of any flow were used first; those that were not are left out."""
    ids, found = list(entitlement_ids), Uses()
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        for load in FLOW_USES.values():
            for held, at in (await load(page)).items():
                found[held] = min(at, found.get(held, at))
    return found


def _first(rows: Callable[[], QuerySet[Any]], at: str) -> Loader:
    """Return the loader of a flow whose rows name the entitlement, and tell of its use by an instant."""

    async def load(ids: Collection[UUID]) -> Uses:
        mine = rows().filter(entitlement_id__in=list(ids), **{f"{at}__isnull": False})
        first = await mine.annotate(first=Min(at)).group_by("entitlement_id").values("entitlement_id", "first")
        return {row["entitlement_id"]: row["first"] for row in first}

    return load


FLOW_USES: dict[str, Loader] = {
    "voucher": _first(lambda: Redemption.filter(slot="live"), "redeemed_at"),
    "waiver": _first(lambda: ServiceOrder.all(), "started_at"),
    "fast_track": _first(lambda: CounterPass.filter(state__in=list(USED)), "served_at"),
    "commitment": _first(lambda: SignedCommitment.all(), "signed_at"),
    "referral": _first(lambda: Referral.all(), "delivered_at"),
    "fair": _first(lambda: FairTicket.all(), "entered_at"),
}
