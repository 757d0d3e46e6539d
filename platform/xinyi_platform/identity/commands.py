"""Commands of identity for whoever tries the demo out."""

from __future__ import annotations

import asyncio

import click
import pyotp

from xinyi_platform.clock import SystemClock
from xinyi_platform.database import connect_database
from xinyi_platform.identity.accounts import TOTP_FIELD
from xinyi_platform.identity.models import Account
from xinyi_platform.keys import KeyRing, KeyRingError
from xinyi_platform.settings import Settings

_MODELS = ("xinyi_platform.identity.models",)


@click.command("totp")
@click.argument("username")
def totp(username: str) -> None:
    """Print the one-time code of a demo account. Refused in production, where only its owner's phone may know it."""
    settings = Settings.from_environment()
    if settings.is_production:
        raise click.ClickException("one-time codes are not shown in the production profile")
    try:
        keys = KeyRing.load(settings.secret_file)
    except KeyRingError as error:
        raise click.ClickException(str(error)) from error
    secret = asyncio.run(_secret_of(settings, keys, username))
    if secret is None:
        raise click.ClickException(f"there is no account {username}")
    now = SystemClock().now()
    click.echo(f"{pyotp.TOTP(secret).at(now)}  (good for {30 - int(now.timestamp()) % 30} s, once)")


async def _secret_of(settings: Settings, keys: KeyRing, username: str) -> str | None:
    async with connect_database(settings.database_url, _MODELS):
        account = await Account.get_or_none(username=username, active=True)
    return keys.decrypt(account.totp_cipher, field=TOTP_FIELD) if account else None


COMMANDS = (totp,)
