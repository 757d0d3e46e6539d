"""Each type of requirement: met, not met, impossible to tell, and why, in both languages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from support.requirement_cases import MORE_CASES, MORE_CHANGES

from xinyi_platform.app import all_features
from xinyi_scenarios.requirements import REGISTRY, Finding, evaluate
from xinyi_scenarios.requirements.ages import anniversary, full_years

CREDIT = {"type": "credit_status", "allowed": ["good", "minor"]}
OF_AGE = {"type": "age", "at_least": 18, "at_most": 60}
LOCAL = {"type": "residence", "within": ["410611", "410621"]}
NOTHING_OUT = {"type": "overdue_orders", "at_most": 0}
RED = {"type": "on_list", "colour": "red"}
NOT_BLACK = {"type": "not_on_list", "colour": "black"}


def standing(name: str, *, black_listed: bool = False) -> dict[str, Any]:
    word = {"standing": name, "black_listed": black_listed, "as_of": "2026-11-23T02:00:00+00:00", "is_fresh": True}
    return {"credit": word}


def silent(code: str) -> dict[str, Any]:
    return {"credit": {"unknown": code, "zh": "平台无响应", "en": "The bureau is silent"}}


def born(day: str | None) -> dict[str, Any]:
    return {"birth_date": day, "today": "2026-11-23"}


# requirement, facts, outcome, what was compared, part of the reason in zh and en
CASES: list[tuple[dict[str, Any], dict[str, Any], str, str, str, str]] = [
    (CREDIT, standing("good"), "met", "good", "良好", "good"),
    (CREDIT, standing("minor"), "met", "minor", "轻微", "minor"),
    (CREDIT, standing("general"), "not_met", "general", "一般失信", "general record"),
    (CREDIT, standing("serious"), "not_met", "serious", "严重失信", "serious record"),
    (CREDIT, standing("good", black_listed=True), "not_met", "good", "信用状况", "standing"),
    (CREDIT, silent("bureau_down"), "cannot_tell", "", "无响应", "silent"),
    (CREDIT, silent("consent_missing"), "cannot_tell", "", "无响应", "silent"),
    (OF_AGE, born("2008-11-23"), "met", "18", "符合", "fits"),
    (OF_AGE, born("2008-11-24"), "not_met", "17", "年满18", "18 or older"),
    (OF_AGE, born("1965-11-24"), "met", "60", "符合", "fits"),
    (OF_AGE, born("1965-11-23"), "not_met", "61", "不超过60", "60 or younger"),
    (OF_AGE, born(None), "cannot_tell", "", "未知", "not known"),
    (LOCAL, {"division": "410611001001"}, "met", "410611", "居住在", "You live in"),
    (LOCAL, {"division": "410602001001"}, "not_met", "410602", "仅限", "For people"),
    (LOCAL, {"division": None}, "cannot_tell", "", "未知", "not known"),
    (NOTHING_OUT, {"overdue_orders": 0}, "met", "0", "没有逾期", "No order"),
    (NOTHING_OUT, {"overdue_orders": 2}, "not_met", "2", "2笔逾期", "2 deposit-free"),
    (NOTHING_OUT, {"overdue_orders": None}, "cannot_tell", "", "未知", "not known"),
    (RED, {"red_lists": ["red-worker"]}, "met", "red-worker", "您在红名单", "You are on"),
    (RED, {"red_lists": []}, "not_met", "", "您不在红名单", "You are not on"),
    (RED, {"red_lists": None}, "cannot_tell", "", "未知", "not known"),
    (NOT_BLACK, {"black_lists": []}, "met", "", "您不在黑名单", "You are not on"),
    (NOT_BLACK, {"black_lists": ["black-court"]}, "not_met", "black-court", "您在黑名单", "You are on"),
    (NOT_BLACK, {"black_lists": None}, "cannot_tell", "", "未知", "not known"),
    *MORE_CASES,
]  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def types() -> None:
    for feature in all_features():
        feature.register_types()


def finding(table: dict[str, Any], facts: dict[str, Any]) -> Finding:
    (found,) = evaluate([table], facts)
    return found


@pytest.mark.parametrize(("table", "facts", "outcome", "compared", "zh", "en"), CASES)
def test_a_type_tells_its_outcome_with_a_reason(
    table: dict[str, Any], facts: dict[str, Any], outcome: str, compared: str, zh: str, en: str
) -> None:
    found = finding(table, facts)
    assert (found.type, found.outcome, found.compared) == (table["type"], outcome, compared)
    assert zh in found.reason.zh
    assert en in found.reason.en


def test_every_type_there_is_has_all_three_outcomes_here() -> None:
    outcomes: dict[str, set[str]] = {}
    for table, _, outcome, *_ in CASES:
        outcomes.setdefault(table["type"], set()).add(outcome)
    assert outcomes == {name: {"met", "not_met", "cannot_tell"} for name in REGISTRY.names()}


@pytest.mark.parametrize(
    ("table", "facts", "zh", "en"),
    [
        (CREDIT, standing("serious"), "信用修复", "free of charge"),
        (CREDIT, silent("consent_missing"), "同意", "Consent"),
        (CREDIT, silent("bureau_down"), "不会拒绝", "not refused"),
        (OF_AGE, born("2008-11-24"), "2026-11-24", "From 2026-11-24"),
        (LOCAL, {"division": "410602001001"}, "变更", "look again"),
        (NOTHING_OUT, {"overdue_orders": 1}, "归还", "Return"),
        (RED, {"red_lists": []}, "社区", "community"),
        (NOT_BLACK, {"black_lists": ["black-court"]}, "修复", "repair"),
        *MORE_CHANGES,
    ],
)
def test_who_is_refused_learns_what_would_change_it(
    table: dict[str, Any], facts: dict[str, Any], zh: str, en: str
) -> None:
    change = finding(table, facts).would_change
    assert change
    assert zh in change.zh
    assert en in change.en


@pytest.mark.parametrize(
    ("day", "today", "age"),
    [
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2000, 2, 29), date(2020, 2, 29), 20),
        (date(2000, 12, 31), date(2001, 1, 1), 0),
    ],
)
def test_an_age_is_counted_in_full_years(day: date, today: date, age: int) -> None:
    assert full_years(day, today) == age


def test_the_anniversary_that_is_promised_is_the_day_on_which_the_age_is_reached() -> None:
    for day in (date(2008, 2, 29), date(2008, 3, 1), date(2008, 12, 31)):
        when = anniversary(day, 18)
        assert full_years(day, when) == 18
        assert full_years(day, date.fromordinal(when.toordinal() - 1)) == 17
