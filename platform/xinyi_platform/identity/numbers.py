"""Citizen identity numbers (GB 11643-1999): 17 digits with the birth date inside, and a check character."""

from __future__ import annotations

from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import ValidationError


def is_identity_number(number: str, *, today: date) -> bool:
    """Tell whether this can be a person's number: format, birth date up to `today`, check character.

    The area is not compared with the year of birth, as the library's own `validate` does: the number was given
    when the card was first issued, often decades after the birth and under the area code of that day.
    """
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        return False
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        return False
    return born <= today and number[-1] == check_character(number[:17])


def check_character(body: str) -> str:
    """Return the check character of 17 digits (ISO 7064 mod 11-2): 0 to 9 or X."""
    return str(ric.calc_check_digit(body + "0"))  # takes the whole number and leaves its last place out
