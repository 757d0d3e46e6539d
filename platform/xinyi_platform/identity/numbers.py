"""Citizen identity numbers (GB 11643-1999): 17 digits with the birth date inside, and a check character.

Sheets of 100,000 persons are checked here, so it is plain arithmetic; a test holds it to python-stdnum's verdicts.
"""

from __future__ import annotations

from datetime import date
from operator import mul

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHARACTERS = "10X98765432"


def is_identity_number(number: str, *, today: date) -> bool:
    """Tell whether this can be a person's number: format, birth date up to `today`, check character.

    The area is not compared with the year of birth: the number was given when the card was first issued, often decades
    after the birth and under the area code of that day.
    """
    body = number[:17]
    if len(number) != 18 or not (body.isascii() and body.isdigit()):
        return False
    try:
        born = date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    except ValueError:
        return False
    return born <= today and number[-1] == check_character(body)


def check_character(body: str) -> str:
    """Return the check character of 17 digits (ISO 7064 mod 11-2): 0 to 9 or X."""
    return _CHARACTERS[sum(map(mul, map(int, body), _WEIGHTS)) % 11]
