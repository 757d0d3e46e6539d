"""The registry's history and self-service: changes of shops, invitations, sign-ups, and webhook secrets that overlap."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ROLES = "('owner','manager','clerk')"


def upgrade() -> None:
    _alter_merchant()
    _alter_operator()
    _alter_webhooks()
    _create_change()
    _create_invitation()
    _create_application()


def _alter_merchant() -> None:
    with op.batch_alter_table("merchant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opened_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("status_reason", sa.String(length=200), nullable=False, server_default=""))
    with op.batch_alter_table("merchant", schema=None) as batch_op:
        batch_op.alter_column(
            "status_reason", server_default=None, existing_type=sa.String(length=200), existing_nullable=False
        )
        batch_op.drop_constraint("merchant_status_known", type_="check")
        batch_op.create_check_constraint("ck_merchant_status", "status IN ('open','closed','revoked')")
        batch_op.create_check_constraint(
            "ck_merchant_revoked_with_reason", "status <> 'revoked' OR status_reason <> ''"
        )
        batch_op.create_check_constraint(
            "ck_merchant_opened_with_a_licence", "opened_on IS NULL OR opened_on >= licence_date"
        )


def _alter_operator() -> None:
    with op.batch_alter_table("merchant_operator", schema=None) as batch_op:
        batch_op.drop_constraint("merchant_operator_role_known", type_="check")
        batch_op.create_check_constraint("ck_merchant_operator_role", f"role IN {_ROLES}")


def _alter_webhooks() -> None:
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.add_column(sa.Column("old_secret_cipher", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("old_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.create_check_constraint(
            "ck_webhook_endpoint_old_secret_ends", "(old_secret_cipher IS NULL) = (old_until IS NULL)"
        )
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_delivery_endpoint", ["endpoint_id", "id"], unique=False)


def _create_change() -> None:
    op.create_table(
        "merchant_change",
        _uuid("id"),
        _uuid("merchant_id"),
        _text("division", 12),
        _text("state", 10),
        _text("slot", 36),
        _text("source", 8),
        _document("before"),
        _document("after"),
        _text("maker", 80),
        _text("maker_person", 64),
        _moment("made_at"),
        _text("decider", 80, nullable=True),
        _text("decider_person", 64, nullable=True),
        _moment("decided_at", nullable=True),
        _text("reason", 200),
        sa.CheckConstraint(
            "state IN ('done','proposed','confirmed','declined','withdrawn')", name="ck_merchant_change_state"
        ),
        sa.CheckConstraint("(state = 'proposed') = (slot = 'open')", name="ck_merchant_change_slot"),
        sa.CheckConstraint("source IN ('portal','console','sheet','sign_up')", name="ck_merchant_change_source"),
        sa.CheckConstraint(
            "state NOT IN ('confirmed','declined') OR (decider_person IS NOT NULL AND decider_person <> maker_person)",
            name="ck_merchant_change_decided_by_another",
        ),
        sa.CheckConstraint("state <> 'declined' OR reason <> ''", name="ck_merchant_change_declined_with_reason"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_change")),
        sa.UniqueConstraint("merchant_id", "slot", name="uq_merchant_change_merchant_slot"),
    )
    with op.batch_alter_table("merchant_change", schema=None) as batch_op:
        batch_op.create_index("ix_merchant_change_division", ["division", "state"], unique=False)
        batch_op.create_index("ix_merchant_change_merchant", ["merchant_id", "made_at"], unique=False)


def _create_invitation() -> None:
    op.create_table(
        "merchant_invitation",
        _uuid("id"),
        _uuid("merchant_id"),
        _text("role", 16),
        _text("invitee", 40),
        _text("digest", 64),
        _text("totp_cipher", 200),
        _text("state", 10),
        _text("invited_by", 80),
        _moment("created_at"),
        _moment("expires_at"),
        _uuid("account_id", nullable=True),
        _moment("settled_at", nullable=True),
        sa.CheckConstraint(f"role IN {_ROLES}", name="ck_merchant_invitation_role"),
        sa.CheckConstraint("state IN ('open','accepted','revoked')", name="ck_merchant_invitation_state"),
        sa.CheckConstraint(
            "(state = 'accepted') = (account_id IS NOT NULL)", name="ck_merchant_invitation_accepted_by_somebody"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_invitation")),
        sa.UniqueConstraint("digest", name="uq_merchant_invitation_digest"),
    )
    with op.batch_alter_table("merchant_invitation", schema=None) as batch_op:
        batch_op.create_index("ix_merchant_invitation_merchant", ["merchant_id", "state"], unique=False)


def _create_application() -> None:
    op.create_table(
        "merchant_application",
        _uuid("id"),
        _text("uscc", 18),
        _text("slot", 36),
        _text("name", 120),
        _text("trade", 24),
        _text("division", 12),
        _text("address", 200),
        _text("phone", 24),
        sa.Column("licence_date", sa.Date(), autoincrement=False, nullable=False),
        _text("contact_cipher", 300),
        _text("digest", 64),
        _text("state", 10),
        _moment("made_at"),
        _uuid("merchant_id", nullable=True),
        _text("decided_by", 80, nullable=True),
        _moment("decided_at", nullable=True),
        _text("reason", 200),
        sa.CheckConstraint("state IN ('waiting','confirmed','declined')", name="ck_merchant_application_state"),
        sa.CheckConstraint("(state = 'waiting') = (slot = 'open')", name="ck_merchant_application_slot"),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_by IS NULL)", name="ck_merchant_application_decided_by_somebody"
        ),
        sa.CheckConstraint(
            "(state = 'confirmed') = (merchant_id IS NOT NULL)", name="ck_merchant_application_confirmed_makes_a_shop"
        ),
        sa.CheckConstraint("state <> 'declined' OR reason <> ''", name="ck_merchant_application_declined_with_reason"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_application")),
        sa.UniqueConstraint("digest", name="uq_merchant_application_digest"),
        sa.UniqueConstraint("uscc", "slot", name="uq_merchant_application_uscc_slot"),
    )
    with op.batch_alter_table("merchant_application", schema=None) as batch_op:
        batch_op.create_index("ix_merchant_application_division", ["division", "state"], unique=False)


def _uuid(name: str, *, nullable: bool = False) -> sa.Column[object]:
    kind = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), autoincrement=False, nullable=nullable)


def _document(name: str) -> sa.Column[object]:
    kind = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), autoincrement=False, nullable=nullable)


def downgrade() -> None:
    """Go back; what the older schema cannot say is said as it would: revoked is closed, a manager is a clerk."""
    for table in ("merchant_application", "merchant_invitation", "merchant_change"):
        op.drop_table(table)
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_delivery_endpoint")
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.drop_constraint("ck_webhook_endpoint_old_secret_ends", type_="check")
        batch_op.drop_column("old_until")
        batch_op.drop_column("old_secret_cipher")
    op.execute("UPDATE merchant_operator SET role = 'clerk' WHERE role = 'manager'")
    with op.batch_alter_table("merchant_operator", schema=None) as batch_op:
        batch_op.drop_constraint("ck_merchant_operator_role", type_="check")
        batch_op.create_check_constraint("merchant_operator_role_known", "role IN ('owner', 'clerk')")
    op.execute("UPDATE merchant SET status = 'closed' WHERE status = 'revoked'")
    with op.batch_alter_table("merchant", schema=None) as batch_op:
        batch_op.drop_constraint("ck_merchant_opened_with_a_licence", type_="check")
        batch_op.drop_constraint("ck_merchant_revoked_with_reason", type_="check")
        batch_op.drop_constraint("ck_merchant_status", type_="check")
        batch_op.create_check_constraint("merchant_status_known", "status IN ('open', 'closed')")
        batch_op.drop_column("status_reason")
        batch_op.drop_column("opened_on")
