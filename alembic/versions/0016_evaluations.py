"""The honest-merchant evaluation: rounds, candidates, consents, findings, survey answers, objections, withdrawals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = (
    "award_withdrawal",
    "evaluation_challenge",
    "survey_answer",
    "evaluation_finding",
    "evaluation_consent",
    "evaluation_candidate",
    "evaluation_round",
)


def upgrade() -> None:
    _create_round()
    _create_candidate()
    _create_inputs()
    _create_challenge()
    _create_withdrawal()


def _create_round() -> None:
    op.create_table(
        "evaluation_round",
        _uuid("id"),
        _text("title", 80),
        _text("criteria", 16),
        _text("state", 12),
        _day("opens_on"),
        _day("closes_on"),
        _day("survey_from"),
        _day("survey_until"),
        _small("notice_days"),
        _small("validity_days"),
        _day("notice_until", nullable=True),
        _text("document_no", 60),
        _text("cursor", 36),
        _text("compute_asked", 80),
        _uuid("maker_id"),
        _text("maker_person", 64),
        _text("noticed_person", 64),
        _text("awarded_person", 64),
        _moment("created_at"),
        _moment("changed_at"),
        sa.CheckConstraint(
            "state IN ('draft','open','computed','noticed','awarded','cancelled')", name="ck_evaluation_round_state"
        ),
        sa.CheckConstraint(
            "opens_on <= survey_from AND survey_from <= survey_until AND survey_until <= closes_on",
            name="ck_evaluation_round_days",
        ),
        sa.CheckConstraint(
            "noticed_person <> maker_person AND awarded_person <> maker_person", name="ck_evaluation_round_two_persons"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_round")),
    )
    _index("evaluation_round", "ix_evaluation_round_state", "state")


def _create_candidate() -> None:
    op.create_table(
        "evaluation_candidate",
        _uuid("id"),
        _uuid("round_id"),
        _uuid("merchant_id"),
        _text("outcome", 12),
        _small("total", nullable=True),
        sa.Column("named", sa.Boolean(), autoincrement=False, nullable=False),
        _words("inputs"),
        _words("result"),
        _text("digest", 64),
        _uuid("award_id", nullable=True),
        sa.CheckConstraint(
            "outcome IN ('passed','below','cannot_tell','veto','too_young','closed')",
            name="ck_evaluation_candidate_outcome",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_candidate")),
        sa.UniqueConstraint("round_id", "merchant_id", name="uq_evaluation_candidate_merchant"),
    )
    _index("evaluation_candidate", "ix_evaluation_candidate_named", "round_id", "named", "total")
    _index("evaluation_candidate", "ix_evaluation_candidate_merchant", "merchant_id")


def _create_inputs() -> None:
    op.create_table(
        "evaluation_consent",
        _uuid("id"),
        _uuid("merchant_id"),
        _text("slot", 36),
        _uuid("granted_by"),
        _moment("granted_at"),
        _moment("withdrawn_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_consent")),
        sa.UniqueConstraint("merchant_id", "slot", name="uq_evaluation_consent_live"),
    )
    op.create_table(
        "evaluation_finding",
        _uuid("id"),
        _uuid("round_id"),
        _uuid("merchant_id"),
        _text("kind", 12),
        _small("score"),
        _text("veto", 24),
        sa.CheckConstraint("kind IN ('veto','agency')", name="ck_evaluation_finding_kind"),
        sa.CheckConstraint("score BETWEEN 0 AND 1000", name="ck_evaluation_finding_score"),
        sa.CheckConstraint("(kind = 'veto') = (veto <> '')", name="ck_evaluation_finding_veto"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_finding")),
        sa.UniqueConstraint("round_id", "merchant_id", "kind", name="uq_evaluation_finding_kind"),
    )
    op.create_table(
        "survey_answer",
        _uuid("id"),
        _uuid("round_id"),
        _uuid("merchant_id"),
        _uuid("resident_id"),
        _small("points"),
        _moment("at"),
        sa.CheckConstraint("points BETWEEN 1 AND 5", name="ck_survey_answer_points"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answer")),
        sa.UniqueConstraint("round_id", "merchant_id", "resident_id", name="uq_survey_answer_resident"),
    )


def _create_challenge() -> None:
    op.create_table(
        "evaluation_challenge",
        _uuid("id"),
        _uuid("round_id"),
        _uuid("merchant_id"),
        sa.Column("by_merchant", sa.Boolean(), autoincrement=False, nullable=False),
        _text("name_cipher", 400),
        _text("phone_cipher", 400),
        _words("reason"),
        _text("state", 12),
        _text("decider_person", 64),
        _words("decision_reason"),
        _moment("created_at"),
        _moment("decided_at", nullable=True),
        sa.CheckConstraint("state IN ('open','upheld','dismissed')", name="ck_evaluation_challenge_state"),
        sa.CheckConstraint(
            "(state = 'open') = (decider_person = '')", name="ck_evaluation_challenge_decided_by_somebody"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_challenge")),
    )
    _index("evaluation_challenge", "ix_evaluation_challenge_round", "round_id", "state")


def _create_withdrawal() -> None:
    op.create_table(
        "award_withdrawal",
        _uuid("id"),
        _uuid("award_id"),
        _text("slot", 36),
        _text("state", 12),
        _words("reason"),
        _text("maker_person", 64),
        _text("decider_person", 64),
        _moment("made_at"),
        _moment("decided_at", nullable=True),
        sa.CheckConstraint("state IN ('proposed','confirmed','refused')", name="ck_award_withdrawal_state"),
        sa.CheckConstraint("decider_person <> maker_person", name="ck_award_withdrawal_two_persons"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_withdrawal")),
        sa.UniqueConstraint("award_id", "slot", name="uq_award_withdrawal_live"),
    )


def _index(table: str, name: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(name, list(columns), unique=False)


def _uuid(name: str, *, nullable: bool = False) -> sa.Column[object]:
    kind = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), autoincrement=False, nullable=False)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), autoincrement=False, nullable=False)


def _small(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), autoincrement=False, nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), autoincrement=False, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), autoincrement=False, nullable=nullable)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
