"""One instance in processes of its own: migrated database, key ring, bureau's simulator and server on free ports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from support.bureau import free_port

from xinyi_platform.clock import SystemClock
from xinyi_platform.keys import KeyRing

START_SECONDS = 60


class Instance:
    """Holds what an operator would set by hand. Use as a context: what was started is stopped at its end."""

    def __init__(
        self, folder: Path, database_url: str, *, redis_url: str = "", workers: int = 1, python: str = sys.executable
    ) -> None:
        self.folder, self.python = folder, python
        self.port, self.bureau_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "XINYI_DATABASE_URL": database_url,
            "XINYI_REDIS_URL": redis_url,
            "XINYI_WORKERS": str(workers),
            "XINYI_PORT": str(self.port),
            "XINYI_PUBLIC_URL": self.url,
            "XINYI_SECRET_FILE": str(folder / "keys.json"),
            "XINYI_FILES_DIR": str(folder / "files"),
            "XINYI_BUREAU_URL": f"http://127.0.0.1:{self.bureau_port}",
            "XINYI_BUREAU_KEY_FILE": str(folder / "bureau.json"),
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        KeyRing.generate(SystemClock().now()).save(folder / "keys.json")

    def __enter__(self) -> Instance:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in list(self._processes):
            self.stop(name)

    @property
    def keys(self) -> KeyRing:
        return KeyRing.load(self.folder / "keys.json")

    def run(self, *command: str) -> str:
        """Run one `xinyi` command to its end and return what it printed."""
        return self._run(command).stdout

    def run_and_hear(self, *command: str) -> str:
        """Run one `xinyi` command to its end and return what it said beside what it printed: on standard error."""
        return self._run(command).stderr

    def _run(self, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(self._arguments(command), env=self._environment(), capture_output=True, text=True)
        assert done.returncode == 0, f"xinyi {' '.join(command)}: {done.stdout}{done.stderr}"
        return done

    def logins(self) -> list[dict[str, Any]]:
        """Return who may sign in, as the seeding left it."""
        rows: list[dict[str, Any]] = json.loads((self.folder / "logins.json").read_text())
        return rows

    def start(self) -> None:
        """Start the bureau and the server, side by side: each of them reads a lot of code first."""
        self._start("bureau", "bureau", "simulate")
        self.start_server()
        self._wait(f"http://127.0.0.1:{self.bureau_port}/.well-known/jwks.json")

    def start_server(self) -> None:
        self._start("server", "serve")
        self._wait(f"{self.url}/health/ready")

    def stop(self, name: str) -> int:
        """End `server` or `bureau` by SIGTERM and return its exit code."""
        process = self._processes.pop(name)
        process.terminate()
        try:
            return process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def worker_pids(self) -> list[int]:
        """Return the processes that answer requests, without the one that watches over them."""
        return children_of(self._processes["server"].pid)

    def kill_worker(self) -> None:
        """End one worker without a warning."""
        os.kill(self.worker_pids()[0], signal.SIGKILL)

    def _start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                self._arguments(command), env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )

    def _wait(self, address: str) -> None:
        wait_for(address, lambda: "\n".join(path.read_text()[-3000:] for path in self.folder.glob("*.log")))

    def _environment(self) -> dict[str, str]:
        ours = {name: text for name, text in os.environ.items() if not name.startswith("XINYI_")}
        if self.python != sys.executable:
            ours.pop("PYTHONPATH", None)  # another interpreter has packages of its own
        return ours | self.environment

    def _arguments(self, command: tuple[str, ...]) -> list[str]:
        return [self.python, "-m", "xinyi_platform.cli", *command]


def children_of(pid: int) -> list[int]:
    """Return the server processes under one that watches over them."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == pid and b"resource_tracker" not in words:
            found.append(int(entry.name))
    return found


def wait_for(address: str, last_words: Callable[[], str]) -> None:
    """Wait until an address answers with 200. Raises TimeoutError with the process's last words."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(address, timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"{address} did not answer\n{last_words()}")
