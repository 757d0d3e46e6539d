"""A city's SMS gateway on a real port: signed requests, each key once, and moods."""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

Mood = Literal["take", "fail", "busy", "refuse", "lose_the_answer", "hang"]
SECRET = "whsec_" + base64.b64encode(b"a secret of city and gateway.").decode()
_STATUS = {"take": 202, "fail": 500, "busy": 429, "refuse": 400}


@dataclass(frozen=True)
class Arrived:
    """One request that reached the gateway."""

    key: str
    phone: str
    text: str


class SmsGatewaySimulator(ThreadingHTTPServer):
    """`moods` are for the next requests, one each; afterwards it takes everything, each key once.

    `lose_the_answer` takes the text and hangs up; `hang` takes it and answers nothing until `let_go` is set.
    """

    daemon_threads = True

    def __init__(self, secret: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secret = secret
        self.requests: list[Arrived] = []
        self.phones: dict[str, Arrived] = {}
        self.acknowledged: list[str] = []
        self.moods: deque[Mood] = deque()
        self.retry_after = ""
        self.called, self.let_go = threading.Event(), threading.Event()
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}/sms"

    @property
    def texts(self) -> list[tuple[str, str]]:
        """What stands on the phones, each text once, in order."""
        return [(sent.phone, sent.text) for sent in self.phones.values()]


class _Handler(BaseHTTPRequestHandler):
    server: SmsGatewaySimulator

    def do_POST(self) -> None:
        gateway = self.server
        body = self.rfile.read(int(self.headers["content-length"]))
        if gateway.secret and not self._is_signed(body):
            self._answer(401)
            return
        document = json.loads(body)
        arrived = Arrived(self.headers["idempotency-key"], document["phone"], document["text"])
        with gateway.lock:
            gateway.requests.append(arrived)
            mood = gateway.moods.popleft() if gateway.moods else "take"
            if mood in ("take", "lose_the_answer", "hang"):
                gateway.phones.setdefault(arrived.key, arrived)
            if mood == "take":
                gateway.acknowledged.append(arrived.key)
        gateway.called.set()
        if mood == "hang":
            gateway.let_go.wait(30)
        if mood in ("lose_the_answer", "hang"):
            self.close_connection = True
            return
        self._answer(_STATUS[mood])

    def _is_signed(self, body: bytes) -> bool:
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            Webhook(self.server.secret).verify(body, headers)
        except WebhookVerificationError:
            return False
        return headers["webhook-id"] == headers["idempotency-key"]

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        if status == 429 and self.server.retry_after:
            self.send_header("retry-after", self.server.retry_after)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: tests print enough."""
