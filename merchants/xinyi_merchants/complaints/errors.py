"""What can go wrong with a complaint."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Forbidden, Unprocessable
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


class MarkTooEarly(Conflict):
    """A complaint is judged after its end only, and a report never."""

    code = "complaint_mark_too_early"
    text = Text(
        "投诉办结后才能提请认定;举报不适用。", "Only a complaint that has ended can be proposed; reports cannot."
    )


class MarkedAlready(Conflict):
    """The complaint was proposed before."""

    code = "complaint_marked_already"
    text = Text("该投诉已提请认定。", "This complaint was proposed before.")


class MarkChanged(Conflict):
    """Somebody else decided in the meantime."""

    code = "complaint_mark_changed"
    text = Text("该认定刚刚有了变化,请刷新。", "This finding has just changed; reload it.")


class OwnMark(Forbidden):
    """Who took part in an earlier step does not decide the next one."""

    code = "own_complaint_mark"
    text = Text("须由未参与此前环节的人员决定。", "Somebody who took no earlier part must decide.")


class AppealTooLate(Conflict):
    """The days of the appeal are over."""

    code = "complaint_appeal_too_late"
    text = Text("申诉期限已过。", "The time to appeal is over.")


class NothingAnswered(Conflict):
    """Only what a shop answered can be published, and nothing about a report."""

    code = "complaint_not_answered"
    text = Text("答复投诉后才能申请公开;举报不公开。", "Answer the complaint first; reports are not published.")


class AnswerGiven(Conflict):
    """The shop asked to publish an answer before."""

    code = "public_answer_given"
    text = Text("该投诉的公开答复已提交。", "A public answer to this complaint was handed in before.")


class AnswerDecided(Conflict):
    """Somebody else looked at it in the meantime."""

    code = "public_answer_decided"
    text = Text("该公开答复已处理。", "This public answer was decided already.")
