"""What can go wrong with a guardianship."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Forbidden, Unprocessable
from xinyi_platform.language import Text


class WardNotFound(Unprocessable):
    """No other resident has this name together with this identity number or phone."""

    code = "ward_not_found"
    text = Text(
        "没有找到姓名与证件号码(或手机号)相符的其他居民,请核对。",
        "No other resident has this name together with this number; check both.",
    )


class GuardianshipOpen(Conflict):
    """One is asked for or confirmed already."""

    code = "guardianship_open"
    text = Text("该关系已申请或已确认。", "This was asked for or confirmed already.")


class OwnGuardianship(Forbidden):
    """Nobody confirms what concerns herself."""

    code = "own_guardianship"
    text = Text("不能确认与本人有关的监护关系。", "You cannot decide what concerns yourself.")


class ChildCannotEnd(Forbidden):
    """A child below fourteen does not dismiss a confirmed guardian; the community can be asked."""

    code = "child_cannot_end"
    text = Text("未满14周岁不能自行解除监护,请联系社区。", "Below 14 ask your community to end this.")
