"""A list gives several rewards by policy, each given, waiting with its reason, or ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)
_ADDED = (
    ("policy", sa.String(length=40), "checkup"),
    ("state", sa.String(length=10), "given"),
    ("slot", sa.String(length=36), ""),
    ("reason_zh", sa.String(length=400), ""),
    ("reason_en", sa.String(length=800), ""),
    ("tries", sa.Integer(), "0"),
)


def upgrade() -> None:
    with op.batch_alter_table("reward_grant", schema=None) as batch_op:
        for name, kind, value in _ADDED:
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        batch_op.add_column(sa.Column("decision_id", _UUID, nullable=True))
        for name in ("made_at", "try_at", "ended_at"):
            batch_op.add_column(sa.Column(name, _TIME, nullable=True))
    op.execute(
        "UPDATE reward_grant SET made_at = granted_at, slot = CAST(id AS VARCHAR(36)), reason_zh = '因列入红名单发放',"
        " reason_en = 'Given for the place on the red list'"
    )
    op.execute(
        "UPDATE reward_grant SET state = 'ended', ended_at = granted_at WHERE entry_id IN"
        " (SELECT id FROM honor_entry WHERE state IN ('repaired','expired','revoked'))"
    )
    with op.batch_alter_table("reward_grant", schema=None) as batch_op:
        for name, kind, _ in _ADDED:
            batch_op.alter_column(name, server_default=None, existing_type=kind, existing_nullable=False)
        batch_op.alter_column("made_at", existing_type=_TIME, nullable=False)
        batch_op.alter_column("granted_at", existing_type=_TIME, nullable=True)
        batch_op.alter_column("entitlement_id", existing_type=_UUID, nullable=True)
        batch_op.drop_constraint("uq_reward_grant_entry_id", type_="unique")
        batch_op.create_unique_constraint("uq_reward_grant_entry_policy", ["entry_id", "policy"])
        batch_op.create_unique_constraint("uq_reward_grant_policy_slot", ["policy", "slot"])
        batch_op.create_check_constraint("ck_reward_grant_state", "state IN ('waiting','given','ended')")
        batch_op.create_check_constraint(
            "ck_reward_grant_given", "state <> 'given' OR (entitlement_id IS NOT NULL AND granted_at IS NOT NULL)"
        )
        batch_op.create_check_constraint("ck_reward_grant_waiting", "(state = 'waiting') = (try_at IS NOT NULL)")
        batch_op.create_index("ix_reward_grant_due", ["state", "try_at"], unique=False)
        batch_op.create_index("ix_reward_grant_resident", ["resident_id"], unique=False)
        batch_op.create_index("ix_reward_grant_entitlement", ["entitlement_id"], unique=False)


def downgrade() -> None:
    """Keep what was given of one scene for each entry; what waits and what else was given is no longer known."""
    op.execute("DELETE FROM reward_grant WHERE entitlement_id IS NULL OR policy <> 'checkup'")
    with op.batch_alter_table("reward_grant", schema=None) as batch_op:
        for name in ("due", "resident", "entitlement"):
            batch_op.drop_index(f"ix_reward_grant_{name}")
        for name in ("state", "given", "waiting"):
            batch_op.drop_constraint(f"ck_reward_grant_{name}", type_="check")
        batch_op.drop_constraint("uq_reward_grant_policy_slot", type_="unique")
        batch_op.drop_constraint("uq_reward_grant_entry_policy", type_="unique")
        batch_op.create_unique_constraint("uq_reward_grant_entry_id", ["entry_id"])
        batch_op.alter_column("entitlement_id", existing_type=_UUID, nullable=False)
        batch_op.alter_column("granted_at", existing_type=_TIME, nullable=False)
        for name in ("decision_id", "made_at", "try_at", "ended_at", *(name for name, _, _ in _ADDED)):
            batch_op.drop_column(name)
