"""Which revision of the schema this program wants and a database has; told without Alembic, which is slow to load."""

from __future__ import annotations

from pathlib import Path

from tortoise.exceptions import OperationalError

from xinyi_platform.database.connection import current_connection


class MigrationError(Exception):
    """The schema cannot be moved; the message says why."""


def alembic_folder() -> Path:
    """Return the folder with env.py and the revisions: beside the sources in a checkout, inside the wheel otherwise."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_alembic", package.parents[1] / "alembic"):
        if (folder / "env.py").is_file():
            return folder
    raise MigrationError("the folder alembic/ with env.py is missing from this installation")


def head_revision() -> str | None:
    """Return the newest revision of this installation; revisions are numbered, and their order is their names'."""
    names = sorted(path.name for path in (alembic_folder() / "versions").glob("[0-9]*.py"))
    return names[-1].split("_", 1)[0] if names else None


async def applied_revision() -> str | None:
    """Return the revision that the open database is at, or None where nothing was ever applied."""
    try:
        rows = await current_connection().execute_query_dict("SELECT version_num FROM alembic_version")
    except OperationalError:
        return None
    return str(rows[0]["version_num"]) if rows else None
