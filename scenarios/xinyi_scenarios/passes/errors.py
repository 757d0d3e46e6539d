"""What can be wrong with a pass."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Unprocessable
from xinyi_platform.language import Text


class NoFastTrack(Unprocessable):
    """What is held gives no passes."""

    code = "no_fast_track"
    text = Text("该权益不能取号。", "No numbers can be taken on this.")


class NoSuchCounter(Unprocessable):
    """The scene has no such counter. Values: `counters`, those that there are."""

    code = "no_such_counter"
    text = Text("没有这个窗口。", "There is no such counter.")


class DayNotOpen(Unprocessable):
    """Numbers are given out for some days only. Values: `first`, `last`."""

    code = "day_not_open"
    text = Text("可取{first}至{last}的号。", "Numbers are given out from {first} to {last}.")


class CounterFull(Conflict):
    """The counter gives out no more numbers for the day. Values: `counter`, `day`."""

    code = "counter_full"
    text = Text(
        "{day}的号已取完,请选择其他日期或窗口。", "No numbers are left for {day}; choose another day or counter."
    )


class NoPassLeft(Conflict):
    """All passes of the entitlement are taken. Values: `passes`."""

    code = "no_pass_left"
    text = Text("最多可取{passes}个号,办理或取消后可再取。", "At most {passes} numbers; use one or give it back.")


class NotToday(Conflict):
    """A pass is good on its own day. Values: `day`."""

    code = "pass_not_today"
    text = Text("该号仅限{day}使用。", "This number is for {day}.")


class PassChanged(Conflict):
    """Somebody else changed it at the same moment; read it again."""

    code = "pass_changed"
    text = Text("该号刚刚发生变化,请刷新后重试。", "This pass changed just now; look again and retry.")


class AmountAboveCap(Unprocessable):
    """More than may be paid later. Values: `cap_fen`."""

    code = "amount_above_cap"
    text = Text("超过可后付的上限({cap_fen}分)。", "More than the {cap_fen} fen that may be paid later.")


class NothingPaidLater(Unprocessable):
    """The scene lets nothing be paid later."""

    code = "nothing_paid_later"
    text = Text("该场景不支持后付。", "Nothing is paid later in this scene.")


class PassesUsed(Conflict):
    """Something was served on it, so it cannot be given back and claimed anew. Values: `used`."""

    code = "passes_used"
    text = Text("已使用{used}次,不能退回。", "It was used {used} times and cannot be given back.")


class PassesWaiting(Conflict):
    """A pass has been checked in, or something is still owed on it. Values: `waiting`."""

    code = "passes_waiting"
    text = Text("还有{waiting}个号正在办理,完成后才能退回。", "{waiting} passes are being served; finish them first.")
