"""What can go wrong with a gathering."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Unprocessable
from xinyi_platform.language import Text


class GatheringFull(Conflict):
    code = "gathering_full"
    text = Text("名额已满。", "All places are taken.")


class GatheringOver(Conflict):
    """It is not open for this any more, or not yet."""

    code = "gathering_not_open"
    text = Text("活动目前不能报名或签到。", "The gathering is not open for this now.")


class CodeStale(Unprocessable):
    """The code of the moment is wrong or older than a minute and a half."""

    code = "attendance_code_stale"
    text = Text("签到码已失效,请扫描现场最新的二维码。", "The code is out of date; scan the one on the screen now.")
