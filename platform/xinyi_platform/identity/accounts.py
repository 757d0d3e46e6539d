"""Accounts of operators and staff, and partner clients: making them and checking what they know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import anyio.to_thread
import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from tortoise.expressions import F

from xinyi_platform import audit
from xinyi_platform.errors import NotSignedIn
from xinyi_platform.identity.models import Account, PartnerClient
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.language import Text

TOTP_FIELD = "account.totp"
_STEP_SECONDS = 30
_FREE_FAILURES = 4
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_DUMMY = _hasher.hash("no such account")


class WrongCredentials(NotSignedIn):
    """The same for an unknown name, a wrong password, a wrong code and a locked account."""

    code = "wrong_credentials"
    text = Text(
        "用户名、密码或动态码不正确,或账号因多次失败已暂时锁定。",
        "The name, the password or the code is wrong, or the account is locked for a while.",
    )


def hash_password(password: str) -> str:
    """Return a password's argon2id hash; takes tens of milliseconds, so a request calls it in a thread."""
    return _hasher.hash(password)


async def create_account(
    keys: KeyRing,
    *,
    kind: str,
    username: str,
    password: str,
    display_name: str,
    person: str,
    at: datetime,
    roles: Sequence[str] = (),
    division: str = "",
    totp_secret: str | None = None,
) -> tuple[UUID, str]:
    """Make an operator's or staff account; returns its id and its TOTP secret (base32), to be shown once.

    A `totp_secret` needs at least 112 bits (23 base32 characters), or signing in fails.
    """
    secret = totp_secret or pyotp.random_base32()
    account = await Account.create(
        id=new_id(),
        kind=kind,
        username=username,
        password_hash=hash_password(password),
        totp_cipher=keys.encrypt(secret, field=TOTP_FIELD),
        person=person,
        display_name=display_name,
        roles=list(roles),
        division=division,
        created_at=at,
    )
    return account.id, secret


async def check_account(keys: KeyRing, *, kind: str, username: str, password: str, totp: str, now: datetime) -> Account:
    """Return the account when password and one-time code are right. Raises WrongCredentials (401).

    A code is accepted once, with one step of leeway; after four failures each further one doubles a lock.
    """
    account = await Account.get_or_none(username=username.strip(), kind=kind, active=True)
    right = await _is_password(account.password_hash if account else _DUMMY, password)
    if account is None or (account.locked_until and account.locked_until > now):
        await _record_failure(kind, account, now)
        raise WrongCredentials
    step = totp_step(keys.decrypt(account.totp_cipher, field=TOTP_FIELD), totp, now)
    if not right or step is None or not await _spend_step(account, step):
        await _lock_for_failure(account, now)
        await _record_failure(kind, account, now)
        raise WrongCredentials
    return account


async def _spend_step(account: Account, step: int) -> bool:
    """Make a one-time code unusable; the conditional update lets one of two parallel sign-ins through."""
    spent = await Account.filter(id=account.id, totp_last_step__lt=step).update(
        totp_last_step=step, failures=0, locked_until=None
    )
    return spent == 1


async def _lock_for_failure(account: Account, now: datetime) -> None:
    await Account.filter(id=account.id).update(failures=F("failures") + 1)
    await account.refresh_from_db(fields=["failures"])  # parallel tries count too
    over = account.failures - _FREE_FAILURES
    if over > 0:
        await Account.filter(id=account.id).update(locked_until=now + timedelta(seconds=30 * 2 ** min(over, 6)))


async def _record_failure(kind: str, account: Account | None, now: datetime) -> None:
    """Leave a line on the trail; never the name that was tried, which may be anything, a password even."""
    await audit.record(
        "identity.sign_in_failed",
        actor="anyone",
        object_kind="account",
        object_id=account.id if account else "unknown",
        detail={"kind": kind},
        at=now,
    )


async def _is_password(stored: str, password: str) -> bool:
    """Compare in a thread: argon2 takes tens of milliseconds, in which the event loop serves others."""
    return await anyio.to_thread.run_sync(_verify, stored, password)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def totp_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step that a one-time code belongs to, with one step of leeway; None for a wrong one."""
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // _STEP_SECONDS
    for step in (current, current - 1, current + 1):
        if pyotp.utils.strings_equal(code.strip(), totp.at(step * _STEP_SECONDS)):
            return step
    return None


async def create_partner(
    *, client_id: str, name: str, secret: str, scopes: Sequence[str], at: datetime, kind: str = ""
) -> UUID:
    """Make a partner client and return its id; `kind` is bank or insurer for one that residents may be referred to."""
    partner = await PartnerClient.create(
        id=new_id(),
        client_id=client_id,
        name=name,
        kind=kind,
        secret_hash=_hasher.hash(secret),
        scopes=list(scopes),
        created_at=at,
    )
    return partner.id


async def partners_with_scope(scope: str) -> list[UUID]:
    """Return the partners whose contract has a scope."""
    rows = await PartnerClient.filter(active=True).order_by("id").values_list("id", "scopes")
    return [partner_id for partner_id, scopes in rows if scope in scopes]


async def check_partner(client_id: str, secret: str) -> PartnerClient:
    """Return the partner when its secret is right. Raises WrongCredentials (401)."""
    partner = await PartnerClient.get_or_none(client_id=client_id, active=True)
    right = await _is_password(partner.secret_hash if partner else _DUMMY, secret)
    if partner is None or not right:
        raise WrongCredentials
    return partner
