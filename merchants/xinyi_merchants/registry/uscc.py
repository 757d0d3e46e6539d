"""Unified social credit codes: the outer check character of GB 32100-2015."""

from __future__ import annotations

from xinyi_platform.language import Text

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_character(body: str) -> str:
    """Return the 18th character for the first 17."""
    total = sum(ALPHABET.index(c) * weight for c, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(body: str) -> str:
    """Return the ninth character of an organisation code (GB 11714) for its first eight."""
    total = sum(_ORGANISATION_ALPHABET.index(c) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    rest = 11 - total % 11
    return "X" if rest == 10 else "0" if rest == 11 else str(rest)


def make_uscc(organisation: str, *, division: str) -> str:
    """Return the code of a business (registered at the market supervision, kind 92) for an organisation part."""
    body = f"92{division[:6]}{organisation}{organisation_check(organisation)}"
    return body + check_character(body)


def is_uscc(code: str) -> bool:
    """Tell whether a code has the right form and check character."""
    return len(code) == 18 and all(c in ALPHABET for c in code) and check_character(code[:17]) == code[17]


def fault_of_uscc(code: str) -> Text | None:
    """Return what is wrong with a code as somebody typed it, or None: each mistake has a sentence of its own."""
    if len(code) == 15 and code.isascii() and code.isdigit():
        return Text(
            "15位旧注册号已停用,请填写营业执照上的18位统一社会信用代码。",
            "Registration numbers of 15 digits are no longer used; enter the 18 characters on the business licence.",
        )
    if len(code) != 18:
        return Text(f"统一社会信用代码为18位,现为{len(code)}位。", f"The code has 18 characters, not {len(code)}.")
    strange = sorted({c for c in code if c not in ALPHABET})
    if strange:
        shown = "".join(c for c in strange if c.isprintable())
        return Text(
            f"统一社会信用代码不含字符“{shown}”(没有字母I、O、S、V、Z)。",
            f"The code never holds “{shown}” (there is no I, O, S, V or Z).",
        )
    if not is_uscc(code):
        return Text(
            "统一社会信用代码的校验码不符,请对照营业执照检查。",
            "The code's check character does not fit; compare it with the business licence.",
        )
    return None
