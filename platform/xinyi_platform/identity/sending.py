"""How a one-time code reaches a phone: shown on the page in the demo, through the city's SMS gateway otherwise."""

from __future__ import annotations

from typing import Protocol

import httpx

from xinyi_platform.errors import Unavailable
from xinyi_platform.settings import Settings

_TIMEOUT_SECONDS = 5


class OneTimeCodeSender(Protocol):
    """Brings a short text to a phone. Raises Unavailable (503) when it could not be handed over."""

    async def send(self, phone: str, text: str) -> None: ...


class SmsGateway:
    """Posts `{"phone", "text"}` as JSON to the city's gateway; any answer but 2xx means not sent."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def send(self, phone: str, text: str) -> None:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                (await client.post(self.url, json={"phone": phone, "text": text})).raise_for_status()
        except httpx.HTTPError as error:
            raise Unavailable from error


def code_sender(settings: Settings) -> OneTimeCodeSender | None:
    """Return who sends codes, or None where the demo shows them. Raises Unavailable (503) when nobody does.

    Production never shows a code, even should the check at start have been passed by.
    """
    if settings.show_otp and not settings.is_production:
        return None
    if not settings.sms_gateway_url:
        raise Unavailable
    return SmsGateway(settings.sms_gateway_url)
