"""What can go wrong with a repair or a deferral."""

from __future__ import annotations

from xinyi_platform.errors import ChangedMeanwhile, Conflict, Forbidden, Unprocessable
from xinyi_platform.language import Text


class RepairNotYet(Conflict):
    """The shortest term of the listing is not over. Values: `day`, from when it can be repaired."""

    code = "repair_not_yet"
    text = Text(
        "最短公示期未满,{day}起可申请修复。", "The shortest term is not over; it can be repaired from {day} on."
    )


class NothingToRepair(Conflict):
    """Only a published listing that mirrors an authority's decision can be repaired."""

    code = "nothing_to_repair"
    text = Text("该条目目前不需要或不能申请修复。", "There is nothing to repair about this entry now.")


class RepairOpen(Conflict):
    code = "repair_open"
    text = Text("已有正在办理的修复申请。", "A request for its repair is already being handled.")


class RepairChanged(ChangedMeanwhile):
    code = "repair_changed"
    text = Text("申请状态已变化,请刷新后重试。", "The request has changed; look again and retry.")


class PromiseNotSigned(Unprocessable):
    """Without the promise, in the version that was read, nothing is filed. Values: `version`, the one in force."""

    code = "promise_not_signed"
    text = Text("请阅读并同意承诺书(版本{version})。", "Read the commitment (version {version}) and agree to it.")


class TooManyPapers(Unprocessable):
    """Values: `most`."""

    code = "too_many_papers"
    text = Text("材料图片最多{most}张。", "At most {most} pictures of documents.")


class ExtendedAlready(Conflict):
    code = "repair_extended"
    text = Text("办理期限只能延长一次。", "The term can be extended once only.")


class CannotDefer(Conflict):
    """A measure that has been taken, or that nobody has noticed, cannot be deferred, and none twice."""

    code = "cannot_defer"
    text = Text("该措施不能暂缓或已申请过暂缓。", "This measure cannot be deferred, or was asked about before.")


class OwnRepair(Forbidden):
    """What the determining unit decided is entered by somebody who had no hand in it, by whichever account."""

    code = "own_repair"
    text = Text(
        "须由另一人登记:您转载了该条目,或经办了前一步。",
        "Another person has to enter this: you mirrored the entry or took the step before.",
    )


class PackageClosed(Conflict):
    """The whole name and number leave only to file a request that is open about an entry that stands."""

    code = "package_closed"
    text = Text("申请已办结或公示已结束,不能再导出材料包。", "The request or the listing is over; nothing is exported.")
