"""What can be wrong with a claim."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Forbidden
from xinyi_platform.language import Text


class SoldOut(Conflict):
    """No unit is left in the period. Values: `scenario`, `period`."""

    code = "sold_out"
    text = Text("本期名额已领完。", "No more are left in this period.")


class AlreadyClaimed(Conflict):
    """The resident already holds this period's entitlement. Values: `scenario`, `period`."""

    code = "already_claimed"
    text = Text("您本期已领取,不能重复领取。", "You have already claimed this in the current period.")


class NotEligible(Forbidden):
    """A requirement is not met. Values: `reasons`, sentences in the reader's language, and `decision`."""

    code = "not_eligible"
    text = Text("您目前不符合领取条件。", "You do not meet the conditions just now.")


class ClaimsClosed(Conflict):
    """The scene takes no claims at this time. Values: `scenario`."""

    code = "claims_closed"
    text = Text("该场景目前未开放领取。", "This scene takes no claims just now.")
