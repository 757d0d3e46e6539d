"""Identity numbers: what can be a person's, and what can not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from xinyi_platform.identity.numbers import check_character, is_identity_number

TODAY = date(2026, 11, 23)


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999))
def test_the_check_character_is_the_one_that_the_library_gives(born: date, sequence: int) -> None:
    body = f"410602{born:%Y%m%d}{sequence:03d}"
    expected = str(ric.calc_check_digit(body + "0"))
    assert check_character(body) == expected
    assert is_identity_number(body + expected, today=TODAY)


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(born: date, place: int, by: int) -> None:
    body = f"410611{born:%Y%m%d}000"
    wrong = f"{body[:place]}{(int(body[place]) + by) % 10}{body[place + 1 :]}{check_character(body)}"
    assert not is_identity_number(wrong, today=TODAY)


def test_an_old_persons_number_with_an_area_code_younger_than_her_is_right() -> None:
    body = "41061119460127000"
    assert is_identity_number(body + check_character(body), today=TODAY)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "41060219800101000",
        "4106021980010100011",
        "41060219800101000x",
        "4106021980010100٠1",
        "410602198013010002",
        "41060220270101000" + check_character("41060220270101000"),
    ],
)
def test_what_is_no_number(number: str) -> None:
    assert not is_identity_number(number, today=TODAY)
