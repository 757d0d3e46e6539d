"""Runs the baseline in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import TracebackType

from support.bureau import free_port
from support.instance import Instance, children_of, wait_for


class BareServer:
    """The bare application, with the key ring of an instance and as many workers."""

    def __init__(self, city: Instance) -> None:
        self.port = free_port()
        self._environment = {**city.environment, "XINYI_PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> BareServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        folder = Path(__file__).parent
        self._process = subprocess.Popen(
            [sys.executable, str(folder / "bare.py")], cwd=folder, env={**self._environment, "PATH": ""}
        )
        wait_for(f"http://127.0.0.1:{self.port}/page", self._log)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None

    def worker_pids(self) -> list[int]:
        assert self._process is not None
        return children_of(self._process.pid)

    @staticmethod
    def _log() -> str:
        return ""
