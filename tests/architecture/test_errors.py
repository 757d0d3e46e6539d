"""Every domain error has a stable code of its own, a status, and a sentence in both languages."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from xinyi_platform.app import all_features
from xinyi_platform.errors import DomainError, all_errors

all_features()  # loads every module that declares errors
ERRORS = sorted(set(all_errors()), key=lambda kind: (kind.__module__, kind.__qualname__))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_codes_are_unique_unless_a_class_is_only_a_narrower_name() -> None:
    """A child that sets no code of its own is told apart in Python, and is one error to a caller."""
    owners: dict[str, list[str]] = {}
    for kind in ERRORS:
        if "code" in vars(kind):
            owners.setdefault(kind.code, []).append(kind.__qualname__)
    assert not {code: names for code, names in owners.items() if len(names) > 1}
    silent = [kind.__qualname__ for kind in ERRORS if "code" not in vars(kind)]
    assert not silent


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__qualname__)
def test_an_error_says_what_it_is(kind: type[DomainError]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{2,60}", kind.code)
    assert 400 <= kind.status <= 599
    assert re.search(r"[\u4e00-\u9fff]|^\{zh\}$", kind.text.zh), "no Chinese sentence"
    assert re.search(r"[A-Za-z]", kind.text.en), "no English sentence"
    assert not re.search(r"[\u4e00-\u9fff]", kind.text.en)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__qualname__)
def test_both_sentences_use_the_same_values(kind: type[DomainError]) -> None:
    """`zh` and `en` are sentences that come with the error."""
    assert placeholders(kind.text.zh) - {"zh"} == placeholders(kind.text.en) - {"en"}
