"""How the fields of the bureau's news are called where a reason names one."""

from __future__ import annotations

from xinyi_platform.errors import DomainError
from xinyi_platform.language import Text
from xinyi_rewards.honor_lists.mirroring import FIELDS

NAMES: dict[str, Text] = {
    **FIELDS,
    "kind": Text("名单类别", "kind of list"),
    "subject_kind": Text("主体", "subject"),
    "ends_on": Text("公示最后一日", "last day of display"),
    "verdict": Text("修复决定", "verdict"),
    "document": Text("决定或证明文书号", "number of the decision or proof"),
    "decided_on": Text("决定日期", "day of the decision"),
    "reason": Text("理由", "reason"),
    "died_on": Text("死亡日期", "day of death"),
}


def reason_of(error: DomainError) -> Text:
    """Return what an error says, after the name of the one field that it is about."""
    said = error.text.format(**error.values)
    field = NAMES.get(str(error.values.get("field", "")))
    return Text(f"{field.zh}:{said.zh}", f"{field.en}: {said.en}") if field else said
