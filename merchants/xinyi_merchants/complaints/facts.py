"""How a merchant's complaints went, in numbers that everybody may see."""

from __future__ import annotations

from collections import Counter
from datetime import date
from uuid import UUID

from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.states import OPEN
from xinyi_platform.clock import local_date
from xinyi_platform.schemas import Answer

_MOST = 10_000
_NOT_COUNTED = ("submitted", "rejected", "withdrawn")


class ComplaintFacts(Answer, kw_only=True, frozen=True):
    """Numbers of complaints. What was not accepted counts nowhere, so that nobody is blamed by a click.

    Reports count nowhere either: they are between their sender and the authority. `since` is the day of the first
    complaint that is counted; None where there is none.
    """

    received: int
    answered_in_time: int
    resolved: int
    open: int
    since: date | None


async def complaint_facts(merchant_id: UUID) -> ComplaintFacts:
    """Count a merchant's accepted complaints."""
    rows = await (
        Complaint.filter(merchant_id=merchant_id, kind="complaint", state__not_in=_NOT_COUNTED)
        .limit(_MOST)
        .only("id", "state", "answered_in_time", "created_at")
    )
    states = Counter(row.state for row in rows)
    return ComplaintFacts(
        received=len(rows),
        answered_in_time=sum(row.answered_in_time is True for row in rows),
        resolved=states["confirmed"] + states["resolved"],
        open=sum(count for state, count in states.items() if state in OPEN and state != "resolved"),
        since=min((local_date(row.created_at) for row in rows), default=None),
    )
