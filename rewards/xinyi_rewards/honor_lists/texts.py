"""Which texts can be kept: PostgreSQL stores no NUL, no encoding half a character, and no page shows the others."""

from __future__ import annotations

import unicodedata

from xinyi_platform.errors import InvalidField


def has_controls(text: str, *, may_wrap: bool = False) -> bool:
    """Tell whether a text holds control characters or halves of characters; `may_wrap` lets line breaks be."""
    kept = "\t\r\n" if may_wrap else ""
    return any(unicodedata.category(one) in ("Cc", "Cs") for one in text if one not in kept)


def without_controls(text: str) -> str:
    """Return a text without what cannot be kept."""
    return "".join(one for one in text if not has_controls(one))


def kept_text(text: str, field: str, *, least: int = 1, most: int = 80, may_wrap: bool = False) -> str:
    """Return a text as it is kept. Raises InvalidField (400) for one too short or long, or that cannot be kept."""
    if not least <= len(text.strip()) <= most:
        raise InvalidField(
            field=field, zh=f"请填写({least}–{most}字)。", en=f"Give this in {least} to {most} characters."
        )
    if has_controls(text.strip(), may_wrap=may_wrap):
        raise InvalidField(field=field, zh="含有不可用的字符。", en="It holds characters that cannot be kept.")
    return text.strip()
