"""Values narrow on their way down and never widen, whatever the levels have set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.errors import InvalidField
from xinyi_platform.language import Text
from xinyi_platform.tenancy.narrowing import (
    Parameter,
    Topic,
    Values,
    checked_value,
    fold,
    is_wider,
    register_topic,
    shown_value,
)

NAME = Text("名", "name")
DAYS = Parameter(name="days", text=NAME, direction="at_least", most=90)
QUOTA = Parameter(name="quota", text=NAME, direction="at_most", least=1)
WAYS = Parameter(name="ways", text=NAME, direction="subset_of")
ALL = (DAYS, QUOTA, WAYS)
numbers = st.integers(0, 100)
names = st.lists(st.sampled_from(["counter", "post", "app", "bank"]), unique=True)
level = st.fixed_dictionaries({}, optional={"days": numbers, "quota": numbers, "ways": names})
base = st.fixed_dictionaries({"days": numbers, "quota": numbers, "ways": names})


@given(base, st.lists(level, max_size=4))
def test_a_child_is_never_wider_than_any_ancestor(city: Values, levels: list[Values]) -> None:
    held = [fold(ALL, city, levels[:depth]) for depth in range(len(levels) + 1)]
    for depth, below in enumerate(held):
        for above in [city, *held[:depth]]:
            assert not any(is_wider(p, below[p.name], above[p.name]) for p in ALL)


@given(base, st.lists(level, max_size=4))
def test_what_is_not_wider_holds_as_it_was_set(city: Values, levels: list[Values]) -> None:
    for depth, own in enumerate(levels):
        above, held = fold(ALL, city, levels[:depth]), fold(ALL, city, levels[: depth + 1])
        for p in ALL:
            if p.name not in own:
                assert held[p.name] == above[p.name]
            elif not is_wider(p, own[p.name], above[p.name]):
                mine = own[p.name]
                assert held[p.name] == mine or sorted(map(str, held[p.name])) == sorted(map(str, mine))  # type: ignore[arg-type]


@given(base, level)
def test_what_a_level_does_not_know_is_left_alone(city: Values, own: Values) -> None:
    assert fold(ALL, city, [{**own, "unknown": 1}]) == fold(ALL, city, [own])
    assert fold([DAYS], city, [own])["quota"] == city["quota"]


@pytest.mark.parametrize("typed", ["", "-1", "91", "7.5", "七", "٧", "1e3", "99999999999", " ", "7 8"])
def test_a_number_out_of_bounds_is_refused(typed: str) -> None:
    with pytest.raises(InvalidField):
        checked_value(DAYS, typed)


@pytest.mark.parametrize(("typed", "kept"), [("7", 7), (" 90 ", 90), (0, 0)])
def test_a_number_is_kept_as_a_number(typed: str | int, kept: int) -> None:
    assert checked_value(DAYS, typed) == kept


@pytest.mark.parametrize("typed", ["app, post", "post、app,app", ["post", "app", ""]])
def test_names_are_kept_once_each(typed: str | list[str]) -> None:
    assert checked_value(WAYS, typed) == ["app", "post"]


def test_values_are_shown() -> None:
    assert [shown_value(v) for v in (None, 7, [], ["a", "b"])] == ["—", "7", "—", "a、b"]


def test_two_topics_of_one_name_are_refused() -> None:
    one = Topic(name="test_topic", text=NAME, parameters=(DAYS,), bases=dict)
    register_topic(one)
    register_topic(one)
    with pytest.raises(ValueError, match="test_topic"):
        register_topic(Topic(name="test_topic", text=NAME, parameters=(QUOTA,), bases=dict))
