"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("username", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("password_hash", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("totp_cipher", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("totp_last_step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("display_name", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column(
            "roles",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("division", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("active", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint("kind IN ('operator','staff')", name="ck_account_kind"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("actor", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("object_kind", sa.String(length=32), autoincrement=False, nullable=False),
        sa.Column("object_id", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column(
            "detail",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("digest", sa.String(length=64), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("sequence", name=op.f("uq_audit_entry_sequence")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entry_object", ["object_kind", "object_id"], unique=False)

    op.create_table(
        "complaint",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column(
            "merchant_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("division", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("phone_cipher", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("phone_index", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("anonymous", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("wish", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("accept_by", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("answer_by", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("close_by", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("paused_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("reopened", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("answered_in_time", sa.Boolean(), autoincrement=False, nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("reminded_state", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "state IN ('submitted', 'accepted', 'waiting_merchant', 'waiting_consumer', 'mediation', 'resolved', 'reopened', 'confirmed', 'closed_unresolved', 'rejected', 'withdrawn')",
            name="complaint_state_known",
        ),
        sa.CheckConstraint("reopened BETWEEN 0 AND 2", name="complaint_reopened_twice_at_most"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("number", name="complaint_number_once"),
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index("complaint_division", ["division", "state"], unique=False)
        batch_op.create_index("complaint_merchant", ["merchant_id", "state"], unique=False)
        batch_op.create_index("complaint_phone", ["phone_index"], unique=False)
        batch_op.create_index("complaint_resident", ["resident_id"], unique=False)
        batch_op.create_index("complaint_state", ["state"], unique=False)

    op.create_table(
        "complaint_picture",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "complaint_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("file_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("place BETWEEN 1 AND 4", name="complaint_picture_four_at_most"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_picture")),
        sa.UniqueConstraint("complaint_id", "place", name="complaint_picture_place_once"),
    )
    op.create_table(
        "complaint_step",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "complaint_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("event", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("actor_kind", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("actor_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("text", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_step")),
    )
    with op.batch_alter_table("complaint_step", schema=None) as batch_op:
        batch_op.create_index("complaint_step_complaint", ["complaint_id", "at"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("purpose", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("slot", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text_digest", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.CheckConstraint("state IN ('granted','withdrawn','expired','superseded')", name="ck_consent_state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("resident_id", "purpose", "slot", name="uq_consent_resident_purpose_slot"),
    )
    op.create_table(
        "credit_read",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("reader", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column(
            "consent_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("outcome", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint("outcome = 'refused' OR consent_id IS NOT NULL", name="ck_credit_read_names_its_consent"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_read")),
    )
    with op.batch_alter_table("credit_read", schema=None) as batch_op:
        batch_op.create_index("ix_credit_read_resident", ["resident_id", "at"], unique=False)

    op.create_table(
        "credit_snapshot",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("standing", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("black_listed", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column(
            "consent_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.CheckConstraint("standing IN ('good','minor','general','serious')", name="ck_credit_snapshot_standing"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_snapshot")),
        sa.UniqueConstraint("resident_id", name=op.f("uq_credit_snapshot_resident_id")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("scenario", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column(
            "requires",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "inputs",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "trace",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint("verdict IN ('eligible','not_eligible','unknown')", name="ck_decision_verdict"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_resident", ["resident_id", "at"], unique=False)

    op.create_table(
        "entitlement",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("scenario", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("period", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("slot", sa.String(length=56), autoincrement=False, nullable=False),
        sa.Column(
            "quota_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "decision_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("state", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column(
            "benefit",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("reserved_until", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("reason", sa.String(length=200), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "state IN ('reserved','issued','redeemed','reversed','expired','cancelled','withdrawn','suspended')",
            name="ck_entitlement_state",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement")),
        sa.UniqueConstraint("code", name=op.f("uq_entitlement_code")),
        sa.UniqueConstraint("scenario", "resident_id", "slot", name="uq_entitlement_scenario_resident_slot"),
    )
    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.create_index("ix_entitlement_due", ["state", "valid_until"], unique=False)
        batch_op.create_index("ix_entitlement_resident", ["resident_id", "created_at"], unique=False)

    op.create_table(
        "honest_award",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "merchant_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("awarded_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("valid_until", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("document_no", sa.String(length=80), autoincrement=False, nullable=False),
        sa.CheckConstraint("state IN ('granted', 'withdrawn')", name="honest_award_state_known"),
        sa.CheckConstraint("valid_until >= awarded_on", name="honest_award_ends_after_start"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honest_award")),
    )
    with op.batch_alter_table("honest_award", schema=None) as batch_op:
        batch_op.create_index("honest_award_merchant", ["merchant_id", "state"], unique=False)

    op.create_table(
        "honor_list",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("division", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column(
            "maker_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("maker_person", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column(
            "reviewer_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("comment", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.CheckConstraint("state IN ('draft','in_review','approved')", name="ck_honor_list_state"),
        sa.CheckConstraint(
            "reviewer_id IS NULL OR reviewer_id <> maker_id", name="ck_honor_list_reviewer_is_not_maker"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honor_list")),
    )
    with op.batch_alter_table("honor_list", schema=None) as batch_op:
        batch_op.create_index("ix_honor_list_division", ["division", "state"], unique=False)

    op.create_table(
        "idempotency_record",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=160), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=128), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("status", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "body",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint("state IN ('running','done')", name="ck_idempotency_record_state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_record")),
        sa.UniqueConstraint("scope", "key", name="uq_idempotency_record_scope_key"),
    )
    with op.batch_alter_table("idempotency_record", schema=None) as batch_op:
        batch_op.create_index("ix_idempotency_record_expires", ["expires_at"], unique=False)

    op.create_table(
        "job_lease",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("last_count", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_error", sa.String(length=200), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_lease")),
        sa.UniqueConstraint("name", name=op.f("uq_job_lease_name")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("journal", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column(
            "quota_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "entitlement_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("account", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("amount", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint("amount <> 0", name="ck_ledger_entry_amount"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entry_entitlement", ["entitlement_id"], unique=False)
        batch_op.create_index("ix_ledger_entry_quota_account", ["quota_id", "account"], unique=False)

    op.create_table(
        "merchant",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("uscc", sa.String(length=18), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), autoincrement=False, nullable=False),
        sa.Column("trade", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("division", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("phone", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("licence_date", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column(
            "picture_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name="merchant_status_known"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant")),
        sa.UniqueConstraint("code", name="merchant_code_once"),
        sa.UniqueConstraint("uscc", name="merchant_uscc_once"),
    )
    with op.batch_alter_table("merchant", schema=None) as batch_op:
        batch_op.create_index("merchant_division", ["division"], unique=False)

    op.create_table(
        "merchant_operator",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "account_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "merchant_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("role", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint("role IN ('owner', 'clerk')", name="merchant_operator_role_known"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_operator")),
        sa.UniqueConstraint("account_id", name="merchant_operator_account_once"),
    )
    with op.batch_alter_table("merchant_operator", schema=None) as batch_op:
        batch_op.create_index("merchant_operator_merchant", ["merchant_id"], unique=False)

    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("phone_index", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("attempts", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.create_index("ix_one_time_code_phone", ["phone_index", "created_at"], unique=False)

    op.create_table(
        "outbox_event",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("audience", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column(
            "payload",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("routed", sa.Boolean(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_event")),
    )
    with op.batch_alter_table("outbox_event", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_event_audience", ["audience", "created_at"], unique=False)
        batch_op.create_index("ix_outbox_event_due", ["routed", "created_at"], unique=False)

    op.create_table(
        "partner",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("secret_hash", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column(
            "scopes",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("client_id", name=op.f("uq_partner_client_id")),
    )
    op.create_table(
        "quota",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("scenario", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("total", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("used", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_open", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint("used >= 0 AND used <= total", name="ck_quota_used_within_total"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint("scenario", "period", name="uq_quota_scenario_period"),
    )
    op.create_table(
        "redemption",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "entitlement_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("slot", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("scenario", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column(
            "merchant_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("actor", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("price_fen", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("discount_fen", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("reversed_by", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("reversal_reason", sa.String(length=200), autoincrement=False, nullable=False),
        sa.CheckConstraint("channel IN ('portal','partner')", name="ck_redemption_channel"),
        sa.CheckConstraint(
            "discount_fen IS NULL OR (discount_fen >= 0 AND discount_fen <= price_fen)", name="ck_redemption_discount"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption")),
        sa.UniqueConstraint("entitlement_id", "slot", name="uq_redemption_entitlement_slot"),
    )
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.create_index("ix_redemption_merchant", ["merchant_id", "redeemed_at"], unique=False)

    op.create_table(
        "refresh_token",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("family", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("digest", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_refresh_token_digest")),
    )
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.create_index("ix_refresh_token_family", ["family"], unique=False)

    op.create_table(
        "resident",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("phone_cipher", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("phone_index", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("name_cipher", sa.String(length=300), autoincrement=False, nullable=False),
        sa.Column("identity_cipher", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("identity_index", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("birth_date", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("division", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("active", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
        sa.UniqueConstraint("identity_index", name=op.f("uq_resident_identity_index")),
        sa.UniqueConstraint("phone_index", name=op.f("uq_resident_phone_index")),
    )
    op.create_table(
        "reward_grant",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "entry_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("scenario", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column(
            "entitlement_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("granted_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_grant")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_reward_grant_entry_id")),
    )
    op.create_table(
        "service_order",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "partner_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("out_order_no", sa.String(length=32), autoincrement=False, nullable=False),
        sa.Column("scenario", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column(
            "entitlement_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("state", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("waived_deposit_fen", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "fee_items",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("completed_fen", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("amount_fen", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("paid_elsewhere", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=200), autoincrement=False, nullable=False),
        sa.CheckConstraint("state IN ('created','doing','done','revoked','expired')", name="ck_service_order_state"),
        sa.CheckConstraint(
            "amount_fen IS NULL OR (amount_fen >= 0 AND amount_fen <= completed_fen)",
            name="ck_service_order_amount_only_falls",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_order")),
        sa.UniqueConstraint("partner_id", "out_order_no", name="uq_service_order_partner_number"),
    )
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.create_index("ix_service_order_due", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_service_order_resident", ["resident_id", "state"], unique=False)

    op.create_table(
        "sticker",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("serial", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column(
            "merchant_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kid", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("revoke_reason", sa.String(length=200), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sticker")),
        sa.UniqueConstraint("serial", name="sticker_serial_once"),
    )
    with op.batch_alter_table("sticker", schema=None) as batch_op:
        batch_op.create_index("sticker_merchant", ["merchant_id"], unique=False)

    op.create_table(
        "stored_file",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("size_bytes", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("width", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("height", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    op.create_table(
        "web_session",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("surface", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column(
            "subject_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.CheckConstraint("surface IN ('app','portal','console')", name="ck_web_session_surface"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_web_session_digest")),
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("audience", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("url", sa.String(length=500), autoincrement=False, nullable=False),
        sa.Column(
            "topics",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("secret_cipher", sa.String(length=300), autoincrement=False, nullable=False),
        sa.Column("active", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_endpoint_audience", ["audience"], unique=False)

    op.create_table(
        "honor_entry",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("slot", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("display_suspended", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("name_cipher", sa.String(length=300), autoincrement=False, nullable=False),
        sa.Column("identity_cipher", sa.String(length=300), autoincrement=False, nullable=False),
        sa.Column("identity_index", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("search_index", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("name_masked", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("identity_masked", sa.String(length=24), autoincrement=False, nullable=False),
        sa.Column("deed", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("authority", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("document_no", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("end_reason", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column(
            "honor_list_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.CheckConstraint(
            "kind NOT LIKE 'black-%' OR (authority <> '' AND document_no <> '')",
            name="ck_honor_entry_black_has_document",
        ),
        sa.CheckConstraint(
            "state IN ('draft','in_review','noticed','published','repaired','expired','revoked')",
            name="ck_honor_entry_state",
        ),
        sa.ForeignKeyConstraint(
            ["honor_list_id"], ["honor_list.id"], name=op.f("fk_honor_entry_honor_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honor_entry")),
        sa.UniqueConstraint("kind", "slot", name="uq_honor_entry_kind_slot"),
    )
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.create_index("ix_honor_entry_due", ["state", "publish_at"], unique=False)
        batch_op.create_index("ix_honor_entry_identity", ["identity_index"], unique=False)
        batch_op.create_index("ix_honor_entry_kind_state", ["kind", "state"], unique=False)
        batch_op.create_index("ix_honor_entry_resident", ["resident_id"], unique=False)
        batch_op.create_index("ix_honor_entry_search", ["search_index"], unique=False)

    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("attempts", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("last_status", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column(
            "endpoint_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "event_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.CheckConstraint("state IN ('due','delivered','dead')", name="ck_webhook_delivery_state"),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_webhook_delivery_endpoint_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["outbox_event.id"], name=op.f("fk_webhook_delivery_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("event_id", "endpoint_id", name="uq_webhook_delivery_event_endpoint"),
    )
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_webhook_delivery_due", ["state", "next_at"], unique=False)

    op.create_table(
        "objection",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("slot", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("reason", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("decide_by", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column(
            "decided_by", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("decision_reason", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column(
            "entry_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.CheckConstraint("state IN ('open','upheld','dismissed')", name="ck_objection_state"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["honor_entry.id"], name=op.f("fk_objection_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("entry_id", "slot", name="uq_objection_entry_slot"),
    )


def downgrade() -> None:
    op.drop_table("objection")
    with op.batch_alter_table("webhook_delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_delivery_due")

    op.drop_table("webhook_delivery")
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_honor_entry_search")
        batch_op.drop_index("ix_honor_entry_resident")
        batch_op.drop_index("ix_honor_entry_kind_state")
        batch_op.drop_index("ix_honor_entry_identity")
        batch_op.drop_index("ix_honor_entry_due")

    op.drop_table("honor_entry")
    with op.batch_alter_table("webhook_endpoint", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_endpoint_audience")

    op.drop_table("webhook_endpoint")
    op.drop_table("web_session")
    op.drop_table("stored_file")
    with op.batch_alter_table("sticker", schema=None) as batch_op:
        batch_op.drop_index("sticker_merchant")

    op.drop_table("sticker")
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.drop_index("ix_service_order_resident")
        batch_op.drop_index("ix_service_order_due")

    op.drop_table("service_order")
    op.drop_table("reward_grant")
    op.drop_table("resident")
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.drop_index("ix_refresh_token_family")

    op.drop_table("refresh_token")
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.drop_index("ix_redemption_merchant")

    op.drop_table("redemption")
    op.drop_table("quota")
    op.drop_table("partner")
    with op.batch_alter_table("outbox_event", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_event_due")
        batch_op.drop_index("ix_outbox_event_audience")

    op.drop_table("outbox_event")
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.drop_index("ix_one_time_code_phone")

    op.drop_table("one_time_code")
    with op.batch_alter_table("merchant_operator", schema=None) as batch_op:
        batch_op.drop_index("merchant_operator_merchant")

    op.drop_table("merchant_operator")
    with op.batch_alter_table("merchant", schema=None) as batch_op:
        batch_op.drop_index("merchant_division")

    op.drop_table("merchant")
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_entry_quota_account")
        batch_op.drop_index("ix_ledger_entry_entitlement")

    op.drop_table("ledger_entry")
    op.drop_table("job_lease")
    with op.batch_alter_table("idempotency_record", schema=None) as batch_op:
        batch_op.drop_index("ix_idempotency_record_expires")

    op.drop_table("idempotency_record")
    with op.batch_alter_table("honor_list", schema=None) as batch_op:
        batch_op.drop_index("ix_honor_list_division")

    op.drop_table("honor_list")
    with op.batch_alter_table("honest_award", schema=None) as batch_op:
        batch_op.drop_index("honest_award_merchant")

    op.drop_table("honest_award")
    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.drop_index("ix_entitlement_resident")
        batch_op.drop_index("ix_entitlement_due")

    op.drop_table("entitlement")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_resident")

    op.drop_table("decision")
    op.drop_table("credit_snapshot")
    with op.batch_alter_table("credit_read", schema=None) as batch_op:
        batch_op.drop_index("ix_credit_read_resident")

    op.drop_table("credit_read")
    op.drop_table("consent")
    with op.batch_alter_table("complaint_step", schema=None) as batch_op:
        batch_op.drop_index("complaint_step_complaint")

    op.drop_table("complaint_step")
    op.drop_table("complaint_picture")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index("complaint_state")
        batch_op.drop_index("complaint_resident")
        batch_op.drop_index("complaint_phone")
        batch_op.drop_index("complaint_merchant")
        batch_op.drop_index("complaint_division")

    op.drop_table("complaint")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_object")

    op.drop_table("audit_entry")
    op.drop_table("account")
