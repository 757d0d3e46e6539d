"""What a shop's systems may be told. The risk class is not among it: supervisors alone may know one."""

from __future__ import annotations

from collections.abc import Iterable

from xinyi_merchants.complaints.states import STATES as COMPLAINT_STATES
from xinyi_platform.errors import InvalidField
from xinyi_platform.language import Text

KINDS: dict[str, Text] = {
    "redemption": Text("核销与冲正", "Redemptions and their reversals"),
    "complaint": Text("投诉", "Complaints"),
    "award": Text("诚信商户称号", "The honest-merchant award"),
    "listing": Text("名单公示、修复与提醒", "Listings, their repair and reminders"),
}
TOPICS: dict[str, tuple[str, ...]] = {
    "redemption": ("redemption.made", "redemption.reversed"),
    "complaint": (
        *(f"complaint.{state}" for state in COMPLAINT_STATES),
        "complaint.reminder",
        "complaint.overdue",
        "complaint.public_answer",
    ),
    "award": ("honest_award.granted", "honest_award.withdrawn"),
    "listing": (
        "honor_entry.noticed",
        "honor_entry.published",
        "honor_entry.ended",
        "honor_entry.reminder",
        "objection.decided",
        "repair.changed",
        "repair.deferral",
        "repair.promise_due",
    ),
}


def topics_of(kinds: Iterable[str]) -> list[str]:
    """Return the topics of the chosen kinds. Raises InvalidField (400) for none, and for one that nobody may choose."""
    chosen = sorted(set(kinds))
    if not chosen or not set(chosen) <= set(KINDS):
        raise InvalidField(field="kinds", zh="请至少选择一类事件。", en="Choose at least one kind of event.")
    return [topic for kind in chosen for topic in TOPICS[kind]]


def kinds_of(topics: Iterable[str]) -> list[Text]:
    """Return the kinds that a subscription covers."""
    held = set(topics)
    return [KINDS[kind] for kind, names in TOPICS.items() if held & set(names)]
