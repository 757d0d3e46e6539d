"""What lies in the folder of stored files, and the job that removes what nothing names."""

from __future__ import annotations

from pathlib import Path

from xinyi_platform.files import StoredFile
from xinyi_platform.files.forgetting import GRACE, forget_unnamed
from xinyi_platform.runtime import Runtime


def on_disk(runtime: Runtime) -> list[Path]:
    """Return every file of the store."""
    return sorted(path for path in runtime.files.folder.rglob("*") if path.is_file())


async def forget_files(runtime: Runtime, times: int = 2) -> None:
    """Run the job a day later, as often as it takes."""
    await StoredFile.all().update(created_at=runtime.clock.now() - GRACE)
    for _ in range(times):
        await forget_unnamed(runtime)
