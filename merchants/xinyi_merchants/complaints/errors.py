"""What can go wrong with a complaint."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Unprocessable
from xinyi_platform.language import Text


class ComplaintChanged(Conflict):
    """Somebody else took a step in the meantime."""

    code = "complaint_changed"
    text = Text("该投诉刚刚有了新进展,请刷新后再操作。", "This complaint has just changed; reload it and try again.")


class ReopenedTooOften(Conflict):
    """Values: `most`."""

    code = "complaint_reopened_too_often"
    text = Text("最多可重新打开{most}次。", "A complaint can be reopened {most} times at most.")


class TooManyPictures(Unprocessable):
    """Values: `most`."""

    code = "too_many_pictures"
    text = Text("最多上传{most}张图片。", "At most {most} pictures.")
