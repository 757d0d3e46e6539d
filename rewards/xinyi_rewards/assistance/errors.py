"""What can go wrong with booked help."""

from __future__ import annotations

from xinyi_platform.errors import ChangedMeanwhile, Conflict
from xinyi_platform.language import Text


class NothingToHelp(Conflict):
    """Help is for listings that are announced or published."""

    code = "nothing_to_help"
    text = Text("该条目已结束,不需要帮办。", "This listing is over; there is nothing to help with.")


class TrainingFull(Conflict):
    code = "training_full"
    text = Text("培训名额已满。", "All places of the training are taken.")


class TrainingNotOpen(Conflict):
    """It has begun or was cancelled, or has not begun yet where that is needed."""

    code = "training_not_open"
    text = Text("该培训目前不能这样办理。", "The training is not open for this now.")


class AgencyOpen(Conflict):
    code = "agency_open"
    text = Text("已有正在办理的代办申请。", "A request for agency about this entry is already being handled.")


class AgencyChanged(ChangedMeanwhile):
    """Somebody else took a step, or the draft is not the one that was read."""

    code = "agency_changed"
    text = Text("申请或材料已变化,请重新查看后再试。", "The request or its draft has changed; look again and retry.")


class AnotherHandles(Conflict):
    code = "agency_of_another"
    text = Text("该申请由其他工作人员办理。", "Another member of staff handles this request.")
