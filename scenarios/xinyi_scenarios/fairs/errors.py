"""What can be wrong with a ticket, a stamp or a prize."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Unprocessable
from xinyi_platform.language import Text


class NoFair(Unprocessable):
    """What is held is no ticket of a fair."""

    code = "no_fair"
    text = Text("该权益不是游园会门票。", "This is no ticket of a fair.")


class NoSuchSlot(Unprocessable):
    """The fair has no such slot on that day. Values: `first`, `last`."""

    code = "no_such_slot"
    text = Text(
        "该日没有这个时段;可预约{first}至{last}的游园日。",
        "There is no such slot on that day; days of the fair from {first} to {last} can be booked.",
    )


class NoSuchPlace(Unprocessable):
    """The fair has no such gate, booth or prize."""

    code = "no_such_place"
    text = Text("没有这个入口、摊位或奖品。", "There is no such gate, booth or prize.")


class SlotFull(Conflict):
    """All places of a slot are taken."""

    code = "slot_full"
    text = Text(
        "该时段已约满,请选择其他时段;您原来的票不变。", "The slot is full; choose another. What you have stays."
    )


class SlotBegun(Conflict):
    """A ticket is changed or given back before its slot begins."""

    code = "slot_begun"
    text = Text(
        "该时段已开始,不能再预约、改签或退票。", "The slot has begun; nothing can be booked or changed any more."
    )


class TicketChanged(Conflict):
    """Somebody else changed it at the same moment."""

    code = "ticket_changed"
    text = Text("门票刚刚发生变化,请刷新后重试。", "The ticket changed just now; look again and retry.")


class NotEntered(Conflict):
    """Stamps and prizes are for those who are in."""

    code = "not_entered"
    text = Text("请先在入口验票入园。", "Enter at a gate first.")


class StampsMissing(Conflict):
    """A prize asks for more stamps. Values: `needed`, `have`."""

    code = "stamps_missing"
    text = Text("该奖品需要{needed}枚印章,现有{have}枚。", "The prize needs {needed} stamps; there are {have}.")


class PrizeGone(Conflict):
    """The day's stock of a prize is given out."""

    code = "prize_gone"
    text = Text("该奖品今日已领完,请选择其他奖品。", "None of this prize is left today; choose another.")


class PrizeTaken(Conflict):
    """One prize a ticket. Values: `prize`, the key of the one that was given."""

    code = "prize_taken"
    text = Text("每票限领一份奖品,已领取。", "One prize a ticket; it was given already.")
