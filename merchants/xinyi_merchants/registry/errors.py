"""What can go wrong with a shop's facts."""

from __future__ import annotations

from xinyi_platform.errors import Conflict, Forbidden
from xinyi_platform.language import Text


class NotAnOperator(Forbidden):
    """The account acts for no merchant."""

    code = "not_an_operator"


class NothingChanged(Conflict):
    """Everything is as it was."""

    code = "merchant_nothing_changed"
    text = Text("没有需要保存的修改。", "Nothing was changed.")


class ChangeWaiting(Conflict):
    """An earlier proposal of this shop waits for its community."""

    code = "merchant_change_waiting"
    text = Text(
        "已有一项修改等待社区确认;请等结果,或先撤回它。",
        "A change already waits for the community; wait for its answer or withdraw it first.",
    )


class ChangeDecided(Conflict):
    """Somebody else decided or withdrew it in the meantime."""

    code = "merchant_change_decided"
    text = Text("该修改已处理,请刷新。", "This change was settled already; reload the page.")


class ChangeOutdated(Conflict):
    """The facts have changed since it was proposed; it can only be declined."""

    code = "merchant_change_outdated"
    text = Text(
        "提出后商户信息又有变化,请退回并请商户重新提出。",
        "The facts have changed since this was proposed; decline it, and let the shop propose anew.",
    )


class OwnChange(Forbidden):
    """Who proposed a change does not confirm it."""

    code = "own_merchant_change"
    text = Text("须由提出人以外的人员确认。", "Somebody other than who proposed it must confirm.")


class CodeTaken(Conflict):
    """Another shop of the registry has this credit code."""

    code = "merchant_code_taken"
    text = Text("该统一社会信用代码已登记在另一家商户名下。", "Another shop is registered under this credit code.")


class StatusChanged(Conflict):
    """The shop has this status already."""

    code = "merchant_status_same"
    text = Text("商户已是该状态,请刷新。", "The shop has this status already; reload the page.")
