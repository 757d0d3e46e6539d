"""Give a stored decision again to the person whom it is about: what was told, on what it rested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from xinyi_platform.divisions import division_name
from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_scenarios.decisions.models import Decision
from xinyi_scenarios.requirements import Finding, Outcome
from xinyi_scenarios.requirements.built_in import STANDINGS

FACT_NAMES = {
    "credit": Text("信用状况", "credit standing"),
    "birth_date": Text("出生日期", "birth date"),
    "division": Text("居住地", "residence"),
    "today": Text("判定日", "day of the decision"),
    "overdue_orders": Text("逾期订单数", "overdue orders"),
    "open_orders": Text("进行中的订单", "open orders"),
    "history": Text("以往使用情况", "what you had before"),
    "commitments": Text("信用承诺", "commitments"),
    "consents": Text("有效授权", "live consents"),
    "care": Text("监护关系", "guardianships"),
    "red_lists": Text("红名单", "red lists"),
    "black_lists": Text("黑名单", "black lists"),
    "scene": Text("场景", "scene"),
}
_UNKNOWN = Text("未知", "not known")


@dataclass(frozen=True, slots=True)
class Input:
    """One fact that a decision saw, as it is shown to the person."""

    fact: str
    name: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Explanation:
    """A stored decision with its findings as they were told."""

    decision: Decision
    findings: list[Finding]
    inputs: list[Input]


async def explain_decision(decision_id: UUID, resident_id: UUID) -> Explanation:
    """Return a decision about her. Raises NotFound (404), also for another's."""
    stored = await Decision.get_or_none(id=decision_id, resident_id=resident_id)
    if stored is None:
        raise NotFound
    return Explanation(stored, [finding_of(row) for row in stored.trace], _inputs(stored.inputs))


def finding_of(row: Mapping[str, Any]) -> Finding:
    """Return a stored trace as the finding that it was."""
    change = row.get("change")
    return Finding(
        row["type"],
        Outcome(row["outcome"]),
        Text(row["zh"], row["en"]),
        row["compared"],
        Text(change["zh"], change["en"]) if change else None,
        tuple(finding_of(part) for part in row["parts"]),
    )


def _inputs(facts: Mapping[str, Any]) -> list[Input]:
    return [Input(fact, FACT_NAMES.get(fact, Text(fact, fact)), _shown(fact, facts[fact])) for fact in sorted(facts)]


def _shown(fact: str, value: Any) -> Text:
    if value is None:
        return _UNKNOWN
    if fact == "credit":
        if value.get("unknown"):
            return Text(value["zh"], value["en"])
        when = datetime.fromisoformat(value["as_of"]).date()
        name = STANDINGS[value["standing"]]
        return Text(f"{name.zh}({when})", f"{name.en} ({when})")
    if fact == "division":
        return division_name(value)
    plain = _plain(value)
    return Text(plain or "无", plain or "none")


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_plain(part)}" for key, part in sorted(value.items()))
    return ", ".join(_plain(part) for part in value) if isinstance(value, list) else str(value)
