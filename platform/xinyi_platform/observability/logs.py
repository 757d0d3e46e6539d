"""Structured JSON logs. Bodies, query strings and names never enter them: what is logged is chosen, not dumped."""

from __future__ import annotations

import atexit
import logging
import sys
import threading
from collections import deque
from typing import BinaryIO

import msgspec
import structlog

FLUSH_SECONDS = 0.2


def configure_logging(*, debug: bool = False) -> None:
    """Write one JSON object a line to standard error, with time, level, event and request id."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(_to_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if debug else logging.INFO),
        logger_factory=LineLoggers(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


def _to_json(event: dict[str, object], **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)


class LineLogger:
    """Collects lines and writes them together: at most a fifth of a second late, at once from warnings up.

    Writing is the flushing thread's work, so that no request waits for the disk.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines: deque[bytes] = deque()
        self._writing = threading.Lock()

    def debug(self, line: bytes) -> None:
        self._lines.append(line)

    info = debug

    def warning(self, line: bytes) -> None:
        self.debug(line)
        self.flush()

    error = critical = exception = fatal = warn = warning

    def flush(self) -> None:
        """Write what was collected, in its order."""
        with self._writing:
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            if lines:
                self._stream.write(b"\n".join([*lines, b""]))
                self._stream.flush()


class LineLoggers:
    """Hands out the one logger of a stream, and flushes it until the process ends."""

    def __init__(self, stream: BinaryIO) -> None:
        self._logger = LineLogger(stream)
        self._ended = threading.Event()
        threading.Thread(target=self._flush_often, name="log-flush", daemon=True).start()
        atexit.register(self._end)

    def __call__(self, *_: object) -> LineLogger:
        return self._logger

    def _flush_often(self) -> None:
        while not self._ended.wait(FLUSH_SECONDS):
            self._logger.flush()

    def _end(self) -> None:
        self._ended.set()
        self._logger.flush()
