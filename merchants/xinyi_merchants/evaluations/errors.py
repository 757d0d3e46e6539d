"""What can go wrong with an evaluation."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Forbidden, Unprocessable
from xinyi_platform.language import Text


class OwnRound(Forbidden):
    """Nobody confirms what she made herself, by whichever account."""

    code = "own_evaluation_round"
    text = Text("须由经办人以外的人确认。", "Somebody other than the maker must do this.")


class RoundChanged(Conflict):
    """Somebody else took a step in the meantime."""

    code = "evaluation_round_changed"
    text = Text("该轮评定刚刚有了变化,请刷新。", "This round has just changed; reload it.")


class RoundStillRuns(Conflict):
    """Values: `closes_on`."""

    code = "evaluation_round_runs"
    text = Text("评定期到{closes_on}为止,之后才能计算。", "The round runs until {closes_on}; compute it afterwards.")


class NoticeStillRuns(Conflict):
    """Values: `until`."""

    code = "evaluation_notice_runs"
    text = Text("公示期到{until}为止,之后才能授予。", "The notice runs until {until}; award afterwards.")


class NoticeOver(Conflict):
    """Objections are taken while the notice runs."""

    code = "evaluation_notice_over"
    text = Text("该轮不在公示期内。", "This round is not in its notice period.")


class ObjectionsUndecided(Conflict):
    """Values: `count`."""

    code = "evaluation_objections_open"
    text = Text("还有{count}件异议未处理。", "{count} objections are still to be decided.")


class ChallengeDecided(Conflict):
    """Somebody else decided it, or it was decided before."""

    code = "evaluation_objection_decided"
    text = Text("该异议已处理。", "This objection has been decided.")


class SurveyNotRunning(Conflict):
    """The survey's days have not come or are over."""

    code = "survey_not_running"
    text = Text("问卷现在不接受作答。", "The survey takes no answers now.")


class SurveyAnswered(Conflict):
    """One answer a resident for each shop and round."""

    code = "survey_answered"
    text = Text("您已评价过这家商户,每轮一次。", "You have answered for this shop; once a round.")


class EvaluationRowsRefused(Unprocessable):
    """Rows of a sheet are wrong; nothing was imported. Values: `zh`, `en`."""

    code = "evaluation_rows_refused"
    text = Text("表格有误,未导入任何一行。{zh}", "Rows are wrong, and nothing was imported. {en}")


class WithdrawalOpen(Conflict):
    """The award is withdrawn, or somebody proposed it before."""

    code = "award_withdrawal_open"
    text = Text("该称号已撤销或已有人提请撤销。", "The award is withdrawn, or that was proposed before.")


class RoundTooLarge(Conflict):
    """Values: `most`."""

    code = "evaluation_round_too_large"
    text = Text(
        "商户超过{most}家,请用命令 xinyi evaluation compute 计算。",
        "More than {most} merchants: compute it with the command xinyi evaluation compute.",
    )
