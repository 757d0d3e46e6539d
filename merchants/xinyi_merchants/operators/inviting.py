"""Invite somebody to act for a shop by a link that is good once, and accept such an invitation."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_merchants.operators.errors import InvitationOver, TooManyPeople
from xinyi_merchants.operators.models import MerchantInvitation
from xinyi_merchants.operators.roles import ROLES
from xinyi_merchants.registry.history import lock_merchant
from xinyi_merchants.registry.models import MerchantOperator
from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.identity import enter_account, new_totp_secret, prepare_enrolment
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.runtime import Runtime

DAYS = 7
MOST_PEOPLE = 30
_TOTP_FIELD = "invitation.totp"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What an invited person types: the name to sign in by, a password, and the authenticator's first code."""

    username: str
    password: str
    totp: str


def new_token() -> str:
    """Return a link's secret; only its digest is kept."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def invite(runtime: Runtime, merchant_id: UUID, *, role: str, invitee: str, actor: str, now: datetime) -> str:
    """Invite somebody and return the link's secret, this once.

    Raises InvalidField (400), NotFound (404) and TooManyPeople (409).
    """
    token = new_token()
    async with transaction():
        await lock_merchant(merchant_id)
        people = await MerchantOperator.filter(merchant_id=merchant_id).count()
        asked = await MerchantInvitation.filter(merchant_id=merchant_id, state="open", expires_at__gt=now).count()
        if people + asked >= MOST_PEOPLE:
            raise TooManyPeople(most=MOST_PEOPLE)
        await enter_invitation(
            runtime.keys, merchant_id, role=role, invitee=invitee, digest=digest_of(token), actor=actor, now=now
        )
    return token


async def enter_invitation(
    keys: KeyRing, merchant_id: UUID, *, role: str, invitee: str, digest: str, actor: str, now: datetime
) -> None:
    """Write an invitation down in the caller's transaction. Raises InvalidField (400)."""
    if role not in ROLES:
        raise InvalidField(field="role", zh="请选择角色。", en="Choose a role.")
    row = await MerchantInvitation.create(
        id=new_id(),
        merchant_id=merchant_id,
        role=role,
        invitee=checked_name(invitee),
        digest=digest,
        totp_cipher=keys.encrypt(new_totp_secret(), field=_TOTP_FIELD),
        state="open",
        invited_by=actor,
        created_at=now,
        expires_at=now + timedelta(days=DAYS),
    )
    await _record("invited", row, actor, now)


def checked_name(name: str) -> str:
    """Return how somebody is called at the shop. Raises InvalidField (400)."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 40 or not name.isprintable():
        raise InvalidField(field="invitee", zh="请填写1–40字的称呼。", en="Enter a name of 1 to 40 characters.")
    return name


async def invitation_of(token: str, *, now: datetime) -> MerchantInvitation:
    """Return the live invitation behind a link. Raises InvitationOver (404)."""
    row = await MerchantInvitation.get_or_none(digest=digest_of(token), state="open", expires_at__gt=now)
    if row is None:
        raise InvitationOver
    return row


def secret_of(keys: KeyRing, row: MerchantInvitation) -> str:
    """Return the authenticator secret that comes with an invitation."""
    return keys.decrypt(row.totp_cipher, field=_TOTP_FIELD)


async def accept(runtime: Runtime, token: str, typed: Acceptance, *, now: datetime) -> UUID:
    """Make the invited person's account, once, and return its id.

    Raises InvitationOver (404), InvalidField (400) and UsernameTaken (409); the link stays good after those two.
    """
    row = await invitation_of(token, now=now)
    enrolment = await prepare_enrolment(
        runtime.keys,
        username=typed.username,
        password=typed.password,
        secret=secret_of(runtime.keys, row),
        totp=typed.totp,
        now=now,
    )
    async with transaction():
        account_id = await enter_account(enrolment, kind="operator", display_name=row.invitee, at=now)
        open_one = MerchantInvitation.filter(id=row.id, state="open")
        if not await open_one.update(state="accepted", account_id=account_id, settled_at=now):
            raise InvitationOver
        await MerchantOperator.create(
            id=new_id(), account_id=account_id, merchant_id=row.merchant_id, role=row.role, created_at=now
        )
        await _record("joined", row, f"operator:{account_id}", now)
    return account_id


async def revoke_invitation(invitation_id: UUID, merchant_id: UUID, *, actor: str, now: datetime) -> None:
    """Take an invitation back. Raises NotFound (404) and InvitationOver (404) for one that is settled."""
    row = await MerchantInvitation.get_or_none(id=invitation_id, merchant_id=merchant_id)
    if row is None:
        raise NotFound
    async with transaction():
        if not await MerchantInvitation.filter(id=row.id, state="open").update(state="revoked", settled_at=now):
            raise InvitationOver
        await _record("invitation_revoked", row, actor, now)


async def open_invitations(merchant_id: UUID, *, now: datetime) -> list[MerchantInvitation]:
    """Return a shop's invitations that can still be accepted."""
    rows = MerchantInvitation.filter(merchant_id=merchant_id, state="open", expires_at__gt=now)
    return await rows.order_by("created_at")


async def _record(act: str, row: MerchantInvitation, actor: str, at: datetime) -> None:
    await audit.record(
        f"merchant_operator.{act}",
        actor=actor,
        object_kind="merchant",
        object_id=row.merchant_id,
        detail={"invitation": str(row.id), "role": row.role},
        at=at,
    )
