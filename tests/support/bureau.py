"""The bureau's simulator on a real port, in a thread of the tests, so that a test can hold its clock and switch it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from datetime import datetime

from granian.constants import Interfaces
from granian.server.embed import Server

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.keys import KeyRing


def free_port() -> int:
    """Return a port of the loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class BureauThread:
    """Serves one simulator from construction to `stop`. `simulator.mode` switches it: ok, slow, down, garbage."""

    def __init__(self, asker: KeyRing, at: datetime) -> None:
        keys = {key.kid: key.public() for key in asker.live("bureau")}
        self.keys = KeyRing.generate(at)
        self.simulator = Simulator(self.keys, keys)
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._loop = asyncio.new_event_loop()
        self._server: Server | None = None
        self._thread = threading.Thread(target=self._serve, name="bureau", daemon=True)
        self._thread.start()
        self._wait()

    def stop(self) -> None:
        if self._server is not None:
            self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = self.simulator.app()
        self._server = Server(app, port=self._port, interface=Interfaces.ASGINL, log_enabled=False)
        self._loop.run_until_complete(self._server.serve())

    def _wait(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError("the bureau's simulator did not start")
