"""A valid row for every table, drawn from its columns, and for each CHECK the changes that it must refuse."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from support import violations_of_rewards

Change = dict[str, Any]

ONE = "00000000-0000-7000-8000-000000000001"
# Words that a CHECK allows, where a column cannot hold just any text or number.
_WORDS: dict[str, Change] = {
    **violations_of_rewards.WORDS,
    "webhook_delivery": {"state": "due"},
    "idempotency_record": {"state": "running"},
    "account": {"kind": "staff"},
    "web_session": {"surface": "app"},
    "consent": {"state": "granted"},
    "credit_read": {"outcome": "refused"},
    "credit_snapshot": {"standing": "good"},
    "honest_award": {"state": "granted"},
    "merchant": {"status": "open"},
    "merchant_operator": {"role": "owner"},
    "merchant_commitment": {"slot": "live"},
    "merchant_change": {"state": "proposed", "slot": "open", "source": "portal"},
    "merchant_invitation": {"role": "clerk", "state": "open"},
    "merchant_application": {"state": "waiting", "slot": "open"},
    "sticker": {"revoked_at": datetime(2026, 1, 1, tzinfo=UTC)},
    "sticker_copy_warning": {"slot": "open"},
    "complaint": {"state": "submitted", "kind": "complaint", "reopened": 0},
    "risk_class": {"colour": "green"},
    "risk_class_change": {"colour": "green", "before": ""},
    "inspection": {"kind": "food"},
    "complaint_mark": {"state": "proposed"},
    "public_answer": {"state": "waiting", "decided_by": None},
    "decision": {"verdict": "eligible"},
    "quota": {"measure": "units"},
    "quota_loan": {"returned": 0},
    "ledger_journal": {"source": "pool", "target": "used"},
    "counter_day": {"taken": 0},
    "order_outcome": {"kept": "in_time", "state": "due"},
    "counter_pass": {"state": "booked"},
    "fair_slot_day": {"taken": 0},
    "fair_ticket": {"state": "booked", "entered_at": None},
    "fair_scan": {"outcome": "duplicate", "ticket_id": ONE},
    "fair_prize_day": {"given": 0},
    "entitlement": {"state": "issued"},
    "redemption": {"channel": "portal"},
    "service_order": {"state": "created"},
    "commitment": {"state": "signed", "extended_by": "", "extension_reason": ""},
    "commitment_paper": {"state": "open", "channel": ""},
    "referral": {"state": "offered", "slot": "live", "verdict": "yes", "outcome": "", "recall_reason": ""},
    "evaluation_round": {
        "state": "open",
        "opens_on": date(2026, 1, 1),
        "survey_from": date(2026, 1, 2),
        "survey_until": date(2026, 1, 3),
        "closes_on": date(2026, 1, 4),
        "noticed_person": "",
        "awarded_person": "",
    },
    "evaluation_candidate": {"outcome": "below"},
    "evaluation_finding": {"kind": "agency", "score": 900, "veto": ""},
    "survey_answer": {"points": 3},
    "evaluation_challenge": {"state": "open", "decider_person": ""},
    "award_withdrawal": {"state": "proposed", "decider_person": ""},
    "entry_receipt": {"channel": "api"},
    "entry_recall": {"state": "issued", "acknowledged_at": None},
    "guardianship": {"state": "asked", "relation": "parent"},
    "division_policy": {"state": "proposed", "slot": "open", "decider_person": None, "decided_at": None},
    "notice_delivery": {"channel": "sms", "state": "due"},
    "scene_change": {"state": "proposed", "kind": "switch"},
    "participation": {"slot": "live"},
    "entitlement_warning": {"state": "open", "does": "suspend"},
}

VIOLATIONS: dict[str, Change | list[Change]] = {
    **violations_of_rewards.REFUSED,
    "ck_webhook_delivery_state": {"state": "lost"},
    "ck_idempotency_record_state": {"state": "maybe"},
    "ck_account_kind": {"kind": "resident"},
    "ck_web_session_surface": {"surface": "api"},
    "ck_consent_state": {"state": "refused"},
    "ck_credit_read_outcome": {"outcome": "guessed", "consent_id": ONE},
    "ck_credit_read_names_its_consent": {"outcome": "fresh", "consent_id": None},
    "ck_credit_snapshot_standing": {"standing": "A"},
    "honest_award_state_known": {"state": "pending"},
    "honest_award_ends_after_start": {"awarded_on": date(2026, 2, 2), "valid_until": date(2026, 2, 1)},
    "ck_merchant_status": {"status": "moved"},
    "ck_merchant_revoked_with_reason": {"status": "revoked", "status_reason": ""},
    "ck_merchant_opened_with_a_licence": {"opened_on": date(2025, 1, 1), "licence_date": date(2026, 1, 1)},
    "ck_merchant_operator_role": {"role": "guest"},
    "ck_merchant_change_state": {"state": "lost", "slot": "own"},
    "ck_merchant_change_slot": [{"state": "done", "slot": "open"}, {"state": "proposed", "slot": "own"}],
    "ck_merchant_change_source": {"source": "rumour"},
    "ck_merchant_change_decided_by_another": [
        {"state": "confirmed", "slot": "own", "decider_person": None},
        {"state": "declined", "slot": "own", "decider_person": "a", "maker_person": "a"},
    ],
    "ck_merchant_change_declined_with_reason": {
        "state": "declined",
        "slot": "own",
        "decider_person": "b",
        "maker_person": "a",
        "reason": "",
    },
    "ck_merchant_invitation_role": {"role": "guest"},
    "ck_merchant_invitation_state": {"state": "lost"},
    "ck_merchant_invitation_accepted_by_somebody": [{"state": "accepted"}, {"state": "open", "account_id": ONE}],
    "ck_merchant_application_state": {"state": "lost", "slot": "own", "decided_by": "staff:1"},
    "ck_merchant_application_slot": [
        {"state": "waiting", "slot": "own"},
        {"state": "declined", "slot": "open", "decided_by": "staff:1"},
    ],
    "ck_merchant_application_decided_by_somebody": [
        {"state": "waiting", "decided_by": "staff:1"},
        {"state": "declined", "slot": "own", "decided_by": None},
    ],
    "ck_merchant_application_confirmed_makes_a_shop": [
        {"state": "confirmed", "slot": "own", "decided_by": "staff:1", "merchant_id": None},
        {"state": "waiting", "merchant_id": ONE},
    ],
    "ck_merchant_application_declined_with_reason": {
        "state": "declined",
        "slot": "own",
        "decided_by": "staff:1",
        "reason": "",
    },
    "ck_webhook_endpoint_old_secret_ends": [
        {"old_secret_cipher": "x", "old_until": None},
        {"old_secret_cipher": None, "old_until": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    "ck_merchant_commitment_withdrawn_is_not_live": [
        {"slot": ONE},
        {"withdrawn_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    "ck_sticker_replaced_is_revoked": [
        {"serial": "A", "replaced_by": "B", "revoked_at": None},
        {"serial": "A", "replaced_by": "A"},
    ],
    "ck_sticker_scan_scans": {"scans": 0},
    "ck_sticker_scan_hours": [{"hours": 0}, {"hours": 1 << 24}],
    "ck_sticker_copy_warning_settled_with_note": [
        {"slot": "open", "settled_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"slot": ONE, "note": "x", "settled_by": ONE, "settled_at": None},
        {"slot": ONE, "note": "x", "settled_by": None, "settled_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"slot": ONE, "note": "", "settled_by": ONE, "settled_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    "complaint_state_known": {"state": "lost"},
    "complaint_paused_while_asked": [
        {"state": "waiting_consumer", "paused_on": None},
        {"state": "accepted", "paused_on": date(2026, 1, 1)},
    ],
    "complaint_kind_known": {"kind": "praise"},
    "complaint_reopened_twice_at_most": [{"reopened": 3}, {"reopened": -1}],
    "complaint_picture_four_at_most": [{"place": 5}, {"place": 0}],
    "ck_evaluation_round_state": {"state": "lost"},
    "ck_evaluation_round_days": [
        {"survey_from": date(2025, 12, 31)},
        {"survey_until": date(2026, 1, 5)},
        {"survey_from": date(2026, 1, 3), "survey_until": date(2026, 1, 2)},
    ],
    "ck_evaluation_round_two_persons": [
        {"maker_person": "one", "noticed_person": "one"},
        {"maker_person": "one", "awarded_person": "one"},
    ],
    "ck_evaluation_candidate_outcome": {"outcome": "likely"},
    "ck_evaluation_finding_kind": {"kind": "rumour"},
    "ck_evaluation_finding_score": [{"score": -1}, {"score": 1_001}],
    "ck_evaluation_finding_veto": [{"kind": "veto"}, {"veto": "abnormal"}],
    "ck_survey_answer_points": [{"points": 0}, {"points": 6}],
    "ck_evaluation_challenge_state": {"state": "maybe", "decider_person": "two"},
    "ck_evaluation_challenge_decided_by_somebody": [
        {"state": "open", "decider_person": "two"},
        {"state": "upheld", "decider_person": ""},
    ],
    "ck_award_withdrawal_state": {"state": "maybe"},
    "ck_award_withdrawal_two_persons": {"maker_person": "one", "decider_person": "one"},
    "ck_decision_verdict": {"verdict": "no"},
    "ck_quota_used_within_total": [{"used": 11, "total": 10}, {"used": -1, "total": 10}],
    "ck_quota_measure": {"measure": "yuan"},
    "ck_quota_loan_returned": [{"units": 0, "returned": 0}, {"units": 2, "returned": 3}, {"units": 2, "returned": -1}],
    "ck_quota_loan_between_two": {"lender_id": ONE, "borrower_id": ONE},
    "ck_order_outcome_kept": {"kept": "never"},
    "ck_order_outcome_state": {"state": "lost"},
    "ck_counter_day_taken_within_most": [{"taken": 2, "most": 1}, {"taken": -1, "most": 1}],
    "ck_counter_pass_state": {"state": "lost"},
    "ck_fair_slot_day_taken_within_places": [{"taken": 2, "places": 1}, {"taken": -1, "places": 1}],
    "ck_fair_ticket_state": {"state": "lost"},
    "ck_fair_ticket_entered_at_a_time": {"state": "entered", "entered_at": None},
    "ck_fair_scan_outcome": {"outcome": "lost"},
    "ck_fair_scan_place_of_the_admitted": {"place": "admitted"},
    "ck_fair_scan_unknown_has_no_ticket": {"outcome": "unknown"},
    "ck_fair_prize_day_given_within_stock": [{"given": 2, "stock": 1}, {"given": -1, "stock": 1}],
    "ck_counter_pass_owed_has_amount_and_day": [
        {"state": "owing", "amount_fen": None, "due_on": date(2026, 1, 1)},
        {"state": "owing", "amount_fen": 5, "due_on": None},
        {"state": "overdue", "amount_fen": 0, "due_on": date(2026, 1, 1)},
    ],
    "ck_ledger_journal_amount": {"amount": 0},
    "ck_risk_class_colour": {"colour": "blue"},
    "ck_risk_class_points": {"points": -1},
    "ck_risk_class_change_colour": [{"colour": "blue"}, {"colour": "red", "before": "red"}],
    "ck_inspection_kind": {"kind": "noise"},
    "ck_complaint_mark_state": {"state": "maybe", "decider_person": "b"},
    "ck_complaint_mark_decided_by_another": [
        {"state": "upheld", "decider_person": None},
        {"state": "refused", "maker_person": "a", "decider_person": "a"},
    ],
    "ck_complaint_mark_judged_by_a_third": [
        {"state": "kept", "maker_person": "a", "decider_person": "b", "judge_person": None},
        {"state": "lifted", "maker_person": "a", "decider_person": "b", "judge_person": "b"},
        {"state": "lifted", "maker_person": "a", "decider_person": "b", "judge_person": "a"},
    ],
    "ck_public_answer_state": {"state": "lost", "decided_by": ONE},
    "ck_public_answer_decided_by_somebody": [
        {"state": "waiting", "decided_by": ONE},
        {"state": "shown", "decided_by": None},
    ],
    "ck_ledger_journal_accounts": {"target": "nowhere"},
    "ck_entitlement_state": {"state": "stolen"},
    "ck_redemption_discount_of_a_price": [
        {"discount_fen": 1, "price_fen": None},
        {"discount_fen": -1, "price_fen": 100},
        {"discount_fen": 101, "price_fen": 100},
    ],
    "ck_redemption_channel": {"channel": "phone"},
    "ck_service_order_amount_falls_from_completed": [
        {"amount_fen": 1, "completed_fen": None},
        {"amount_fen": -1, "completed_fen": 100},
        {"amount_fen": 101, "completed_fen": 100},
    ],
    "ck_service_order_state": {"state": "paused"},
    "ck_commitment_state": {"state": "lost"},
    "ck_commitment_broken_can_be_repaired": [{"state": "broken"}, {"state": "repaired"}],
    "ck_commitment_extension_has_maker_and_reason": [
        {"extended_by": "staff:1", "extension_reason": "x"},
        {"extended_at": datetime(2026, 1, 1, tzinfo=UTC), "extended_by": "staff:1", "extension_reason": ""},
    ],
    "ck_commitment_due_moves_back_only": {"first_due_on": date(2026, 2, 2), "due_on": date(2026, 2, 1)},
    "ck_commitment_paper_state": {"state": "lost"},
    "ck_commitment_paper_channel": {"channel": "post"},
    "ck_commitment_paper_refused_with_reason": {"state": "refused", "reason": ""},
    "ck_referral_state": {"state": "lost", "slot": ONE},
    "ck_referral_slot_is_live_while_used": [
        {"state": "offered", "slot": ONE},
        {"state": "withdrawn", "slot": "live"},
    ],
    "ck_referral_verdict": {"verdict": "may"},
    "ck_referral_outcome": {"outcome": "lost"},
    "ck_referral_recall_is_signed": [
        {"state": "recalled", "slot": ONE, "recall": "x", "recall_reason": "consent"},
        {"state": "recalled", "slot": ONE, "recalled_at": datetime(2026, 1, 1, tzinfo=UTC), "recall": ""},
    ],
    "ck_guardianship_state": {"state": "lost"},
    "ck_guardianship_relation": {"relation": "friend"},
    "ck_guardianship_of_another": {"guardian_id": ONE, "ward_id": ONE},
    "ck_guardianship_decided_by_somebody": [
        {"state": "confirmed"},
        {"decided_by": ONE, "decided_at": None},
    ],
    "ck_guardianship_refused_with_reason": {
        "state": "refused",
        "decided_by": ONE,
        "decided_at": datetime(2026, 1, 1, tzinfo=UTC),
        "reason": "",
    },
    "ck_division_policy_state": {"state": "lost", "slot": ONE},
    "ck_division_policy_slot": [{"slot": ONE}, {"state": "withdrawn"}],
    "ck_division_policy_decided_by_somebody": [
        {"state": "approved", "slot": ONE},
        {"decider_person": "b", "decided_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"state": "withdrawn", "slot": ONE, "decided_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    "ck_division_policy_by_another": {
        "state": "approved",
        "slot": ONE,
        "maker_person": "a",
        "decider_person": "a",
        "decided_at": datetime(2026, 1, 1, tzinfo=UTC),
    },
    "ck_division_policy_refused_with_reason": {
        "state": "refused",
        "slot": ONE,
        "maker_person": "a",
        "decider_person": "b",
        "decided_at": datetime(2026, 1, 1, tzinfo=UTC),
        "decision_reason": "",
    },
    "ck_entry_receipt_channel": {"channel": "pigeon"},
    "ck_entry_recall_state": {"state": "lost", "acknowledged_at": None},
    "ck_entry_recall_acknowledged_at": [
        {"state": "acknowledged"},
        {"acknowledged_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    "ck_entry_recall_closed": [
        {"state": "closed", "closed_at": datetime(2026, 1, 1, tzinfo=UTC), "reason": ""},
        {"state": "closed", "closed_at": None, "reason": "x"},
        {"closed_at": datetime(2026, 1, 1, tzinfo=UTC), "reason": "x"},
    ],
    "ck_entry_recall_chases": {"chases": -1},
    "ck_notice_delivery_channel": {"channel": "pigeon"},
    "ck_notice_delivery_state": {"state": "lost", "settled_at": datetime(2026, 1, 1, tzinfo=UTC)},
    "ck_notice_delivery_settled_unless_due": [
        {"state": "sent", "settled_at": None},
        {"state": "due", "settled_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
    "ck_scene_change_kind": {"kind": "rename"},
    "ck_scene_change_state": {"state": "lost"},
    "ck_scene_change_decided_by_another": [
        {"state": "refused", "decided_by_person": "lin", "maker_person": "lin"},
        {"state": "refused", "decided_by_person": None},
        {"state": "approved", "seq": 1, "decided_by_person": "lin", "maker_person": "lin"},
    ],
    "ck_scene_change_seq_when_approved": {"state": "approved", "seq": None, "decided_by_person": "xu"},
    "ck_participation_live_until_left": [
        {"slot": "live", "left_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"slot": "gone", "left_at": None},
    ],
    "ck_entitlement_warning_state": {"state": "lost"},
    "ck_entitlement_warning_does": {"does": "keep"},
    "ck_entitlement_warning_told_before_it_acts": [
        {"state": "acted", "acted_at": None},
        {"state": "acted", "acted_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ],
}


def valid_row(table: sa.Table) -> dict[str, Any]:
    """Return a row that every CHECK of the table allows, each time with other ids and texts."""
    row = {column.name: _value(column) for column in table.columns}
    return row | _WORDS.get(table.name, {})


def _value(column: sa.Column[Any]) -> Any:
    if column.nullable:
        return None
    kind = column.type
    if isinstance(kind, sa.Uuid):
        return str(uuid4())
    if isinstance(kind, sa.JSON):
        return "{}"
    if isinstance(kind, sa.String):
        return uuid4().hex[: min(kind.length or 32, 32)]
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.DateTime):
        return datetime(2026, 1, 1, tzinfo=UTC)
    if isinstance(kind, sa.Date):
        return date(2026, 1, 1)
    return 1
