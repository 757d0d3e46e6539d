"""How a merchant's complaints went, in numbers that everybody may see and recompute.

What counts, for the whole time and for the last twelve months: complaints that were accepted, not reports, not what was
withdrawn, and not what was found malicious.

    timeliness = answered in time ÷ (answered in time + answered late or not at all), in permille

A complaint enters the timeliness when the shop has answered or its time is over; one that still runs does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.states import OPEN
from xinyi_platform.clock import local_date, start_of_local_day
from xinyi_platform.schemas import Answer

_MOST = 10_000
NOT_COUNTED = ("submitted", "rejected", "withdrawn")
COLUMNS = ("id", "state", "answered_in_time", "satisfied", "created_at")
YEAR_DAYS = 365


class Handled(Protocol):
    """What the numbers need to know of a complaint. `answered_in_time` is None while its time still runs."""

    state: str
    answered_in_time: bool | None
    satisfied: bool | None


class ComplaintNumbers(Answer, kw_only=True, frozen=True):
    """Numbers of a period. `timeliness_permille` is None where no complaint's time is over yet."""

    received: int
    answered_in_time: int
    answered_late: int
    resolved: int
    open: int
    satisfied: int
    dissatisfied: int
    timeliness_permille: int | None


class ComplaintFacts(ComplaintNumbers, kw_only=True, frozen=True):
    """Numbers of all time, and of complaints filed in the last 365 days.

    What was not accepted counts nowhere, so that nobody is blamed by a click; reports neither: they are between their
    sender and the authority. `since` is the day of the first complaint that is counted; None where there is none.
    """

    since: date | None
    last_year: ComplaintNumbers


def count(rows: Iterable[Handled]) -> ComplaintNumbers:
    """Count complaints by the published rule. Pure; the same numbers for page, API and rating."""
    found = list(rows)
    in_time = sum(row.answered_in_time is True for row in found)
    late = sum(row.answered_in_time is False for row in found)
    return ComplaintNumbers(
        received=len(found),
        answered_in_time=in_time,
        answered_late=late,
        resolved=sum(row.state in ("confirmed", "resolved") for row in found),
        open=sum(row.state in OPEN and row.state != "resolved" for row in found),
        satisfied=sum(row.satisfied is True for row in found),
        dissatisfied=sum(row.satisfied is False for row in found),
        timeliness_permille=in_time * 1_000 // (in_time + late) if in_time + late else None,
    )


async def complaint_facts(merchant_id: UUID, *, today: date) -> ComplaintFacts:
    """Count a merchant's accepted complaints up to today."""
    counted = Complaint.filter(merchant_id=merchant_id, kind="complaint", is_malicious=False)
    rows = await counted.exclude(state__in=NOT_COUNTED).limit(_MOST).only(*COLUMNS)
    filed = {row.id: local_date(row.created_at) for row in rows}
    whole = count(rows)
    return ComplaintFacts(
        **{name: getattr(whole, name) for name in ComplaintNumbers.__struct_fields__},
        since=min(filed.values(), default=None),
        last_year=count(row for row in rows if (today - filed[row.id]).days < YEAR_DAYS),
    )


async def numbers_of_last_year(merchant_ids: Collection[UUID], *, today: date) -> dict[UUID, ComplaintNumbers]:
    """Count the 365 days up to and including `today` of many merchants by one query; who has none is not in it."""
    until = start_of_local_day(today + timedelta(days=1))
    first = start_of_local_day(today - timedelta(days=YEAR_DAYS - 1))
    counted = Complaint.filter(merchant_id__in=list(merchant_ids), kind="complaint", is_malicious=False)
    rows = (
        await counted.filter(created_at__gte=first, created_at__lt=until)
        .exclude(state__in=NOT_COUNTED)
        .only("merchant_id", *COLUMNS)
    )
    found: dict[UUID, list[Complaint]] = {}
    for row in rows:
        found.setdefault(row.merchant_id, []).append(row)
    return {merchant_id: count(theirs) for merchant_id, theirs in found.items()}
