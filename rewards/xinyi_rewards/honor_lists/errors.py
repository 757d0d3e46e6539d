"""What can be wrong with a list or an entry."""

from __future__ import annotations

from xinyi_platform.errors import ChangedMeanwhile, Conflict, Forbidden, InvalidInput, Unprocessable
from xinyi_platform.language import Text


class OwnListReview(Forbidden):
    """Nobody reviews what she made herself, by whichever account."""

    code = "own_list_review"
    text = Text("不能复核自己经办的名单。", "You cannot review a list that you made yourself.")


class ListChanged(ChangedMeanwhile):
    code = "honor_list_changed"
    text = Text("名单状态已变化,请刷新后重试。", "The list has changed; look again and retry.")


class RowsRefused(Unprocessable):
    """Rows of the sheet are wrong; nothing was imported. Values: `count`, `rows`."""

    code = "rows_refused"
    text = Text("有{count}处错误,未导入任何数据。", "{count} errors; nothing was imported.")


class BlackListNotHere(Forbidden):
    """Community staff cannot make a black list: it mirrors decisions of competent authorities."""

    code = "black_list_not_here"
    text = Text(
        "社区不能制作黑名单;黑名单仅转载有权机关的决定。",
        "A black list cannot be made here; it only mirrors decisions of competent authorities.",
    )


class KindNotYours(Forbidden):
    """The kind's policy names who makes it and who reviews it."""

    code = "list_kind_not_yours"
    text = Text("您的岗位不能办理此类名单。", "Your role does not handle this kind of list.")


class KindClosed(Conflict):
    """Lists of the kind are not made on this day."""

    code = "list_kind_closed"
    text = Text("此类名单目前不受理。", "No list of this kind is made at present.")


class OnlyItsMaker(Forbidden):
    code = "only_its_maker"
    text = Text("只有经办人可以修改或提交该名单。", "Only its maker changes or hands in this list.")


class ListEmpty(Conflict):
    code = "honor_list_empty"
    text = Text("名单没有条目,不能提交。", "The list has no entries.")


class AlreadyReviewed(Conflict):
    """One person reviews a list once a turn, by whichever account."""

    code = "already_reviewed"
    text = Text("您已复核过该名单。", "You have reviewed this list already.")


class EntriesBarred(Conflict):
    """Persons or shops of a list cannot be published now. Values: `count`, `names` (the first ten, masked)."""

    code = "entries_barred"
    text = Text(
        "有{count}条不能发布:{names}(在期失信或已登记死亡)。请退回修改,或不予采纳。",
        "{count} entries cannot be published: {names} (on a black list, or known to have died). "
        "Send the list back or refuse it.",
    )


class NothingToCorrect(Conflict):
    """What the bureau's feed brought has no maker here who could correct it."""

    code = "nothing_to_correct"
    text = Text(
        "该名单由平台推送,没有经办人可以修改;请通过或不予采纳。",
        "The bureau's feed brought this; nobody here can correct it. Approve it or refuse it.",
    )


class AlreadyListed(Conflict):
    code = "already_listed"
    text = Text("该主体已在此名单中。", "The subject is on this list already.")


class MirrorsOnly(Forbidden):
    """Only decisions of authorities are mirrored; what is made here is handed in as a list."""

    code = "mirrors_only"
    text = Text("此类名单由社区评选,不能转载。", "This kind of list is made here, not mirrored.")


class FieldsMissing(Unprocessable):
    """A decision without one of these cannot be listed. Values: `fields`, `zh`, `en`."""

    code = "fields_missing"
    text = Text("缺少以下内容,不能登记:{zh}。", "This is missing: {en}.")


class FieldsUnfit(InvalidInput):
    """Texts that are too long, or hold characters that cannot be kept. Values: `fields`, `zh`, `en`."""

    code = "fields_unfit"
    text = Text(
        "以下内容过长或含有不可用的字符:{zh}。", "This is too long or holds characters that cannot be kept: {en}."
    )


class TooManyDocuments(Unprocessable):
    """Values: `most`."""

    code = "too_many_documents"
    text = Text("最多上传{most}张图片。", "At most {most} pictures.")


class LetterSent(Conflict):
    code = "letter_sent"
    text = Text("该条目的告知书已登记寄出。", "The letter about this entry was put down as sent already.")


class ObjectionOpen(Conflict):
    code = "objection_open"
    text = Text("您已提出异议,正在处理中。", "Your objection is already being handled.")


class ObjectionDecided(Conflict):
    code = "objection_decided"
    text = Text("该异议已处理。", "This objection has been decided.")
