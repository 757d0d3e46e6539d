"""The model as data, and the classification as a pure function of facts and model."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_merchants.registry import TRADES
from xinyi_merchants.risk_classes.classifying import COLOURS, classify
from xinyi_merchants.risk_classes.gathering import NAMES
from xinyi_merchants.risk_classes.lots import WEIGHTS, draw_lots
from xinyi_merchants.risk_classes.rules import RulesError, every_version, read_rules, rules_of

RULES = rules_of(date(2026, 11, 23))
CLEAN: dict[str, int | None] = {
    "licence_age_days": 2_000,
    "is_closed": 0,
    "awards_withdrawn": 0,
    "complaints_late_year": 0,
    "complaints_unresolved_year": 0,
    "days_since_inspection": 100,
    "failed_inspections": 0,
    "failed_inspections.food": 0,
    "failed_inspections.medicine": 0,
    "failed_inspections.fire": 0,
    "failed_inspections.quality": 0,
}
MODEL = """
version = "2027-01"
first_day = 2027-01-01
source = "示例"
[thresholds]
yellow = 10
orange = 20
red = 30
[[indicator]]
key = "age"
name = { zh = "年限", en = "age" }
fact = "licence_age_days"
unknown = 1
bands = [{ below = 5, points = 3, zh = "短", en = "short" }, { points = 0, zh = "长", en = "long" }]
"""


@pytest.mark.parametrize(
    ("trade", "changes", "colour", "points", "first"),
    [
        ("bookshop", {}, "green", 0, None),
        ("bookshop", {"licence_age_days": 100}, "green", 8, "licence_age_days"),
        ("bookshop", {"licence_age_days": 364}, "green", 8, "licence_age_days"),
        ("bookshop", {"licence_age_days": 365}, "green", 4, "licence_age_days"),
        ("bookshop", {"complaints_late_year": 2}, "green", 12, "complaints_late"),
        ("bookshop", {"complaints_late_year": 3}, "yellow", 25, "complaints_late"),
        ("bookshop", {"complaints_unresolved_year": 3}, "green", 18, "complaints_unresolved"),
        ("bookshop", {"failed_inspections": 1}, "yellow", 20, "inspections_failed"),
        ("bookshop", {"failed_inspections": 2, "days_since_inspection": 1_096}, "orange", 46, "inspections_failed"),
        ("bookshop", {"awards_withdrawn": 1}, "yellow", 25, "award_withdrawn"),
        ("bookshop", {"is_closed": 1}, "green", 10, "licence_revoked"),
        ("bookshop", {"failed_inspections.food": 4}, "green", 0, None),
        ("catering", {"failed_inspections": 1, "failed_inspections.food": 1}, "orange", 45, "hygiene"),
        ("pharmacy", {"failed_inspections": 2, "failed_inspections.medicine": 1}, "orange", 70, "inspections_failed"),
        ("hotel", {"failed_inspections": 2, "failed_inspections.fire": 1, "complaints_late_year": 9}, "red", 90, None),
        ("farm_supplies", {"failed_inspections.quality": 1}, "yellow", 25, "product_quality"),
    ],
)
def test_a_class_follows_from_the_facts(
    trade: str, changes: dict[str, int], colour: str, points: int, first: str | None
) -> None:
    found = classify(trade, {**CLEAN, **changes}, RULES)
    assert (found.colour, found.points) == (colour, points)
    assert sum(reason.points for reason in found.reasons) == points
    if first:
        assert found.reasons[0].key == first


def test_what_cannot_be_told_is_said_and_weighs_as_the_model_says() -> None:
    found = classify("catering", {**CLEAN, "failed_inspections.food": None}, RULES)
    reason = next(reason for reason in found.reasons if reason.key == "hygiene")
    assert (reason.value, reason.points) == (None, 5)
    assert ("无法得知" in reason.zh, "cannot be told" in reason.en) == (True, True)
    nothing = classify("catering", {}, RULES)
    assert nothing.points == sum(one.unknown for one in RULES.indicators_of("catering"))


BAD = st.sampled_from(sorted(set(CLEAN) - {"licence_age_days"}))


@given(st.sampled_from(sorted(TRADES)), BAD, st.integers(0, 2_000), st.integers(0, 2_000))
def test_more_of_a_bad_thing_never_lowers_the_class(trade: str, fact: str, less: int, more: int) -> None:
    low, high = sorted((less, more))
    order = list(COLOURS)
    before, after = (classify(trade, {**CLEAN, fact: value}, RULES) for value in (low, high))
    assert before.points <= after.points
    assert order.index(before.colour) <= order.index(after.colour)


def test_every_fact_of_every_version_is_gathered() -> None:
    assert {one.fact for rules in every_version() for one in rules.indicator} <= NAMES
    assert all(rules.indicators_of(trade) for rules in every_version() for trade in TRADES)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("yellow = 10", "yellow = 20", "yellow < orange < red"),
        ("unknown = 1", "", "unknown"),
        ("unknown = 1", "unknown = 101", "<= 100"),
        ("points = 3", "points = -3", "points"),
        ('key = "age"', 'key = "Age"', "key"),
        ('fact = "licence_age_days"', 'fakt = "x"', "fakt"),
        ("first_day = 2027-01-01", "first_day = 2027-02-30", "model.toml"),
        ("{ below = 5,", "{", "every band but the last"),
        ("unknown = 1", 'unknown = 1\ntrades = ["moon"]', "there is no trade moon"),
    ],
)
def test_a_broken_model_is_refused_with_what_is_wrong(was: str, becomes: str, said: str) -> None:
    assert read_rules(MODEL, file="model.toml").version == "2027-01"
    with pytest.raises(RulesError, match=r"^model\.toml: ") as refused:
        read_rules(MODEL.replace(was, becomes), file="model.toml")
    assert said in str(refused.value)


def test_before_the_first_model_there_is_no_class() -> None:
    with pytest.raises(LookupError):
        rules_of(date(2020, 1, 1))


def test_lots_repeat_by_seed_and_no_class_is_exempt_or_certain() -> None:
    shops = [(f"{colour}-{n}", colour) for colour in WEIGHTS for n in range(100)]
    assert draw_lots(shops, 40, seed="s") == draw_lots(shops[::-1], 40, seed="s")
    drawn = dict.fromkeys(WEIGHTS, 0)
    for seed in range(200):
        for shop in draw_lots(shops, 40, seed=str(seed)):
            drawn[shop.partition("-")[0]] += 1
    assert 0 < drawn["green"] < drawn["yellow"] < drawn["orange"] < drawn["red"]
    assert 0.4 < drawn["green"] * 2 / drawn["yellow"] < 2.5
    assert set(draw_lots(shops, 400, seed="all")) == {shop for shop, _ in shops}
