"""Unified social credit codes of invented merchants are well-formed and distinct."""

from __future__ import annotations

from stdnum.cn import uscc as reference

from xinyi_merchants.registry.uscc import is_uscc, make_uscc


def test_made_codes_are_valid_by_another_implementation_and_distinct() -> None:
    codes = [make_uscc(f"{number:08d}", division="410611") for number in range(400)]
    assert len(set(codes)) == 400
    assert all(is_uscc(code) and reference.is_valid(code) for code in codes)


def test_a_changed_character_is_noticed() -> None:
    code = make_uscc("00000123", division="410611")
    assert not is_uscc(code[:-2] + ("0" if code[-2] != "0" else "1") + code[-1])
