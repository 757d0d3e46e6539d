"""Who lets reminders of recalls pass gets no further entries until she has answered.

A person is one receiver by whichever of her accounts: any of them answers for what another one exported, and all of
them are shut out together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from xinyi_platform.errors import Forbidden
from xinyi_platform.identity import accounts_of
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.recalls.policy import recall_policy


class RecallsOpen(Forbidden):
    """A receiver that stays silent on recalls gets no further entries. Values: `open`."""

    code = "recalls_open"
    text = Text(
        "有{open}条停止使用通知多次提醒仍未确认,确认后方可继续获取名单。",
        "{open} recalls are unacknowledged after several reminders; acknowledge them to read lists again.",
    )


async def receivers_of_staff(staff: Staff) -> list[str]:
    """Return the names under which a member of staff is on record as a receiver, one an account."""
    views = await accounts_of(staff.person, kind="staff")
    return sorted({staff.label, *(f"staff:{view.id}" for view in views)})


async def silent_among(receivers: Collection[str]) -> Counter[str]:
    """Return which receivers have let reminders pass, of whichever area's lists, with of how many recalls each."""
    overdue = everywhere(Recall).filter(state="issued", chases__gte=recall_policy().shut_after_chases)
    names = await overdue.filter(receiver__in=list(receivers)).values_list("receiver", flat=True)
    return Counter(str(name) for name in names)


async def refuse_the_silent(receivers: Collection[str]) -> None:
    """Raise RecallsOpen (403) for a receiver, by any of its names, that has let reminders pass."""
    silent = (await silent_among(receivers)).total()
    if silent:
        raise RecallsOpen(open=silent)
