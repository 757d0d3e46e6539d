"""Rewards come again with the scene's next period, one at a time a resident or household; what is over is closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_STATES = "state IN ('waiting','given','closed','ended')"
_GIVEN = "state NOT IN ('given','closed') OR (entitlement_id IS NOT NULL AND granted_at IS NOT NULL)"
_ID = "CAST(id AS VARCHAR(36))"
_TURN = "CASE WHEN g.policy LIKE 'campaign%' AND LENGTH(g.policy) = 40 THEN 'ever' ELSE e.period END"
# Of several of one resident, policy and period the first has the turn; the others keep their own id.
_FIRST_OF_TURN = f"""
UPDATE reward_grant SET turn = firsts.turn FROM (
  SELECT g.id AS grant_id, {_TURN} AS turn,
    ROW_NUMBER() OVER (PARTITION BY g.resident_id, g.policy, {_TURN} ORDER BY g.granted_at, g.id) AS place
  FROM reward_grant AS g JOIN entitlement AS e ON e.id = g.entitlement_id WHERE e.state <> 'withdrawn'
) AS firsts WHERE firsts.grant_id = reward_grant.id AND firsts.place = 1
"""  # noqa: S608 -- no word of anybody's
_HOLDS = """
INSERT INTO reward_hold (id, grant_id, policy, holder_id, resident_id)
SELECT g.id, g.id, g.policy, g.resident_id, g.resident_id FROM reward_grant AS g WHERE g.state = 'given'
AND NOT EXISTS (SELECT 1 FROM reward_grant AS o WHERE o.state = 'given' AND o.resident_id = g.resident_id
  AND o.policy = g.policy AND o.id < g.id)
"""


def upgrade() -> None:
    op.create_table(
        "reward_hold",
        sa.Column("id", _UUID, autoincrement=False, nullable=False),
        sa.Column("grant_id", _UUID, autoincrement=False, nullable=False),
        sa.Column("policy", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("holder_id", _UUID, autoincrement=False, nullable=False),
        sa.Column("resident_id", _UUID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_hold")),
        sa.UniqueConstraint("policy", "resident_id", name="uq_reward_hold_policy_resident"),
    )
    with op.batch_alter_table("reward_hold", schema=None) as batch_op:
        batch_op.create_index("ix_reward_hold_grant", ["grant_id"], unique=False)
    with op.batch_alter_table("reward_grant", schema=None) as batch_op:
        batch_op.drop_constraint("uq_reward_grant_entry_policy", type_="unique")
        batch_op.drop_constraint("uq_reward_grant_policy_slot", type_="unique")
        batch_op.drop_constraint("ck_reward_grant_state", type_="check")
        batch_op.drop_constraint("ck_reward_grant_given", type_="check")
        batch_op.drop_index("ix_reward_grant_resident")
        batch_op.alter_column(
            "slot", new_column_name="turn", existing_type=sa.String(length=36), existing_nullable=False
        )
    op.execute(f"UPDATE reward_grant SET turn = {_ID}")  # noqa: S608 -- no word of anybody's
    op.execute("UPDATE reward_grant SET turn = CAST(entry_id AS VARCHAR(36)) WHERE entitlement_id IS NULL")
    op.execute(_FIRST_OF_TURN)
    op.execute(_HOLDS)
    with op.batch_alter_table("reward_grant", schema=None) as batch_op:
        batch_op.create_unique_constraint("uq_reward_grant_resident_policy_turn", ["resident_id", "policy", "turn"])
        batch_op.create_check_constraint("ck_reward_grant_state", _STATES)
        batch_op.create_check_constraint("ck_reward_grant_given", _GIVEN)
        batch_op.create_index("ix_reward_grant_entry", ["entry_id", "policy"], unique=False)


def downgrade() -> None:
    """Keep of each entry and policy what was put down last; that a household holds one is no longer known."""
    op.drop_table("reward_hold")
    op.execute(
        "DELETE FROM reward_grant WHERE EXISTS (SELECT 1 FROM reward_grant AS o WHERE o.entry_id = reward_grant.entry_id"
        " AND o.policy = reward_grant.policy AND (o.made_at > reward_grant.made_at"
        " OR (o.made_at = reward_grant.made_at AND o.id > reward_grant.id)))"
    )
    op.execute("UPDATE reward_grant SET state = 'ended' WHERE state = 'closed'")
    op.execute(f"UPDATE reward_grant SET turn = {_ID}")  # noqa: S608 -- no word of anybody's
    with op.batch_alter_table("reward_grant", schema=None) as batch_op:
        batch_op.drop_index("ix_reward_grant_entry")
        batch_op.drop_constraint("uq_reward_grant_resident_policy_turn", type_="unique")
        batch_op.drop_constraint("ck_reward_grant_state", type_="check")
        batch_op.drop_constraint("ck_reward_grant_given", type_="check")
        batch_op.alter_column(
            "turn", new_column_name="slot", existing_type=sa.String(length=36), existing_nullable=False
        )
    with op.batch_alter_table("reward_grant", schema=None) as batch_op:
        batch_op.create_unique_constraint("uq_reward_grant_entry_policy", ["entry_id", "policy"])
        batch_op.create_unique_constraint("uq_reward_grant_policy_slot", ["policy", "slot"])
        batch_op.create_check_constraint("ck_reward_grant_state", "state IN ('waiting','given','ended')")
        batch_op.create_check_constraint(
            "ck_reward_grant_given", "state <> 'given' OR (entitlement_id IS NOT NULL AND granted_at IS NOT NULL)"
        )
        batch_op.create_index("ix_reward_grant_resident", ["resident_id"], unique=False)
