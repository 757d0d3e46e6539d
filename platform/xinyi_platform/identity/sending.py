"""How a one-time code reaches a phone: shown on the page in the demo, through the city's SMS gateway otherwise."""

from __future__ import annotations

from xinyi_platform.errors import Unavailable
from xinyi_platform.settings import Settings
from xinyi_platform.sms import SmsGateway, sms_gateway


def code_sender(settings: Settings) -> SmsGateway | None:
    """Return who sends codes, or None where the demo shows them. Raises Unavailable (503) when nobody does.

    Production never shows a code, even should the check at start have been passed by.
    """
    if settings.show_otp and not settings.is_production:
        return None
    gateway = sms_gateway(settings)
    if gateway is None:
        raise Unavailable
    return gateway
