"""What can be wrong with a proposal to revoke."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Forbidden
from xinyi_platform.language import Text


class NotShown(Conflict):
    """What is not approved yet is sent back or refused; what has ended needs no end."""

    code = "entry_not_shown"
    text = Text(
        "该条目尚未公示或已结束,无须撤销。", "This entry is not shown yet or has ended; there is nothing to revoke."
    )


class RevocationOpen(Conflict):
    code = "revocation_open"
    text = Text("该条目已有待确认的撤销申请。", "There is a proposal to revoke this entry already.")


class RevocationDecided(Conflict):
    code = "revocation_decided"
    text = Text("该撤销申请已处理。", "This proposal has been decided.")


class OwnRevocation(Forbidden):
    """Nobody confirms what she proposed herself, by whichever account."""

    code = "own_revocation"
    text = Text("不能确认自己提出的撤销。", "You cannot decide what you proposed yourself.")
