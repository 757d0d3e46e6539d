"""Ask which of very many values a query's rows have: the values travel as one parameter.

`filter(field__in=values)` sends a parameter a value; drawing that statement for tens of thousands costs more than the
look-up itself.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from tortoise.queryset import QuerySet

from xinyi_platform.database.connection import current_connection, is_postgres


async def texts_among(rows: QuerySet[Any], field: str, values: Collection[str]) -> set[str]:
    """Return those of some texts that stand in a text field of a query's rows. Joins the caller's transaction."""
    if not values:
        return set()
    wanted = rows.values_list(field, flat=True)
    inner = wanted.sql()
    _, parameters = wanted.query.get_parameterized_sql()
    given: list[str] | str = list(values)
    among = f"= ANY(${len(parameters) + 1}::text[])"
    if not is_postgres():
        given, among = json.dumps(given), "IN (SELECT value FROM json_each(?))"
    column = rows.model._meta.fields_db_projection[field]
    sql = f'WITH asked("{column}") AS ({inner}) SELECT "{column}" FROM asked WHERE "{column}" {among}'  # noqa: S608 -- our own names
    _, found = await current_connection().execute_query(sql, [*parameters, given])
    return {str(row[column]) for row in found}
