"""Subscribe to news, and rotate or end a subscription."""

from __future__ import annotations

import base64
import ipaddress
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from xinyi_platform.errors import Conflict, NotFound, Unprocessable
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.language import Text
from xinyi_platform.outbox.models import WebhookEndpoint

OVERLAP = timedelta(hours=24)
SECRET_FIELD = "webhook.secret"  # noqa: S105 -- the name of a field


class WebhookAddressRefused(Unprocessable):
    """The address is no http(s) URL, or in production not https or inside a private network."""

    code = "webhook_address_refused"
    text = Text("回调地址无效:须为公网 https 地址。", "The address must be a public https URL.")


class SecretRotated(Conflict):
    """The secret was changed less than a day ago, and the earlier one still signs along."""

    code = "webhook_secret_rotated"
    text = Text(
        "密钥在24小时内刚轮换过,旧密钥仍有效;请稍后再换。",
        "The secret was changed within the last 24 hours and the earlier one still signs; change it later.",
    )


async def subscribe(
    keys: KeyRing, *, audience: str, url: str, topics: Sequence[str], strict: bool, at: datetime
) -> tuple[UUID, str]:
    """Register an endpoint; returns its id and its secret (`whsec_…`), which is shown only this once."""
    _refuse_address(url, strict=strict)
    secret = _new_secret()
    endpoint = await WebhookEndpoint.create(
        id=new_id(),
        audience=audience,
        url=url,
        topics=list(topics),
        secret_cipher=keys.encrypt(secret, field=SECRET_FIELD),
        created_at=at,
    )
    return endpoint.id, secret


async def rotate_secret(keys: KeyRing, endpoint_id: UUID, *, audience: str, at: datetime) -> str:
    """Give one's own endpoint a new secret and return it, this once; the earlier one signs along for a day.

    Raises NotFound (404), also for an ended subscription, and SecretRotated (409) while an earlier change still runs.
    """
    endpoint = await WebhookEndpoint.get_or_none(id=endpoint_id, audience=audience, active=True)
    if endpoint is None:
        raise NotFound
    if endpoint.old_until and endpoint.old_until > at:
        raise SecretRotated
    secret = _new_secret()
    held = WebhookEndpoint.filter(id=endpoint.id, secret_cipher=endpoint.secret_cipher)
    if not await held.update(
        secret_cipher=keys.encrypt(secret, field=SECRET_FIELD),
        old_secret_cipher=endpoint.secret_cipher,
        old_until=at + OVERLAP,
    ):
        raise SecretRotated
    return secret


async def subscribed_to(topic: str, audiences: Collection[str]) -> set[str]:
    """Return those audiences that have an active endpoint which takes a topic, so that its news arrives."""
    endpoints = await WebhookEndpoint.filter(audience__in=list(audiences), active=True)
    return {endpoint.audience for endpoint in endpoints if takes(endpoint, topic)}


def takes(endpoint: WebhookEndpoint, topic: str) -> bool:
    """Tell whether an endpoint wants news of a topic; one that named none wants all."""
    return not endpoint.topics or topic in endpoint.topics


def secrets_of(keys: KeyRing, endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    """Return the secrets that sign now, the newest first."""
    ciphers = [endpoint.secret_cipher]
    if endpoint.old_secret_cipher and endpoint.old_until and endpoint.old_until > at:
        ciphers.append(endpoint.old_secret_cipher)
    return [keys.decrypt(cipher, field=SECRET_FIELD) for cipher in ciphers]


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


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
