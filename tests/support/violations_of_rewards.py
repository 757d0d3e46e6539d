"""Valid words for the tables of rewards, and what each of their CHECKs must refuse."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

Change = dict[str, Any]
ONE = "00000000-0000-7000-8000-000000000001"
WORDS: dict[str, Change] = {
    "honor_entry": {"state": "draft", "kind": "red-worker", "source": "made", "grade": "", "name_form": "masked"},
    "support_quota": {"used": 0, "total": 1},
    "support_grant": {"state": "ended", "used_fen": 0, "cap_fen": 1, "holds_unit": False},
    "support_use": {"amount_fen": 1, "reversed_at": None, "reversed_by": ""},
    "exemplary_case_version": {
        "state": "draft",
        "slot": "open",
        "maker_person": "a",
        "reviewer_person": "b",
    },
    "exemplary_case_person": {"state": "asked", "asked_id": ONE},
    "exemplary_case_picture": {"place": 1, "alt": "x"},
    "gathering": {
        "state": "planned",
        "taken": 0,
        "capacity": 1,
        "heads": 0,
        "materials": 0,
        "starts_at": datetime(2026, 1, 1, tzinfo=UTC),
        "ends_at": datetime(2026, 1, 2, tzinfo=UTC),
    },
    "honor_list_note": {"act": "comment"},
    "honor_entry_document": {"place": 1},
    "person_death": {"source": "bureau"},
    "honor_list_review": {"verdict": "approve"},
    "honor_list": {"state": "draft"},
    "repair_request": {"state": "filed", "slot": "open", "source": "", "resident_id": ONE},
    "repair_paper": {"place": 1},
    "reward_grant": {"state": "ended", "try_at": None},
    "measure_deferral": {"state": "asked", "resident_id": ONE},
    "listing_reminder": {"about": "ends"},
    "objection": {"state": "open", "resident_id": ONE, "merchant_id": None},
}
REFUSED: dict[str, Change | list[Change]] = {
    "ck_support_quota_used": [{"used": -1}, {"used": 2}],
    "ck_support_grant_state": {"state": "lost"},
    "ck_support_grant_used": [{"used_fen": -1}, {"used_fen": 2}],
    "ck_support_grant_days": {"starts_on": date(2026, 2, 2), "ends_on": date(2026, 2, 1)},
    "ck_support_grant_of_quota": {"state": "granted"},
    "ck_support_use_amount": {"amount_fen": 0},
    "ck_support_use_reversed_by": [{"reversed_by": "x"}, {"reversed_at": datetime(2026, 1, 1, tzinfo=UTC)}],
    "ck_exemplary_case_version_state": {"state": "lost", "slot": ONE},
    "ck_exemplary_case_version_slot": [{"slot": ONE}, {"state": "withdrawn"}, {"state": "withdrawn", "slot": "shown"}],
    "ck_exemplary_case_version_by_another": {"reviewer_person": "a"},
    "ck_exemplary_case_version_reviewed": {"state": "published", "slot": "shown", "published_at": None},
    "ck_exemplary_case_person_state": {"state": "lost"},
    "ck_exemplary_case_person_asked": {"asked_id": None, "paper_file_id": None},
    "ck_exemplary_case_picture_place": [{"place": 0}, {"place": 7}],
    "ck_exemplary_case_picture_alt": {"alt": ""},
    "ck_gathering_state": {"state": "lost"},
    "ck_gathering_taken": [{"taken": -1}, {"taken": 2}],
    "ck_gathering_counts": [{"heads": -1}, {"materials": -1}],
    "ck_gathering_times": {"ends_at": datetime(2026, 1, 1, tzinfo=UTC)},
    "ck_reward_grant_state": {"state": "lost"},
    "ck_reward_grant_given": [
        {"state": "given", "entitlement_id": None, "granted_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"state": "given", "entitlement_id": ONE, "granted_at": None},
    ],
    "ck_reward_grant_waiting": [{"state": "waiting"}, {"try_at": datetime(2026, 1, 1, tzinfo=UTC)}],
    "ck_honor_entry_black_has_document": [
        {"kind": "black-court", "authority": "", "document_no": "1"},
        {"kind": "black-court", "authority": "法院", "document_no": ""},
    ],
    "ck_honor_entry_black_is_whole": [
        {"kind": "black-court", "authority": "法院", "document_no": "1", "state": state, "display_suspended": False}
        for state in ("noticed", "published")
    ],
    "ck_honor_entry_name_form": [
        {"name_form": "big", "name_chosen_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"name_form": "full", "name_chosen_at": None},
        {"name_form": "full", "name_chosen_at": datetime(2026, 1, 1, tzinfo=UTC), "merchant_id": ONE},
        {"name_form": "hidden", "name_chosen_at": datetime(2026, 1, 1, tzinfo=UTC), "kind": "black-x"},
    ],
    "ck_honor_entry_document_place": [{"place": 0}, {"place": 7}],
    "ck_person_death_document": {"document": ""},
    "ck_person_death_source": {"source": "rumour"},
    "ck_honor_list_note_act": {"act": "whisper"},
    "ck_honor_entry_source": {"source": "rumour"},
    "ck_honor_entry_grade": {"grade": "grave"},
    "ck_honor_list_approvals": [{"approvals": -1}, {"approvals": 2, "reviews_needed": 1}],
    "ck_honor_list_approved_by_all": {"state": "approved", "approvals": 0, "reviews_needed": 1},
    "ck_honor_list_review_verdict": {"verdict": "perhaps"},
    "ck_honor_entry_state": {"state": "lost"},
    "ck_repair_request_state": {"state": "lost", "slot": "over"},
    "ck_repair_request_slot": [{"slot": "over"}, {"state": "withdrawn"}],
    "ck_repair_request_one_subject": [{"merchant_id": ONE}, {"resident_id": None}],
    "ck_repair_request_decided_by_document": {"state": "refused", "slot": "over", "decision_document": ""},
    "ck_repair_request_source": {"source": "rumour"},
    "ck_repair_paper_place": [{"place": 0}, {"place": 7}],
    "ck_measure_deferral_state": {"state": "lost"},
    "ck_measure_deferral_one_subject": [{"merchant_id": ONE}, {"resident_id": None}],
    "ck_measure_deferral_document": {"state": "accepted", "document": ""},
    "ck_listing_reminder_about": {"about": "weather"},
    "ck_honor_list_state": {"state": "lost"},
    "ck_honor_list_reviewer_is_not_maker": {"maker_id": ONE, "reviewer_id": ONE},
    "ck_objection_state": {"state": "lost"},
    "ck_objection_one_subject": [{"resident_id": None}, {"merchant_id": ONE}],
}
