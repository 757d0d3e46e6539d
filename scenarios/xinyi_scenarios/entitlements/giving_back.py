"""A resident gives back what she does not use; its unit returns to the quota."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict
from xinyi_platform.language import Text
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.reading import my_entitlement
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.orders.states import OPEN


class OrdersOpen(Conflict):
    """Something is still out on this waiver. Values: `open`."""

    code = "orders_open"
    text = Text(
        "还有{open}笔免押订单未完成,完成后才能退回。", "{open} orders on it are still open; complete them first."
    )


async def give_back(resident_id: UUID, entitlement_id: UUID, *, actor: str, at: datetime) -> Entitlement:
    """Cancel one's own unused entitlement.

    Raises NotFound (404), TransitionForbidden (409), and OrdersOpen (409) while an order runs on it.
    """
    await my_entitlement(resident_id, entitlement_id)
    async with transaction():
        reason = "cancelled by the resident"
        # The change takes the row's lock, which a new order takes as well: none can slip in between.
        held = await change_entitlement(entitlement_id, "cancel", actor=actor, at=at, reason=reason)
        running = await ServiceOrder.filter(entitlement_id=entitlement_id, state__in=OPEN).count()
        if running:
            raise OrdersOpen(open=running)
    return held
