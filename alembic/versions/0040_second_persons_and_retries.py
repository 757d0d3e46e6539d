"""Deaths and repairs by two persons; what the bureau's feed tries again or leaves to the office; a third reminder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_PERSON = sa.String(length=64)
_FEED_OUTCOME = "outcome = 'taken' OR (outcome {} AND reason_zh <> '')"
_FEED: tuple[tuple[str, sa.types.TypeEngine[object], str], ...] = (
    ("tries", sa.SmallInteger(), "1"),
    ("fields_cipher", sa.Text(), ""),
    ("settled_by", sa.String(length=80), ""),
    ("note", sa.String(length=400), ""),
)
_DEATH: tuple[tuple[str, sa.types.TypeEngine[object], str], ...] = (
    ("slot", sa.String(length=64), ""),
    ("state", sa.String(length=10), "confirmed"),
    ("reported_person", _PERSON, ""),
    ("confirmed_person", _PERSON, ""),
    ("contested_person", _PERSON, ""),
    ("reversed_person", _PERSON, ""),
    ("reason", sa.String(length=400), ""),
)
_DEATH_CHECKS = {
    "state": "state IN ('reported','confirmed','contested','withdrawn','reversed')",
    "slot": "(slot = identity_index) = (state IN ('reported','confirmed','contested'))",
    "confirmed": "(confirmed_at IS NOT NULL) = (state IN ('confirmed','contested','reversed'))",
    "confirmed_by_another": "confirmed_person = '' OR confirmed_person <> reported_person",
    "contested": "state NOT IN ('contested','reversed') OR (contested_person <> '' AND reason <> '')",
    "reversed_by_another": "state <> 'reversed' OR (reversed_person <> '' AND reversed_person <> contested_person)",
}


def upgrade() -> None:
    _upgrade_feed()
    _upgrade_deaths()
    _upgrade_repairs()


def _upgrade_feed() -> None:
    _add("bureau_feed", _FEED)
    with op.batch_alter_table("bureau_feed", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settled_at", _TIME, nullable=True))
        batch_op.drop_constraint("ck_bureau_feed_outcome", type_="check")
        batch_op.create_check_constraint("ck_bureau_feed_outcome", _FEED_OUTCOME.format("IN ('refused','waiting')"))
        batch_op.create_check_constraint("ck_bureau_feed_waiting", "(outcome = 'waiting') = (fields_cipher <> '')")
        batch_op.create_check_constraint(
            "ck_bureau_feed_settled",
            "settled_at IS NULL OR (outcome = 'refused' AND note <> '' AND settled_by <> '')",
        )


def _upgrade_deaths() -> None:
    """What one person put down before has ended what it could; it stands as confirmed, and two can reverse it."""
    _add("person_death", _DEATH)
    with op.batch_alter_table("person_death", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", _TIME, nullable=True))
        batch_op.add_column(sa.Column("changed_at", _TIME, nullable=True))
    op.execute("UPDATE person_death SET slot = identity_index, confirmed_at = put_down_at, changed_at = put_down_at")
    with op.batch_alter_table("person_death", schema=None) as batch_op:
        batch_op.alter_column("changed_at", existing_type=_TIME, nullable=False)
        batch_op.drop_constraint("uq_person_death_identity_index", type_="unique")
        batch_op.create_unique_constraint("uq_person_death_slot", ["slot"])
        for name, check in _DEATH_CHECKS.items():
            batch_op.create_check_constraint(f"ck_person_death_{name}", check)
        batch_op.create_index("ix_person_death_identity", ["identity_index"], unique=False)


def _upgrade_repairs() -> None:
    _add("repair_request", (("passed_on_person", _PERSON, ""), ("decided_person", _PERSON, "")))
    _add("measure_deferral", (("decided_person", _PERSON, ""), ("kept_person", _PERSON, "")))
    with op.batch_alter_table("repair_request", schema=None) as batch_op:
        batch_op.create_check_constraint(
            "ck_repair_request_by_another", "decided_person = '' OR decided_person <> passed_on_person"
        )
    with op.batch_alter_table("measure_deferral", schema=None) as batch_op:
        batch_op.create_check_constraint(
            "ck_measure_deferral_by_another", "kept_person = '' OR kept_person <> decided_person"
        )
    with op.batch_alter_table("listing_reminder", schema=None) as batch_op:
        batch_op.drop_constraint("ck_listing_reminder_about", type_="check")
        batch_op.create_check_constraint("ck_listing_reminder_about", "about IN ('measure','repairable','ends')")


def _add(table: str, columns: tuple[tuple[str, sa.types.TypeEngine[object], str], ...]) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for name, kind, value in columns:
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=value))
    with op.batch_alter_table(table, schema=None) as batch_op:
        for name, kind, _ in columns:
            batch_op.alter_column(name, server_default=None, existing_type=kind, existing_nullable=False)


def downgrade() -> None:
    """What waits is refused, and deaths that do not stand are gone: before there was no word for either."""
    op.execute("DELETE FROM listing_reminder WHERE about = 'measure'")
    with op.batch_alter_table("listing_reminder", schema=None) as batch_op:
        batch_op.drop_constraint("ck_listing_reminder_about", type_="check")
        batch_op.create_check_constraint("ck_listing_reminder_about", "about IN ('repairable','ends')")
    for table, names in (
        ("measure_deferral", ("decided_person", "kept_person")),
        ("repair_request", ("passed_on_person", "decided_person")),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(f"ck_{table}_by_another", type_="check")
            for name in names:
                batch_op.drop_column(name)
    _downgrade_deaths()
    op.execute("UPDATE bureau_feed SET outcome = 'refused' , fields_cipher = '' WHERE outcome = 'waiting'")
    with op.batch_alter_table("bureau_feed", schema=None) as batch_op:
        for name in ("outcome", "waiting", "settled"):
            batch_op.drop_constraint(f"ck_bureau_feed_{name}", type_="check")
        batch_op.create_check_constraint("ck_bureau_feed_outcome", _FEED_OUTCOME.format("= 'refused'"))
        for name in ("settled_at", *(name for name, _, _ in _FEED)):
            batch_op.drop_column(name)


def _downgrade_deaths() -> None:
    op.execute("DELETE FROM person_death WHERE state NOT IN ('confirmed','contested')")
    with op.batch_alter_table("person_death", schema=None) as batch_op:
        batch_op.drop_index("ix_person_death_identity")
        for name in _DEATH_CHECKS:
            batch_op.drop_constraint(f"ck_person_death_{name}", type_="check")
        batch_op.drop_constraint("uq_person_death_slot", type_="unique")
        batch_op.create_unique_constraint("uq_person_death_identity_index", ["identity_index"])
        for name in ("confirmed_at", "changed_at", *(name for name, _, _ in _DEATH)):
            batch_op.drop_column(name)
