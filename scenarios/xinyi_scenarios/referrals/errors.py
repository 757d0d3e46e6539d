"""What can be wrong with a referral."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Unprocessable
from xinyi_platform.language import Text


class NoReferral(Unprocessable):
    """The entitlement belongs to a scene in which nobody is referred."""

    code = "no_referral"
    text = Text("该权益不能用于信用推荐。", "This entitlement is not for a referral.")


class ReceiverUnknown(Unprocessable):
    """The receiver is none of those that this scene refers to."""

    code = "receiver_unknown"
    text = Text("请从列表中选择一个接收机构。", "Choose a receiver from the list.")


class DisclosureNotAgreed(Unprocessable):
    """The separate consent that names the receiver was not given."""

    code = "disclosure_not_agreed"
    text = Text("请勾选同意向该机构提供答复。", "Tick that you agree to this receiver's getting the answer.")


class AnswerWouldBeNo(Conflict):
    """Only a yes is told, unless she asks for the no."""

    code = "answer_would_be_no"
    text = Text(
        "目前的答复会是“否”,因此没有提供。如仍要提供,请勾选确认。",
        "The answer would be no just now, so nothing was told. Tick the box if you want it told all the same.",
    )


class AnswerCannotBeTold(Conflict):
    """The conditions cannot be told just now; nothing is disclosed."""

    code = "answer_cannot_be_told"
    text = Text(
        "目前无法判定是否符合条件,没有向任何机构提供信息,请稍后再试。",
        "Whether you meet the conditions cannot be told just now; nobody was told anything. Try again later.",
    )


class AlreadyReferred(Conflict):
    code = "already_referred"
    text = Text("该权益已向一家机构提供了答复。", "One receiver has an answer on this already.")


class ReferralExpired(Conflict):
    """The answer has run out and may not be relied on."""

    code = "referral_expired"
    text = Text("该答复已到期,不能再使用。", "This answer has run out and may not be used.")


class ReferralPending(Conflict):
    """It is used up by the receiver's acknowledgement and by nothing else."""

    code = "referral_pending"
    text = Text("该权益在接收机构确认后自动核销。", "This is used up when the receiver acknowledges the answer.")


class ReferralChanged(Conflict):
    """Somebody else changed it at the same moment."""

    code = "referral_changed"
    text = Text("该推荐刚刚发生变化,请刷新后重试。", "This referral changed just now; look again and retry.")
