"""Tables of identity. Personal data is encrypted; phones and identity numbers are found by blind indexes."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from xinyi_platform.ids import new_id


class ResidentAccount(Model):
    """A person who uses the app."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    phone_cipher = fields.CharField(max_length=200)
    phone_index = fields.CharField(max_length=64, unique=True)
    name_cipher = fields.CharField(max_length=300)
    identity_cipher = fields.CharField(max_length=200)
    identity_index = fields.CharField(max_length=64, unique=True)
    birth_date = fields.DateField()
    division = fields.CharField(max_length=12)
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "resident"


class OneTimeCode(Model):
    """A code sent to a phone: its digest, how often it was tried, until when it is good."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    phone_index = fields.CharField(max_length=64)
    digest = fields.CharField(max_length=64)
    attempts = fields.IntField(default=0)
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "one_time_code"
        indexes = [Index(fields=("phone_index", "created_at"), name="ix_one_time_code_phone")]


class RefreshToken(Model):
    """One refresh token of a family; using one twice ends the family."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    family = fields.UUIDField()
    resident_id = fields.UUIDField()
    digest = fields.CharField(max_length=64, unique=True)
    used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "refresh_token"
        indexes = [Index(fields=("family",), name="ix_refresh_token_family")]


class Account(Model):
    """An operator or a member of staff. `person` is the same for all accounts of one human being."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=8)
    username = fields.CharField(max_length=64, unique=True)
    password_hash = fields.CharField(max_length=200)
    totp_cipher = fields.CharField(max_length=200)
    totp_last_step = fields.BigIntField(default=0)
    person = fields.CharField(max_length=64)
    display_name = fields.CharField(max_length=64)
    roles: fields.JSONField[list[str]] = fields.JSONField()
    division = fields.CharField(max_length=12, default="")
    active = fields.BooleanField(default=True)
    failures = fields.IntField(default=0)
    locked_until = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "account"
        constraints = [CheckConstraint(check="kind IN ('operator','staff')", name="ck_account_kind")]


class WebSession(Model):
    """A server-side session behind a cookie; `subject_id` is a resident or an account by `surface`."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    digest = fields.CharField(max_length=64, unique=True)
    surface = fields.CharField(max_length=8)
    subject_id = fields.UUIDField()
    created_at = fields.DatetimeField()
    last_seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "web_session"
        constraints = [CheckConstraint(check="surface IN ('app','portal','console')", name="ck_web_session_surface")]


class PartnerClient(Model):
    """A machine client with the scopes that it may ask for. `kind`: bank or insurer, where residents are referred."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    client_id = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=80)
    kind = fields.CharField(max_length=40, default="")
    secret_hash = fields.CharField(max_length=200)
    scopes: fields.JSONField[list[str]] = fields.JSONField()
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "partner"
