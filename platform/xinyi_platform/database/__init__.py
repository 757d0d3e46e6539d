"""The database: how it is opened, and how a transaction is taken. The schema itself belongs to Alembic."""

from __future__ import annotations

from xinyi_platform.database.connection import (
    after_commit,
    connect_database,
    current_connection,
    is_postgres,
    tortoise_config,
    transaction,
)
from xinyi_platform.database.group_commit import GroupCommit

__all__ = [
    "GroupCommit",
    "after_commit",
    "connect_database",
    "current_connection",
    "is_postgres",
    "tortoise_config",
    "transaction",
]
