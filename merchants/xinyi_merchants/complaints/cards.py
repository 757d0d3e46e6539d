"""Cards on the home pages: what waits, and by when."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Request

from xinyi_merchants.complaints.deadlines import due_on, is_overdue
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.states import STAFF_ROLES
from xinyi_merchants.complaints.tasks import WAITS_FOR_STAFF
from xinyi_merchants.registry.finding import merchant_of_operator
from xinyi_platform.clock import local_date
from xinyi_platform.principals import Duty, Operator, Staff, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of

_FIRST = 3


async def load_portal_card(request: Request[Any, Any, Any], _: dict[str, Any]) -> dict[str, Any] | None:
    """Say how many complaints wait for the shop's answer, and by when."""
    caller = caller_of(request)
    if not isinstance(caller, Operator) or Duty.RUN not in caller.duties:
        return None
    shop = await merchant_of_operator(caller.id)
    return _card(request, await Complaint.filter(merchant_id=shop.id, state="waiting_merchant").limit(500))


async def load_console_card(request: Request[Any, Any, Any], _: dict[str, Any]) -> dict[str, Any] | None:
    """Say how many complaints of the area wait for staff, and by when."""
    caller = caller_of(request)
    if not isinstance(caller, Staff) or not caller.roles & frozenset(STAFF_ROLES):
        return None
    area = area_of(caller).bind(Complaint.filter(state__in=WAITS_FOR_STAFF))
    return _card(request, await area.limit(500))


def _card(request: Request[Any, Any, Any], rows: list[Complaint]) -> dict[str, Any]:
    runtime: Runtime = request.app.state.runtime
    today = local_date(runtime.clock.now())
    days = [due for row in rows if (due := due_on(row))]
    nearest = sorted(rows, key=lambda row: due_on(row) or date.max)[:_FIRST]
    return {
        "nearest": [(row, due_on(row), is_overdue(row, today)) for row in nearest],
        "waiting": len(rows),
        "overdue": sum(is_overdue(row, today) for row in rows),
        "first_due": min(days, default=None),
    }
