"""What Alembic runs for every command: both databases, always in batch mode, against the models' own schema.

`xinyi migrate` gives the address and the features' model modules in `config.attributes`. SQLite is spoken to by
the standard library's driver, PostgreSQL by asyncpg, so that no other driver needs to be installed.
"""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import sqlalchemy as sa
from alembic import context
from bridge import draw_metadata
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from xinyi_platform.database import tortoise_config

DATABASE_URL: str = context.config.attributes["database_url"]
METADATA = draw_metadata(context.config.attributes["models"])
CREDENTIALS = tortoise_config(DATABASE_URL, [])["connections"]["default"]["credentials"]


def configure(**target: Any) -> None:
    """Set the comparison up. A CHECK whose text changes must change its name: only names are compared."""
    context.configure(
        target_metadata=METADATA,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
        **target,
    )
    with context.begin_transaction():
        context.run_migrations()


def print_sql() -> None:
    """Write the SQL for a database administrator to read, without connecting."""
    dialect = "sqlite" if DATABASE_URL.startswith("sqlite") else "postgresql"
    configure(dialect_name=dialect, literal_binds=True)


def run_sqlite() -> None:
    address = sa.URL.create("sqlite", database=CREDENTIALS["file_path"])
    engine = sa.create_engine(address, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")  # batch mode rebuilds tables under their children
        connection.commit()
        configure(connection=connection)
        connection.commit()


async def run_postgres() -> None:
    async def connect() -> asyncpg.Connection:
        names = ("host", "port", "user", "password", "database")
        return await asyncpg.connect(**{name: CREDENTIALS[name] for name in names})

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(lambda held: configure(connection=held))
        await connection.commit()


if context.is_offline_mode():
    print_sql()
elif DATABASE_URL.startswith("sqlite"):
    run_sqlite()
else:
    asyncio.run(run_postgres())
