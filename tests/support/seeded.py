"""A seeded city, made once a session: each test gets a copy of its database and of its keys, files and logins."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.databases import PostgresDatabases, SqliteDatabases
from support.instance import Instance


class SeededCity:
    """120 residents and 20 shops of the reserved ranges, as `xinyi seed` makes them."""

    def __init__(self, databases: SqliteDatabases | PostgresDatabases, folder: Path) -> None:
        self._databases, self._folder = databases, folder
        self._address = databases.fresh()
        with Instance(folder, self._address) as maker:
            maker.run("seed", "--residents", "120", "--merchants", "20")

    def copy_to(self, instance: Instance) -> None:
        """Put the city in place of what an instance that does not run yet holds."""
        self._databases.refill(instance.environment["XINYI_DATABASE_URL"], self._address)
        shutil.copytree(self._folder, instance.folder, dirs_exist_ok=True)
