"""What a benefit takes off a price, and what a price looks like when it is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.errors import InvalidField
from xinyi_scenarios.redemptions.pages import fen_of
from xinyi_scenarios.redemptions.redeeming import PriceNeeded, discount_of


@pytest.mark.parametrize(
    ("benefit", "price_fen", "off_fen"),
    [
        ({"percent_off": 20}, 8_000, 1_600),
        ({"percent_off": 20, "cap_fen": 1_000}, 8_000, 1_000),
        ({"percent_off": 5}, 19, 0),
        ({"percent_off": 5}, 20, 1),
        ({"percent_off": 100}, 777, 777),
        ({"percent_off": 20}, 0, 0),
        ({"value_fen": 1_000}, 8_000, 1_000),
        ({"value_fen": 1_000}, 600, 600),
        ({"value_fen": 1_000, "cap_fen": 500}, 8_000, 500),
        ({}, 8_000, None),
        ({}, None, None),
        ({"percent_off": None, "value_fen": None}, 8_000, None),
    ],
)
def test_a_discount(benefit: dict[str, object], price_fen: int | None, off_fen: int | None) -> None:
    assert discount_of(benefit, price_fen) == off_fen


@pytest.mark.parametrize("benefit", [{"percent_off": 20}, {"value_fen": 1_000}])
def test_moneys_worth_needs_a_price(benefit: dict[str, object]) -> None:
    with pytest.raises(PriceNeeded):
        discount_of(benefit, None)


@given(
    percent=st.integers(1, 100) | st.none(),
    value=st.integers(0, 10**8),
    cap=st.integers(0, 10**8) | st.none(),
    price=st.integers(0, 10**8),
)
def test_nobody_is_paid_for_shopping(percent: int | None, value: int, cap: int | None, price: int) -> None:
    off = discount_of({"percent_off": percent, "value_fen": value, "cap_fen": cap}, price)
    assert off is not None
    assert 0 <= off <= min(price, cap if cap is not None else price)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("88", 8_800), ("88.5", 8_850), ("88.05", 8_805), (" ¥1,234.56 ", 123_456), ("0", 0), ("7.", 700),
        ("999999.99", 99_999_999), ("", None), ("  ", None), ("¥", None),
    ],
)  # fmt: skip
def test_a_price_is_read_exactly(typed: str, fen: int | None) -> None:
    assert fen_of(typed) == fen


@pytest.mark.parametrize(
    "typed",
    ["-1", "1.234", "1e3", "abc", ".5", "1.2.3", "1000000", "八十", "1.²", "²", "1.٣", "٣", "1.-", "1. 5", "nan"],
)
def test_what_is_no_price_is_refused(typed: str) -> None:
    with pytest.raises(InvalidField):
        fen_of(typed)


@given(st.text(max_size=12))
def test_whatever_is_typed_is_a_price_or_refused(typed: str) -> None:
    try:
        fen = fen_of(typed)
    except InvalidField:
        return
    assert fen is None or 0 <= fen < 100_000_000
