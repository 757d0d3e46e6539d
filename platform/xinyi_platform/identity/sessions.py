"""Server-side sessions of the pages, behind HttpOnly cookies, one for each surface."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from litestar.datastructures import Cookie

from xinyi_platform import audit
from xinyi_platform.identity.models import Account, ResidentAccount, WebSession
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Operator, Principal, Resident, Role, Staff
from xinyi_platform.settings import Settings

HOURS = {"app": 24 * 14, "portal": 12, "console": 10}
_ACTORS = {"app": "resident", "portal": "operator", "console": "staff"}
_SEEN_EVERY = timedelta(minutes=5)


def cookie_name(surface: str) -> str:
    return f"xinyi_{surface}"


async def open_session(surface: str, subject_id: UUID, *, now: datetime) -> str:
    """Start a session and return the cookie's value, of which only the digest is kept."""
    value = secrets.token_urlsafe(32)
    await WebSession.create(
        id=new_id(),
        digest=_digest(value),
        surface=surface,
        subject_id=subject_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=HOURS[surface]),
    )
    return value


async def end_session(surface: str, value: str, *, now: datetime) -> None:
    """End a session; ending one twice changes nothing."""
    held = await WebSession.get_or_none(digest=_digest(value), surface=surface)
    if held is None or not await WebSession.filter(id=held.id, ended_at=None).update(ended_at=now):
        return
    await audit.record(
        "identity.sign_out",
        actor=f"{_ACTORS[surface]}:{held.subject_id}",
        object_kind="web_session",
        object_id=held.id,
        detail={"surface": surface},
        at=now,
    )


async def read_session(surface: str, value: str, *, now: datetime) -> Principal | None:
    """Return whom a cookie stands for, or None when it has ended or the account is no longer active."""
    held = await WebSession.get_or_none(digest=_digest(value), surface=surface, ended_at=None)
    if held is None or held.expires_at <= now:
        return None
    if now - held.last_seen_at >= _SEEN_EVERY:  # a coarse mark, so that reading pages does not write each time
        await WebSession.filter(id=held.id).update(last_seen_at=now)
    if surface == "app":
        return Resident(held.subject_id) if await ResidentAccount.exists(id=held.subject_id, active=True) else None
    account = await Account.get_or_none(id=held.subject_id, active=True)
    if account is None:
        return None
    if account.kind == "operator":
        return Operator(account.id, held.id) if surface == "portal" else None
    roles = frozenset(Role(role) for role in account.roles)
    return Staff(account.id, held.id, account.person, roles, account.division) if surface == "console" else None


def session_cookie(settings: Settings, surface: str, value: str) -> Cookie:
    """Return the cookie of a fresh session; the console's also opens the staff's JSON acts."""
    return Cookie(
        key=cookie_name(surface),
        value=value,
        path="/" if surface == "console" else f"/{surface}",
        max_age=HOURS[surface] * 3600,
        httponly=True,
        samesite="lax",
        secure=settings.is_production,
    )


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
