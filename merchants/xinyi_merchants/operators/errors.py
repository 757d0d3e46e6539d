"""What can go wrong with a shop's people."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, NotFound
from xinyi_platform.language import Text


class LastOwner(Conflict):
    """A shop keeps at least one owner."""

    code = "last_owner"
    text = Text(
        "这是最后一位店主,不能移除或降级;请先让另一人成为店主。",
        "This is the last owner; make somebody else an owner first.",
    )


class InvitationOver(NotFound):
    """The link was used, revoked, has run out or never was: all the same answer."""

    code = "invitation_over"
    text = Text(
        "邀请链接无效:可能已使用、已撤回或已过期。请向店主或社区索取新链接。",
        "This invitation is no longer good: used, revoked or expired. Ask for a new one.",
    )


class TooManyPeople(Conflict):
    """Values: `most`."""

    code = "too_many_operators"
    text = Text("最多{most}人(含未接受的邀请)。", "At most {most} people, open invitations included.")
