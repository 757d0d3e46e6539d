"""A bureau that answers as a test says, on a real port, and a client that speaks to it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from xinyi_platform.bureau import BureauClient
from xinyi_platform.bureau.protocol import read_question, sign_answer
from xinyi_platform.bureau.simulator import pin_keys
from xinyi_platform.clock import FixedClock
from xinyi_platform.keys import KeyRing

Reply = Callable[[dict[str, Any]], tuple[int, str]]


class OddBureau(ThreadingHTTPServer):
    """Keeps the questions it gets. `reply` makes the answer, `gate` holds it back, `drips` sends it byte by byte."""

    daemon_threads = True

    def __init__(self, keys: KeyRing, asker: KeyRing, clock: FixedClock) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys, self.asker, self.clock = keys, asker, clock
        self.questions: list[dict[str, Any]] = []
        self.reply: Reply = self.well
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()
        self.drips = False
        self.url = f"http://127.0.0.1:{self.server_port}"

    def well(self, question: dict[str, Any]) -> tuple[int, str]:
        """Answer as the protocol says."""
        key = self.keys.current("bureau")
        status: dict[str, object] = {"standing": "good", "black_listed": False}
        return 200, sign_answer(key.private(), key.kid, question, status, self.clock.now())


class _Handler(BaseHTTPRequestHandler):
    server: OddBureau

    def do_POST(self) -> None:
        token = self.rfile.read(int(self.headers["content-length"])).decode()
        asked = read_question(token, {k.kid: k.public() for k in self.server.asker.live("bureau")})
        self.server.questions.append(asked)
        self.server.asked.set()
        self.server.gate.wait(20)
        status, body = self.server.reply(asked)
        self.send_response(status)
        self.send_header("content-length", str(len(body.encode())))
        self.end_headers()
        try:
            for byte in body.encode() if self.server.drips else ():
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.05)
            if not self.server.drips:
                self.wfile.write(body.encode())
        except OSError:
            pass  # the client hung up, which is what is tested

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: questions hold identity numbers, and tests print enough."""


@pytest.fixture
def keys(clock: FixedClock) -> KeyRing:
    return KeyRing.generate(clock.now())


@pytest.fixture
def odd_bureau(keys: KeyRing, clock: FixedClock) -> Iterator[OddBureau]:
    with OddBureau(KeyRing.generate(clock.now()), keys, clock) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.gate.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def client_that_waits(
    odd_bureau: OddBureau, keys: KeyRing, clock: FixedClock, tmp_path: Path
) -> Callable[[float], BureauClient]:
    """Return how to make a client that waits so many seconds for an answer."""
    pin_keys(odd_bureau.keys, tmp_path / "bureau.json")

    def make(seconds: float) -> BureauClient:
        return BureauClient(
            url=odd_bureau.url,
            issuer="xinyi",
            pinned=tmp_path / "bureau.json",
            timeout_seconds=seconds,
            keys=keys,
            clock=clock,
        )

    return make


@pytest.fixture
async def client(client_that_waits: Callable[[float], BureauClient]) -> AsyncIterator[Any]:
    """A client that a busy machine does not lose its patience for."""
    made = client_that_waits(60)
    yield made
    await made.close()


@pytest.fixture
async def hasty_client(client_that_waits: Callable[[float], BureauClient]) -> AsyncIterator[Any]:
    """A client that is tired of waiting before an answer that is held back comes."""
    made = client_that_waits(0.5)
    yield made
    await made.close()


@pytest.fixture
def pinned(tmp_path: Path) -> Callable[[object], Path]:
    """Write what the file of pinned keys holds."""

    def write(content: object) -> Path:
        path = tmp_path / "pinned.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write
