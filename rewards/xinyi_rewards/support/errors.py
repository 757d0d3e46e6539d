"""What can go wrong with support and its use."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Unprocessable
from xinyi_platform.language import Text


class NotUsable(Conflict):
    """The support is not granted on this day. Values: `zh`, `en`, why."""

    code = "support_not_usable"
    text = Text("目前不能使用:{zh}", "It cannot be used now: {en}")


class NotEnoughLeft(Unprocessable):
    """More would be used than is left. Values: `left_fen`."""

    code = "support_not_enough_left"
    text = Text("剩余额度不足(剩余{left_fen}分)。", "Not enough is left ({left_fen} fen).")


class UsePutDown(Conflict):
    code = "support_use_put_down"
    text = Text("该凭证号已登记使用。", "A use was put down under this reference already.")


class UseReversed(Conflict):
    code = "support_use_reversed"
    text = Text("该次使用已冲正。", "This use was reversed already.")
