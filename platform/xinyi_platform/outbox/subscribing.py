"""Subscribe to news, and rotate or end a subscription."""

from __future__ import annotations

import base64
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from xinyi_platform.errors import NotFound, Unprocessable
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.language import Text
from xinyi_platform.outbox.models import WebhookEndpoint

SECRET_FIELD = "webhook.secret"  # noqa: S105 -- the name of a field


class WebhookAddressRefused(Unprocessable):
    """The address is no http(s) URL, or in production not https or inside a private network."""

    code = "webhook_address_refused"
    text = Text("回调地址无效:须为公网 https 地址。", "The address must be a public https URL.")


async def subscribe(
    keys: KeyRing, *, audience: str, url: str, topics: Sequence[str], strict: bool, at: datetime
) -> tuple[UUID, str]:
    """Register an endpoint; returns its id and its secret (`whsec_…`), which is shown only this once."""
    _refuse_address(url, strict=strict)
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    endpoint = await WebhookEndpoint.create(
        id=new_id(),
        audience=audience,
        url=url,
        topics=list(topics),
        secret_cipher=keys.encrypt(secret, field=SECRET_FIELD),
        created_at=at,
    )
    return endpoint.id, secret


async def unsubscribe(endpoint_id: UUID, *, audience: str) -> None:
    """End a subscription of one's own. Raises NotFound (404)."""
    if not await WebhookEndpoint.filter(id=endpoint_id, audience=audience).update(active=False):
        raise NotFound


def _refuse_address(url: str, *, strict: bool) -> None:
    try:
        parts = urlsplit(url)
        _ = httpx.URL(url), parts.port  # both raise where a delivery would
    except (ValueError, httpx.InvalidURL) as error:
        raise WebhookAddressRefused from error
    allowed = ("https",) if strict else ("http", "https")
    if parts.scheme not in allowed or not parts.hostname:
        raise WebhookAddressRefused
    if not strict:
        return
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        if parts.hostname == "localhost":
            raise WebhookAddressRefused from None
        return
    if not address.is_global:
        raise WebhookAddressRefused
