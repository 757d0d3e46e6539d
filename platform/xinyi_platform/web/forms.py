"""The base of what a form posts, and reading what was typed into its fields."""

from __future__ import annotations

from datetime import datetime

import msgspec

from xinyi_platform.clock import SHANGHAI
from xinyi_platform.errors import InvalidField


class Form(msgspec.Struct, kw_only=True, frozen=True):
    """A form's fields. Unlike a JSON body it carries the form token, which the middleware has already checked."""

    csrf_token: str = msgspec.field(name="_csrf_token", default="")


def typed_instant(text: str, field: str) -> datetime:
    """Return what a field of date and time says, in the city's time, as an instant. Raises InvalidField (400)."""
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise InvalidField(field=field, zh="请填写日期和时间。", en="Give day and time.") from None


def typed_number(text: str, field: str) -> int:
    """Return a whole number of up to six digits. Raises InvalidField (400)."""
    if not text.strip().isdecimal() or len(text.strip()) > 6:
        raise InvalidField(field=field, zh="请填写数字。", en="Enter a number.")
    return int(text)
