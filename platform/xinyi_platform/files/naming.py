"""Who names stored files: each feature says in which columns, so that what nothing names any more can go."""

from __future__ import annotations

from dataclasses import dataclass

from tortoise import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class FileColumn:
    """A field that holds the ids of stored files, and the purpose for which these are stored."""

    model: type[Model]
    field: str
    purpose: str

    @property
    def names(self) -> str:
        """Return the SQL that is true of a row `f` of `stored_file` which this column names."""
        meta = self.model._meta
        column = meta.fields_db_projection[self.field]
        return f'EXISTS (SELECT 1 FROM "{meta.db_table}" AS n WHERE n."{column}" = f.id)'  # noqa: S608 -- our own names


class NamedFiles:
    """Every column that names files, among the runtime's parts; a feature adds its own when it is prepared.

    A file of a purpose that is not among them is nobody's to judge, and stays.
    """

    def __init__(self) -> None:
        self.columns: list[FileColumn] = []

    def add(self, *columns: FileColumn) -> None:
        self.columns.extend(columns)
