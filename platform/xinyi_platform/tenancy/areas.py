"""The area that a member of staff serves: what it covers, and a query narrowed to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from tortoise import Model
from tortoise.queryset import QuerySet

from xinyi_platform.divisions import city_code, code_prefix, is_division, is_within
from xinyi_platform.errors import NotFound
from xinyi_platform.principals import Staff

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Area:
    """A division with all that lies in it. Made by `area_of` and `whole_city` only; an unknown code covers nothing."""

    code: str

    def covers(self, code: str) -> bool:
        """Tell whether a division lies in the area (or is it)."""
        return is_within(code, self.code)

    def require(self, code: str) -> None:
        """Raise NotFound (404) for a division outside: what others have is not there."""
        if not self.covers(code):
            raise NotFound

    def part(self, code: str) -> Area:
        """Return the part of the area that a division is. Raises NotFound (404) for one outside and for no division."""
        self.require(code)
        if not is_division(code):
            raise NotFound
        return Area(code)

    def bind(self, rows: QuerySet[Row], field: str = "division") -> QuerySet[Row]:
        """Return a query narrowed to the area; `field` may lead over a relation: `honor_list__division`."""
        if not is_division(self.code):
            return rows.filter(pk__in=[])
        return rows.filter(**{f"{field}__startswith": code_prefix(self.code)})


def area_of(staff: Staff) -> Area:
    """Return the area that a member of staff serves."""
    return Area(staff.division)


def whole_city() -> Area:
    """Return the whole city, for commands on the machine itself and for what is published about all of it."""
    return Area(city_code())
