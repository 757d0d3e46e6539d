"""What can go wrong with a case."""

from __future__ import annotations

from xinyi_platform.errors import ChangedMeanwhile, Conflict, Forbidden, Unprocessable
from xinyi_platform.language import Text


class CaseChanged(ChangedMeanwhile):
    code = "case_changed"
    text = Text("案例状态已变化,请刷新后重试。", "The case has changed; look again and retry.")


class OwnCase(Forbidden):
    """Nobody reviews what she made, changed or handed in herself, by whichever account."""

    code = "own_case"
    text = Text("不能复核自己参与编写的案例。", "You cannot review a case that you had a hand in yourself.")


class ConsentsOutstanding(Conflict):
    """Not everybody who is shown has agreed to this version. Values: `count`."""

    code = "case_consents_outstanding"
    text = Text("还有{count}位当事人未同意该版本,不能发布。", "{count} persons shown have not agreed to this version.")


class PaperNeeded(Unprocessable):
    """A person without an account, or a minor without a confirmed guardian, agrees on paper."""

    code = "case_paper_needed"
    text = Text(
        "该人没有账号,或未成年且无已确认的监护人,请上传其签字的纸质同意书。",
        "Without an account, or as a minor without a confirmed guardian, the person agrees on paper: attach it.",
    )


class GuardianSigns(Unprocessable):
    """A minor's guardian signs for her, and nobody signs for an adult."""

    code = "case_guardian_signs"
    text = Text(
        "未成年人的同意书须由监护人签字,成年人须由本人签字。",
        "For a minor her guardian signs; an adult signs herself.",
    )


class TooManyPictures(Conflict):
    """Values: `most`."""

    code = "case_pictures_full"
    text = Text("最多{most}张图片。", "At most {most} pictures.")
