"""What comes along passes the kit that everybody's scenes must pass."""

from __future__ import annotations

from xinyi_scenarios.catalogue import plugin as SCENE_PLUGIN  # noqa: N812
from xinyi_scenarios.conformance import Check, Example, Outcome

NOT_CONSENTED = {"unknown": "consent_missing", "zh": "未同意", "en": "No consent"}
WORD = {"standing": "good", "black_listed": False, "as_of": "2026-11-23T02:00:00+00:00", "is_fresh": True}
TODAY = "2026-11-23"
GOOD = {"allowed": ["good"]}
HAD = {"scene": "travel", "today": TODAY}
PROMISE = {"kind": "approve"}
SHOP = {"trade": "attraction", "division": "410611001001", "is_honest": True, "scenes": ["travel"]}
EXAMPLES = {
    "credit_status": [
        Example({"credit": WORD}, Outcome.MET, GOOD),
        Example({"credit": {**WORD, "standing": "minor"}}, Outcome.NOT_MET, GOOD),
        Example({"credit": {**WORD, "black_listed": True}}, Outcome.NOT_MET, GOOD),
        Example({"credit": NOT_CONSENTED}, Outcome.CANNOT_TELL, GOOD),
    ],
    "age": [
        Example({"birth_date": "1961-11-23", "today": TODAY}, Outcome.MET, {"at_least": 65}),
        Example({"birth_date": "1961-11-24", "today": TODAY}, Outcome.NOT_MET, {"at_least": 65}),
        Example({"birth_date": "2000-02-29", "today": "2028-02-28"}, Outcome.MET, {"at_most": 27}),
        Example({"birth_date": "2000-02-29", "today": "2028-02-29"}, Outcome.NOT_MET, {"at_most": 27}),
        Example({"birth_date": None, "today": TODAY}, Outcome.CANNOT_TELL, {"at_least": 65}),
    ],
    "residence": [
        Example({"division": "410611001001"}, Outcome.MET, {"within": ["410611"]}),
        Example({"division": "410621001001"}, Outcome.NOT_MET, {"within": ["410611"]}),
        Example({"division": ""}, Outcome.CANNOT_TELL, {"within": ["410611"]}),
    ],
    "overdue_orders": [
        Example({"overdue_orders": 0}, Outcome.MET, {"at_most": 0}),
        Example({"overdue_orders": 1}, Outcome.NOT_MET, {"at_most": 0}),
        Example({"overdue_orders": None}, Outcome.CANNOT_TELL, {"at_most": 0}),
    ],
    "frequency": [
        Example({**HAD, "history": {}}, Outcome.MET, {"at_most": 1, "period": "month"}),
        Example({**HAD, "history": {"travel": {"month": 2}}}, Outcome.NOT_MET, {"at_most": 2, "period": "month"}),
        Example({**HAD, "history": None}, Outcome.CANNOT_TELL, {"at_most": 1, "period": "day"}),
    ],
    "cool_down": [
        Example({**HAD, "history": {}}, Outcome.MET, {"days": 7}),
        Example({**HAD, "history": {"travel": {"last_used_on": "2026-11-17"}}}, Outcome.NOT_MET, {"days": 7}),
        Example({**HAD, "history": {"travel": {"last_used_on": "2026-11-16"}}}, Outcome.MET, {"days": 7}),
        Example({**HAD, "history": None}, Outcome.CANNOT_TELL, {"days": 7}),
    ],
    "first_time": [
        Example({"history": {"shop": {"used": 1}}, "scene": "travel"}, Outcome.MET),
        Example({"history": {"shop": {"used": 1}}, "scene": "travel"}, Outcome.NOT_MET, {"any_scene": True}),
        Example({"history": {"travel": {"used": 1}}, "scene": "travel"}, Outcome.NOT_MET),
        Example({"history": None, "scene": "travel"}, Outcome.CANNOT_TELL),
    ],
    "held_entitlements": [
        Example({"history": {"rent": {"live": 1}}}, Outcome.MET, {"scene": "rent", "at_least": 1}),
        Example({"history": {}}, Outcome.NOT_MET, {"scene": "rent", "at_least": 1}),
        Example({"history": {"rent": {"live": 2}}}, Outcome.NOT_MET, {"scene": "rent", "at_most": 1}),
        Example({}, Outcome.CANNOT_TELL, {"scene": "rent"}),
    ],
    "open_orders": [
        Example({"open_orders": {"rent": 2, "ride": 1}}, Outcome.MET, {"at_most": 1, "scene": "ride"}),
        Example({"open_orders": {"rent": 2, "ride": 1}}, Outcome.NOT_MET, {"at_most": 2}),
        Example({}, Outcome.CANNOT_TELL, {"at_most": 2}),
    ],
    "commitment_in_force": [
        Example({"commitments": [{"kind": "approve", "state": "signed", "due_on": TODAY}]}, Outcome.MET, PROMISE),
        Example({"commitments": []}, Outcome.NOT_MET, PROMISE),
        Example({"commitments": [{"kind": "other", "state": "broken", "due_on": TODAY}]}, Outcome.NOT_MET),
        Example({}, Outcome.CANNOT_TELL),
    ],
    "consent": [
        Example({"consents": ["credit_status.scenes"]}, Outcome.MET, {"purpose": "credit_status.scenes"}),
        Example({"consents": []}, Outcome.NOT_MET, {"purpose": "credit_status.scenes"}),
        Example({}, Outcome.CANNOT_TELL, {"purpose": "credit_status.scenes"}),
    ],
    "merchant_trade": [
        Example({"merchant": SHOP}, Outcome.MET, {"any_of": ["attraction"]}),
        Example({"merchant": SHOP}, Outcome.NOT_MET, {"any_of": ["bookshop"]}),
        Example({}, Outcome.CANNOT_TELL, {"any_of": ["bookshop"]}),
    ],
    "merchant_district": [
        Example({"merchant": SHOP}, Outcome.MET, {"within": ["410611"]}),
        Example({"merchant": SHOP}, Outcome.NOT_MET, {"within": ["410621"]}),
        Example({}, Outcome.CANNOT_TELL, {"within": ["410621"]}),
    ],
    "honest_merchant": [
        Example({"merchant": SHOP}, Outcome.MET),
        Example({"merchant": {**SHOP, "is_honest": False}}, Outcome.NOT_MET),
        Example({}, Outcome.CANNOT_TELL),
    ],
    "merchant_signed_up": [
        Example({"merchant": SHOP, "scene": "travel"}, Outcome.MET),
        Example({"merchant": SHOP, "scene": "shop"}, Outcome.NOT_MET),
        Example({"scene": "shop"}, Outcome.CANNOT_TELL),
    ],
    "guardian": [
        Example({"care": {"wards": ["2020-11-23"], "waiting": []}, "today": TODAY}, Outcome.MET, {"ward_at_most": 6}),
        Example(
            {"care": {"wards": ["2019-11-23"], "waiting": []}, "today": TODAY}, Outcome.NOT_MET, {"ward_at_most": 6}
        ),
        Example({"care": {"wards": [], "waiting": ["2020-11-23"]}, "today": TODAY}, Outcome.CANNOT_TELL),
    ],
    "time_of_day": [
        Example({"now": "2026-11-23T09:00:00+08:00"}, Outcome.MET, {"opens": "09:00", "closes": "17:00"}),
        Example({"now": "2026-11-23T17:00:00+08:00"}, Outcome.NOT_MET, {"opens": "09:00", "closes": "17:00"}),
        Example({"now": "2026-11-23T10:00:00+08:00"}, Outcome.NOT_MET, {"weekdays": [6, 7]}),
        Example({}, Outcome.CANNOT_TELL),
    ],
}
__all__ = ["EXAMPLES", "SCENE_PLUGIN"]


def test_the_catalogue_conforms(conformance: Check) -> None:
    conformance()
