"""The clock of a complaint: what each step does to its days. Pure; nothing here reads a database or the time.

A day is a local day of the city and belongs to the limit: what is due on a day is late from the next one on. The
merchant's clock counts working days and stands still while the consumer owes a reply.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol

from xinyi_merchants.complaints.errors import AskedTooLate, AskedTooOften
from xinyi_merchants.complaints.policy import limit_of
from xinyi_platform.clock import local_date
from xinyi_platform.workdays import add_working_days, working_days_between

Changes = dict[str, object]


class Case(Protocol):
    """What the clock needs to know of a complaint."""

    state: str
    accept_by: date
    answer_by: date
    close_by: date
    paused_on: date | None
    reply_by: date | None
    asked: int
    reopened: int
    answered_in_time: bool | None
    shared_at: datetime | None


def days_at_filing(day: date) -> Changes:
    """Return the days that a receipt names. They are the latest ones; accepting earlier brings them forward."""
    accept_by = limit_of("accept", day).end(day)
    return {
        "accept_by": accept_by,
        "answer_by": limit_of("answer", day).end(accept_by),
        "close_by": limit_of("settle", day).end(accept_by),
    }


def changes_of(case: Case, event: str, now: datetime) -> Changes:
    """Return what a step changes besides the state. Raises AskedTooLate and AskedTooOften (409)."""
    today = local_date(now)
    if event == "ask":
        return _paused(case, today)
    changes = _resumed(case, today) if case.paused_on else {}
    if event == "accept":
        changes |= {"close_by": limit_of("settle", today).end(today)}
    elif event == "forward":
        changes |= {"answer_by": limit_of("answer", today).end(today), "reminded": 0, "asked": 0, "escalated_state": ""}
        changes |= {"shared_at": case.shared_at or now}
    elif event == "mediate":
        changes |= {"close_by": limit_of("settle", today).end(today)}
    elif event == "answer":
        in_time = today <= case.answer_by and case.answered_in_time is not False
        changes |= {"answered_in_time": in_time, "resolved_at": now}
    elif event == "resolve":
        changes |= {"resolved_at": now}
    elif event == "reopen":
        close_by = max(case.close_by, limit_of("settle", today).end(today))
        changes |= {"reopened": case.reopened + 1, "resolved_at": None, "close_by": close_by}
    return changes


def _paused(case: Case, today: date) -> Changes:
    """Stop the clock. What is late stays late: asking then would only hide it."""
    most = limit_of("ask", today).amount
    if today > case.answer_by:
        raise AskedTooLate
    if case.asked >= most:
        raise AskedTooOften(most=most)
    return {"paused_on": today, "reply_by": limit_of("reply", today).end(today), "asked": case.asked + 1}


def _resumed(case: Case, today: date) -> Changes:
    """Let the clock run on: as many working days are left as on the day of the question, and at least one.

    Who asked on the last day would otherwise be late by the reply itself.
    """
    since = case.paused_on or today
    return {
        "paused_on": None,
        "reply_by": None,
        "answer_by": max(
            add_working_days(case.answer_by, working_days_between(since, today)), add_working_days(today, 1)
        ),
        "close_by": case.close_by + (today - since),
    }


def due_on(case: Case) -> date | None:
    """Return the day by which the next step is due; None where nothing is due. A question is due for the consumer."""
    if case.state == "submitted":
        return case.accept_by
    if case.state == "waiting_merchant":
        return case.answer_by
    if case.state == "waiting_consumer":
        return case.reply_by
    return case.close_by if case.state in ("accepted", "mediation", "reopened") else None


def days_left(case: Case, today: date) -> int | None:
    """Return the working days left to the merchant, negative when late; None while it owes no answer.

    While the clock stands still, it is what was left when it stopped.
    """
    if case.state not in ("waiting_merchant", "waiting_consumer"):
        return None
    return working_days_between(case.paused_on or today, case.answer_by)


def is_overdue(case: Case, today: date) -> bool:
    """Tell whether the authority or the merchant is late; a consumer who does not reply is not."""
    due = due_on(case)
    return due is not None and case.state != "waiting_consumer" and due < today


def reminder_due(case: Case, today: date) -> int:
    """Return which reminder the merchant should have had by now: 0 none, 1 half of the time, 2 the day before."""
    left = days_left(case, today)
    if case.state != "waiting_merchant" or left is None:
        return 0
    if left <= 1:
        return 2
    whole = limit_of("answer", today).amount
    return 1 if left <= whole - whole // 2 else 0


def confirm_by(resolved_at: datetime) -> date:
    """Return the last day on which the consumer may confirm or reopen."""
    day = local_date(resolved_at)
    return limit_of("confirm", day).end(day)


def lapses_before(now: datetime) -> datetime:
    """Return the moment before which what was answered is no longer contested, by whole local days."""
    today = local_date(now)
    return now - timedelta(days=limit_of("confirm", today).amount)
