"""How a merchant's complaints went, in numbers that everybody may see."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.states import OPEN
from xinyi_platform.schemas import Answer

_MOST = 10_000
_NOT_COUNTED = ("submitted", "rejected", "withdrawn")


class ComplaintFacts(Answer, kw_only=True, frozen=True):
    """Numbers of complaints. What was not accepted counts nowhere, so that nobody is blamed by a click."""

    received: int
    answered_in_time: int
    resolved: int
    open: int


async def complaint_facts(merchant_id: UUID) -> ComplaintFacts:
    """Count a merchant's accepted complaints."""
    rows = await (
        Complaint.filter(merchant_id=merchant_id, state__not_in=_NOT_COUNTED)
        .limit(_MOST)
        .only("id", "state", "answered_in_time")
    )
    states = Counter(row.state for row in rows)
    return ComplaintFacts(
        received=len(rows),
        answered_in_time=sum(row.answered_in_time is True for row in rows),
        resolved=states["confirmed"] + states["resolved"],
        open=sum(count for state, count in states.items() if state in OPEN and state != "resolved"),
    )
