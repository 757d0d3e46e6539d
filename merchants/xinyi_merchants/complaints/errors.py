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


class AskedTooLate(Conflict):
    """The answer is already late; asking does not stop the clock any more."""

    code = "complaint_asked_too_late"
    text = Text(
        "答复期限已过,不能再以补充材料暂停计时,请直接答复。",
        "The answer is already late; asking no longer stops the clock. Answer with what you know.",
    )


class AskedTooOften(Conflict):
    """Values: `most`."""

    code = "complaint_asked_too_often"
    text = Text("最多可请消费者补充{most}次。", "The consumer can be asked {most} times at most.")


class AlreadyFiled(Conflict):
    """The same phone said the same of the same shop, and that complaint is still open. Values: `number`."""

    code = "complaint_already_filed"
    text = Text(
        "相同内容的投诉已提交,编号{number},请勿重复提交。",
        "The same complaint is already open under number {number}; there is no need to file it again.",
    )
