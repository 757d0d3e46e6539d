"""`xinyi doctor`: what is in force, and what is wrong with it, in one go."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import fields
from urllib.parse import urlsplit, urlunsplit

import click
import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError
from tortoise.exceptions import BaseORMException

from xinyi_platform.app import all_features
from xinyi_platform.clock import SystemClock, local_date
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.database import connect_database
from xinyi_platform.database.revisions import applied_revision, head_revision
from xinyi_platform.division_policies.reading import Ignored, ignored_policies
from xinyi_platform.features import FeatureError
from xinyi_platform.host_feature import HostFeature
from xinyi_platform.keys import PURPOSES, KeyRing, KeyRingError
from xinyi_platform.outgoing import http_client
from xinyi_platform.profiles import Finding, judge_settings
from xinyi_platform.settings import Settings
from xinyi_platform.sms import read_secret
from xinyi_platform.tenancy.narrowing import shown_value
from xinyi_platform.workdays import calendar_days_left

WARN_BELOW_DAYS = 60


@click.command()
def doctor() -> None:
    """Print the settings in force and every finding; fail where one is a problem."""
    settings = settings_in_force()
    for line in describe(settings):
        click.echo(line)
    click.echo()
    findings = diagnose(settings)
    for finding in findings:
        click.echo(f"{finding.level:8} {finding.text}")
    if any(finding.level == "problem" for finding in findings):
        raise click.exceptions.Exit(1)


def describe(settings: Settings) -> list[str]:
    """Return each setting with its value; passwords in addresses are masked."""
    return [f"XINYI_{f.name.upper()}={mask_address(str(getattr(settings, f.name)))}" for f in fields(settings)]


def mask_address(value: str) -> str:
    """Replace the password in an address."""
    parts = urlsplit(value) if "://" in value else None
    if parts is None or parts.password is None:
        return value
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")))


def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything that the settings name. Must not be called from a running event loop."""
    return [
        *judge_settings(settings),
        *_look_at_keys(settings),
        *_look_at_parts(settings),
        *asyncio.run(_ask(settings)),
    ]


def _look_at_keys(settings: Settings) -> list[Finding]:
    try:
        ring = KeyRing.load(settings.secret_file)
        kids = [ring.current(purpose).kid for purpose in PURPOSES]
    except KeyRingError as error:
        return [Finding("problem", str(error))]
    mode = stat.S_IMODE(settings.secret_file.stat().st_mode)
    if mode & 0o077:
        return [Finding("problem", f"{settings.secret_file} can be read by others (mode {mode:o}); set it to 600")]
    return [Finding("ok", f"key ring with a key for each of {len(kids)} purposes, readable by its owner only")]


def _look_at_parts(settings: Settings) -> list[Finding]:
    findings = []
    try:
        features = all_features()
        findings.append(Finding("ok", f"features: {', '.join(feature.name for feature in features)}"))
        for feature in features:
            feature.register_types()
        findings += [found for feature in features for found in feature.diagnose()]
    except FeatureError as error:
        findings.append(Finding("problem", str(error)))
    left = calendar_days_left(local_date(SystemClock().now()))
    text = f"the calendar of working days is known for {left} more days"
    findings.append(Finding("ok" if left >= WARN_BELOW_DAYS else "warning", text))
    if not settings.bureau_key_file.is_file():
        findings.append(Finding("warning", f"{settings.bureau_key_file} is missing: no answer will be trusted"))
    try:
        read_secret(settings)
    except (OSError, ValueError) as error:
        findings.append(Finding("problem", f"XINYI_SMS_SECRET_FILE cannot be used: {type(error).__name__}"))
    return findings


async def _ask(settings: Settings) -> list[Finding]:
    return [*await _ask_database(settings), await _ask_cache(settings), await _ask_bureau(settings)]


async def _ask_database(settings: Settings) -> list[Finding]:
    try:
        async with connect_database(settings.database_url, HostFeature.models):
            applied, head = await applied_revision(), head_revision()
            ignored = await ignored_policies(on=local_date(SystemClock().now())) if applied == head else []
    except (BaseORMException, OSError, ValueError) as error:
        return [Finding("problem", f"the database does not answer: {type(error).__name__}")]
    if applied != head:
        return [
            Finding("problem", f"the schema is at {applied or 'nothing'}, the program's at {head}: `xinyi migrate`")
        ]
    return [Finding("ok", f"the database answers, its schema is at {applied}"), *map(_of_policy, ignored)]


def _of_policy(found: Ignored) -> Finding:
    row = found.row
    own, above = shown_value(row.value), shown_value(found.above)
    text = f"{row.topic}.{row.key}.{row.parameter} of {row.division} is {own}, wider than above ({above}): not applied"
    return Finding("warning", text)


async def _ask_cache(settings: Settings) -> Finding:
    if not settings.redis_url:
        return Finding("ok", "cache in the process")
    client = Redis.from_url(settings.redis_url, socket_connect_timeout=2, socket_timeout=2)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return Finding(
            "warning", f"Redis does not answer ({type(error).__name__}): slower, and limits count per process"
        )
    finally:
        await client.aclose()
    return Finding("ok", "Redis answers")


async def _ask_bureau(settings: Settings) -> Finding:
    try:
        async with http_client(timeout_seconds=settings.bureau_timeout_seconds) as client:
            await client.get(f"{settings.bureau_url}/.well-known/jwks.json")
    except httpx.HTTPError as error:
        return Finding("warning", f"the bureau does not answer ({type(error).__name__}): verdicts will be unknown")
    return Finding("ok", "the bureau answers")
