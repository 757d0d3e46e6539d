"""The city's SMS gateway over HTTP: one short text to one phone, signed, and safe to repeat with the same key.

One-time codes and notices both go this way. The request is `POST {"phone", "text"}` as JSON with an `Idempotency-Key`;
where a secret is shared with the gateway it is signed by the Standard Webhooks rules (`webhook-id` is the same key), so
that the gateway can tell our requests from another's and checks them with the reference library.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import httpx
import structlog
from standardwebhooks import Webhook

from xinyi_platform.errors import Unavailable
from xinyi_platform.outgoing import http_client
from xinyi_platform.settings import Settings

TIMEOUT_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 86_400
_SECRET_PREFIX, _LEAST_SECRET_BYTES = "whsec_", 16
# Not now, but the same request may be taken later.
_LATER = frozenset({408, 409, 425, 429})
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SmsAnswer:
    """What became of a text: taken, to be tried later (also where nobody answered), or refused for good."""

    outcome: Literal["taken", "later", "refused"]
    status: int | None
    retry_after_seconds: int | None = None


class SmsGateway:
    """Speaks to one gateway. `secret` (`whsec_…`) empty: requests are not signed."""

    def __init__(self, url: str, secret: str = "", *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.url = url
        self._secret = secret
        self._timeout_seconds = timeout_seconds

    async def post(self, phone: str, text: str, *, key: str, at: datetime) -> SmsAnswer:
        """Hand a text over. With a key that the gateway has taken before it sends nothing twice."""
        body = json.dumps({"phone": phone, "text": text}, ensure_ascii=False, separators=(",", ":"))
        try:
            async with http_client(timeout_seconds=self._timeout_seconds) as client:
                answer = await client.post(self.url, content=body.encode(), headers=self._headers(key, at, body))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.info("sms_gateway_silent", error=type(error).__name__)
            return SmsAnswer("later", None)
        return _read(answer)

    async def send(self, phone: str, text: str, *, key: str, at: datetime) -> None:
        """Hand a text over now. Raises Unavailable (503) when it was not taken."""
        if (await self.post(phone, text, key=key, at=at)).outcome != "taken":
            raise Unavailable

    def _headers(self, key: str, at: datetime, body: str) -> dict[str, str]:
        headers = {"content-type": "application/json", "idempotency-key": key}
        if not self._secret:
            return headers
        return {
            **headers,
            "webhook-id": key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self._secret).sign(key, at, body),
        }


def _read(answer: httpx.Response) -> SmsAnswer:
    status = answer.status_code
    if 200 <= status < 300:
        return SmsAnswer("taken", status)
    if status >= 500 or status in _LATER:
        wait = answer.headers.get("retry-after", "")
        seconds = min(int(wait), _LONGEST_WAIT_SECONDS) if wait.isascii() and wait.isdigit() and len(wait) < 9 else None
        return SmsAnswer("later", status, seconds)
    return SmsAnswer("refused", status)


def sms_gateway(settings: Settings) -> SmsGateway | None:
    """Return the gateway of the settings, or None where there is none. Raises Unavailable on an unusable secret."""
    if not settings.sms_gateway_url:
        return None
    try:
        return SmsGateway(settings.sms_gateway_url, read_secret(settings))
    except (OSError, ValueError) as error:
        log.error("sms_secret_unusable", error=type(error).__name__)
        raise Unavailable from error


def read_secret(settings: Settings) -> str:
    """Return the secret shared with the gateway, or nothing where no file is named. Raises OSError, ValueError."""
    if not settings.sms_secret_file:
        return ""
    secret = Path(settings.sms_secret_file).read_text(encoding="utf-8").strip()
    if len(base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)) < _LEAST_SECRET_BYTES:
        raise ValueError("too short for a secret")
    return secret
