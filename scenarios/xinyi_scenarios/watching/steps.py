"""What follows from a decision that was made again, as one table of rules without any effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from xinyi_platform.clock import local_date, start_of_local_day
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.requirements import Verdict

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Step(StrEnum):
    """What is done with one entitlement."""

    NOTHING = "nothing"
    WARN = "warn"
    LIFT = "lift"
    ACT = "act"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Warned:
    """A live warning: still open, or acted on (the entitlement is suspended by it)."""

    state: str
    acts_on: date


def next_step(*, verdict: Verdict, state: str, warned: Warned | None, today: date) -> Step:
    """Return what follows for an entitlement in `state`. What cannot be told changes nothing.

    She is warned first; a loss follows on the day that the warning named, if the decision of that day is the same.
    """
    if verdict is Verdict.UNKNOWN:
        return Step.NOTHING
    if warned is None:
        return Step.WARN if verdict is Verdict.NOT_ELIGIBLE and state in USABLE else Step.NOTHING
    if verdict is Verdict.ELIGIBLE:
        return Step.LIFT if warned.state == "open" else Step.RESUME
    is_due = warned.state == "open" and today >= warned.acts_on
    return Step.ACT if is_due and state in USABLE else Step.NOTHING


def acts_on(at: datetime, grace_days: int) -> date:
    """Return the local day from whose beginning a warning of `at` is acted on: that many whole days lie between."""
    return local_date(at) + timedelta(days=grace_days + 1)


def look_again_at(at: datetime, *, verdict: Verdict, needs_consent: bool, due_on: date | None) -> datetime:
    """Return when the decision is made again: in a day, at the beginning of a day on which something is due, or in
    an hour where nothing could be told. Without a consent nobody is asked more than once a day.
    """
    if verdict is Verdict.UNKNOWN:
        return at + (DAY if needs_consent else HOUR)
    if due_on is None:
        return at + DAY
    return min(at + DAY, max(start_of_local_day(due_on), at + HOUR))
