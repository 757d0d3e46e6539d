"""What can be wrong with a commitment."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Unprocessable
from xinyi_platform.language import Text


class NoCommitment(Unprocessable):
    """The entitlement belongs to a scene in which nothing is promised."""

    code = "no_commitment"
    text = Text("该权益不需要签署承诺。", "Nothing is promised for this entitlement.")


class TickNeeded(Unprocessable):
    """Signing needs the explicit tick."""

    code = "tick_needed"
    text = Text("请阅读全文并勾选“我承诺”后再签署。", "Read the text and tick “I promise” before you sign.")


class CommitmentTextChanged(Conflict):
    """What was agreed to is not the text of today. It names the due date, so it changes at midnight."""

    code = "commitment_text_changed"
    text = Text("承诺内容已更新,请重新阅读后再签署。", "The text has changed; read it again before you sign.")


class AlreadySigned(Conflict):
    code = "commitment_already_signed"
    text = Text("该承诺已签署。", "This promise has been signed.")


class AlreadyGranted(Conflict):
    """Something was granted on the promise; it cannot be taken back any more."""

    code = "commitment_already_granted"
    text = Text("已按承诺先行办理,不能撤回。", "Something was granted on this promise; it cannot be withdrawn.")


class AlreadyExtended(Conflict):
    code = "commitment_already_extended"
    text = Text("期限已延长过一次,不能再次延长。", "The due date was moved once already.")


class ExtensionTooLong(Unprocessable):
    """Values: `most`, in days."""

    code = "commitment_extension_too_long"
    text = Text("延长期限为1至{most}天。", "It can be moved by 1 to {most} days.")


class RepairOver(Conflict):
    """Values: `until`, the last day as text."""

    code = "commitment_repair_over"
    text = Text("修复期已于{until}结束,不能再补交。", "The time to make good ended on {until}.")


class PapersMissing(Conflict):
    """Values: `missing`, how many."""

    code = "commitment_papers_missing"
    text = Text("还有{missing}项材料未提交。", "{missing} papers have not been handed in.")


class CommitmentRuns(Conflict):
    """The entitlement hangs on a promise that is still open."""

    code = "commitment_runs"
    text = Text("该权益有履行中的承诺,不能退回或核销。", "A promise runs on this; it cannot be given back or redeemed.")
