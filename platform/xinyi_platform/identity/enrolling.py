"""Enrol an account by its owner's own hand: name, password, and an authenticator proven by its first code."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp

from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import Conflict, InvalidField
from xinyi_platform.identity.accounts import TOTP_FIELD, hash_password, totp_step
from xinyi_platform.identity.models import Account, WebSession
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.language import Text

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 128
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{3,31}")


class UsernameTaken(Conflict):
    """Somebody else has the user name."""

    code = "username_taken"
    text = Text("该用户名已被使用,请换一个。", "That user name is taken; choose another.")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an account will be made of, checked; `step` is the one-time code that was spent on it."""

    username: str
    password_hash: str
    totp_cipher: str
    step: int


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as colleagues see it. `person` is the same for all accounts of one human being."""

    id: UUID
    username: str
    display_name: str
    person: str
    active: bool


def new_totp_secret() -> str:
    """Return a fresh authenticator secret (base32, 160 bits)."""
    return pyotp.random_base32()


def totp_address(secret: str, *, name: str, issuer: str) -> str:
    """Return the otpauth address that an authenticator reads as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


async def prepare_enrolment(
    keys: KeyRing, *, username: str, password: str, secret: str, totp: str, now: datetime
) -> Enrolment:
    """Check what somebody chose, before the transaction: hashing takes its time. Raises InvalidField (400)."""
    username = username.strip()
    if not _USERNAME.fullmatch(username):
        raise InvalidField(
            field="username",
            zh="用户名为4–32位小写字母、数字、点、短横或下划线,以字母或数字开头。",
            en="A user name has 4 to 32 lower-case letters, digits, dots, hyphens or underscores.",
        )
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or username in password.lower():
        raise InvalidField(
            field="password",
            zh="密码为10–128个字符,且不能包含用户名。",
            en="A password has 10 to 128 characters and does not contain the user name.",
        )
    step = totp_step(secret, totp, now)
    if step is None:
        raise InvalidField(
            field="totp",
            zh="动态码不正确,请用身份验证器扫码后输入当前的六位数字。",
            en="The code is wrong; scan the square with your authenticator and type its six digits of now.",
        )
    hashed = await asyncio.to_thread(hash_password, password)
    return Enrolment(username, hashed, keys.encrypt(secret, field=TOTP_FIELD), step)


async def enter_account(enrolment: Enrolment, *, kind: str, display_name: str, at: datetime) -> UUID:
    """Make the account in the caller's transaction and return its id. Raises UsernameTaken (409)."""
    identity = new_id()
    row = {
        "id": identity, "kind": kind, "username": enrolment.username, "password_hash": enrolment.password_hash,
        "totp_cipher": enrolment.totp_cipher, "totp_last_step": enrolment.step, "person": f"person-{identity}",
        "display_name": display_name, "roles": [], "division": "", "active": True, "failures": 0, "created_at": at,
    }  # fmt: skip
    if not await bulk_insert(Account, [row], skip_conflicts=True):
        raise UsernameTaken
    return identity


async def close_account(account_id: UUID, *, at: datetime) -> None:
    """Let nobody sign in by an account any more, and end its sessions. Joins the caller's transaction."""
    await Account.filter(id=account_id).update(active=False)
    await WebSession.filter(subject_id=account_id, ended_at=None).update(ended_at=at)


async def accounts_of(person: str, *, kind: str) -> list[AccountView]:
    """Return the accounts of a kind (`staff`, `operator`) that one human being has or had."""
    ids: list[UUID] = await Account.filter(person=person, kind=kind).values_list("id", flat=True)  # type: ignore[assignment]
    return list((await account_views(ids)).values())


async def account_views(ids: Iterable[UUID]) -> dict[UUID, AccountView]:
    """Return accounts by id; unknown ids are left out."""
    rows = await Account.filter(id__in=list(ids)).only("id", "username", "display_name", "person", "active")
    return {row.id: AccountView(row.id, row.username, row.display_name, row.person, row.active) for row in rows}
