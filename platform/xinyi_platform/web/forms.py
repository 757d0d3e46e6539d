"""The base of what a form posts, and reading what was typed into its fields."""

from __future__ import annotations

from datetime import MAXYEAR, UTC, datetime

import msgspec

from xinyi_platform.clock import SHANGHAI
from xinyi_platform.errors import InvalidField


class Form(msgspec.Struct, kw_only=True, frozen=True):
    """A form's fields. Unlike a JSON body it carries the form token, which the middleware has already checked."""

    csrf_token: str = msgspec.field(name="_csrf_token", default="")


def typed_instant(text: str, field: str) -> datetime:
    """Return what a field of date and time says as an instant: in the city's time unless it names an offset.

    Raises InvalidField (400), also for one outside the calendar's years; the last of them is kept free, so that hours
    can be added.
    """
    wrong = InvalidField(field=field, zh="请填写日期和时间。", en="Give day and time.")
    try:
        typed = datetime.fromisoformat(text.strip())
        instant = (typed if typed.tzinfo else typed.replace(tzinfo=SHANGHAI)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong from None
    if instant.year >= MAXYEAR:
        raise wrong
    return instant


def typed_number(text: str, field: str) -> int:
    """Return a whole number of up to six digits. Raises InvalidField (400)."""
    if not text.strip().isdecimal() or len(text.strip()) > 6:
        raise InvalidField(field=field, zh="请填写数字。", en="Enter a number.")
    return int(text)
