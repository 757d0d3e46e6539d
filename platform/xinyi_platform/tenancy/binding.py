"""Queries that are narrowed to the caller's area by their model, whoever writes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from tortoise import Model
from tortoise.expressions import Subquery
from tortoise.manager import Manager
from tortoise.queryset import QuerySet

from xinyi_platform.principals import Anyone, Principal, Staff
from xinyi_platform.tenancy.areas import Area, area_of

Row = TypeVar("Row", bound=Model)
_SERVED: ContextVar[Area | None] = ContextVar("served_area", default=None)


@contextmanager
def serving(caller: Principal | Anyone | None) -> Iterator[None]:
    """Narrow the queries made inside to a member of staff's area; for any other caller, and for None, to none."""
    token = _SERVED.set(area_of(caller) if isinstance(caller, Staff) else None)
    try:
        yield
    finally:
        _SERVED.reset(token)


class Bound(Manager):
    """The manager of a model that lies in a division."""

    def __init__(self, field: str = "division") -> None:
        super().__init__()
        self.field = field

    def get_queryset(self) -> QuerySet[Any]:
        """Return the rows of the area whose staff is served; all rows where nobody of staff is."""
        area = _SERVED.get()
        rows: QuerySet[Any] = QuerySet(self._model)
        return rows if area is None else self.narrowed(rows, area)

    def narrowed(self, rows: QuerySet[Any], area: Area) -> QuerySet[Any]:
        return area.bind(rows, self.field)


class BoundBy(Bound):
    """The manager of a model whose parent lies in a division. By a subquery: an UPDATE cannot join."""

    def __init__(self, field: str, parent: type[Model]) -> None:
        super().__init__(field)
        self.parent = parent

    def narrowed(self, rows: QuerySet[Any], area: Area) -> QuerySet[Any]:
        manager = self.parent._meta.manager
        assert isinstance(manager, Bound)
        parents = manager.narrowed(QuerySet(self.parent), area)
        return rows.filter(**{f"{self.field}__in": Subquery(parents.values("id"))})


def everywhere(model: type[Row]) -> QuerySet[Row]:
    """Return a model's rows of every area, also for staff: what is public, and what a rule must see to be right."""
    return QuerySet(model)
