"""Cases of the requirement types about history, promises and the moment of a use."""

from __future__ import annotations

from typing import Any

# requirement, facts, outcome, what was compared, part of the reason in zh and en
Case = tuple[dict[str, Any], dict[str, Any], str, str, str, str]
# requirement, facts, part of what would change it in zh and en
Change = tuple[dict[str, Any], dict[str, Any], str, str]

OFTEN = {"type": "frequency", "at_most": 2, "period": "month"}
COOL = {"type": "cool_down", "days": 30}
FIRST = {"type": "first_time"}
FIRST_OF_ALL = {"type": "first_time", "any_scene": True}
HOLDS = {"type": "held_entitlements", "scene": "ride", "at_least": 1, "at_most": 2}
ORDERS = {"type": "open_orders", "at_most": 1}
RIDES = {"type": "open_orders", "at_most": 0, "scene": "ride"}
PROMISED = {"type": "commitment_in_force", "kind": "approve"}
NONE_BROKEN = {"type": "commitment_in_force"}
AGREED = {"type": "consent", "purpose": "medical.pay_later"}
TRADE = {"type": "merchant_trade", "any_of": ["bookshop", "catering"]}
PLACE = {"type": "merchant_district", "within": ["410611"]}
HONEST = {"type": "honest_merchant"}
JOINED = {"type": "merchant_signed_up"}
CARES = {"type": "guardian", "ward_at_least": 6, "ward_at_most": 11}
HOURS = {"type": "time_of_day", "weekdays": [1, 2], "opens": "09:00", "closes": "17:00"}


def had(scene: str = "travel", **row: Any) -> dict[str, Any]:
    """Facts of one who had something of a scene; it is Monday, the 23rd of November 2026."""
    return {"history": {scene: row} if row else {}, "scene": "travel", "today": "2026-11-23"}


def shop(**row: Any) -> dict[str, Any]:
    known = {"trade": "bookshop", "division": "410611001001", "is_honest": True, "scenes": ["travel"]}
    return {"merchant": {**known, **row}, "scene": "travel"}


def at(time: str) -> dict[str, Any]:
    return {"now": f"2026-11-{time}+08:00"}


def promised(*states: str) -> dict[str, Any]:
    return {"commitments": [{"kind": "approve", "state": state, "due_on": "2026-12-01"} for state in states]}


def cares(*wards: str, waiting: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"care": {"wards": list(wards), "waiting": list(waiting)}, "today": "2026-11-23"}


NOTHING_KNOWN: dict[str, Any] = {"history": None, "scene": "travel", "today": "2026-11-23"}
NOWHERE: dict[str, Any] = {"merchant": None, "scene": "travel"}

MORE_CASES: list[Case] = [
    (OFTEN, had(), "met", "0", "本月已领0次", "Claimed 0 times"),
    (OFTEN, had(month=1, year=9), "met", "1", "本月已领1次", "this month"),
    (OFTEN, had(month=2), "not_met", "2", "本月最多2次", "At most 2 times"),
    (OFTEN, had("ride", month=9), "met", "0", "本月已领0次", "Claimed 0 times"),
    ({**OFTEN, "scene": "ride"}, had("ride", month=9), "not_met", "9", "最多2次", "At most 2"),
    (OFTEN, NOTHING_KNOWN, "cannot_tell", "", "未知", "not known"),
    (COOL, had(), "met", "", "没有使用过", "Not used before"),
    (COOL, had(last_used_on="2026-10-24"), "met", "2026-10-24", "已满30天", "30 days have passed"),
    (COOL, had(last_used_on="2026-10-25"), "not_met", "2026-10-25", "间隔30天", "30 days must lie"),
    (COOL, NOTHING_KNOWN, "cannot_tell", "", "未知", "not known"),
    (FIRST, had(), "met", "0", "首次", "first time"),
    (FIRST, had(live=1), "met", "0", "首次", "first time"),
    (FIRST, had(used=1), "not_met", "1", "仅限首次", "first time only"),
    (FIRST, had("ride", used=1), "met", "0", "首次", "first time"),
    (FIRST_OF_ALL, had("ride", used=3), "not_met", "3", "仅限首次", "first time only"),
    (FIRST, NOTHING_KNOWN, "cannot_tell", "", "未知", "not known"),
    (HOLDS, had("ride", live=1), "met", "1", "持有1份", "You hold 1"),
    (HOLDS, had(), "not_met", "0", "须先持有", "must hold"),
    (HOLDS, had("ride", live=3), "not_met", "3", "最多持有2份", "At most 2"),
    (HOLDS, NOTHING_KNOWN, "cannot_tell", "", "未知", "not known"),
    (ORDERS, {"open_orders": {"ride": 1}}, "met", "1", "进行中订单1笔", "1 orders are open"),
    (ORDERS, {"open_orders": {"ride": 1, "read": 1}}, "not_met", "2", "不能超过1笔", "At most 1"),
    (RIDES, {"open_orders": {"read": 4}}, "met", "0", "进行中订单0笔", "0 orders are open"),
    (ORDERS, {"open_orders": None}, "cannot_tell", "", "未知", "not known"),
    (PROMISED, promised("signed"), "met", "1", "履行正常", "kept"),
    (PROMISED, promised(), "not_met", "0", "须先签署", "must be signed"),
    (PROMISED, promised("signed", "broken"), "not_met", "1", "1项信用承诺未履行", "were not kept"),
    (NONE_BROKEN, promised(), "met", "0", "履行正常", "kept"),
    (NONE_BROKEN, promised("broken", "repaired"), "not_met", "1", "未履行", "were not kept"),
    (PROMISED, {"commitments": None}, "cannot_tell", "", "未知", "not known"),
    (AGREED, {"consents": ["medical.pay_later"]}, "met", "medical.pay_later", "已授权", "You consented"),
    (AGREED, {"consents": []}, "not_met", "", "须先授权", "consent is needed"),
    (AGREED, {"consents": None}, "cannot_tell", "", "未知", "not known"),
    (TRADE, shop(), "met", "bookshop", "该行业参与", "takes part"),
    (TRADE, shop(trade="hotel"), "not_met", "hotel", "不在参与行业", "does not take part"),
    (TRADE, NOWHERE, "cannot_tell", "", "未指明商户", "No merchant"),
    (PLACE, shop(), "met", "410611", "商户在", "It lies in"),
    (PLACE, shop(division="410602001001"), "not_met", "410602", "仅限", "Only for merchants"),
    (PLACE, NOWHERE, "cannot_tell", "", "哪家商户", "which merchant"),
    (HONEST, shop(), "met", "yes", "诚信商户", "honest merchant"),
    (HONEST, shop(is_honest=False), "not_met", "no", "仅限诚信商户", "Honest merchants only"),
    (HONEST, NOWHERE, "cannot_tell", "", "哪家商户", "which merchant"),
    (JOINED, shop(), "met", "yes", "已参与", "has joined"),
    (JOINED, shop(scenes=[]), "not_met", "no", "未参与", "has not joined"),
    (JOINED, NOWHERE, "cannot_tell", "", "哪家商户", "which merchant"),
    (HOURS, at("23T09:00:00"), "met", "09:00", "可用时段内", "within hours"),
    (HOURS, at("23T17:00:00"), "not_met", "17:00", "仅限周一、周二09:00–17:00", "Only Mon, Tue, 09:00–17:00"),
    (HOURS, at("25T10:00:00"), "not_met", "10:00", "仅限周一", "Only Mon"),
    (HOURS, {"now": None}, "cannot_tell", "", "未知", "not known"),
    (CARES, cares("2020-11-23"), "met", "6", "已确认", "confirmed guardian"),
    (CARES, cares("2020-11-24"), "not_met", "", "6至11周岁", "aged 6 to 11"),
    (CARES, cares(), "not_met", "", "6至11周岁", "aged 6 to 11"),
    (CARES, cares(waiting=("2018-01-01",)), "cannot_tell", "", "等待社区确认", "waits for the community"),
    (CARES, {"care": None}, "cannot_tell", "", "未知", "not known"),
]  # fmt: skip

MORE_CHANGES: list[Change] = [
    (OFTEN, had(month=2), "2026-12-01起", "From 2026-12-01"),
    ({**OFTEN, "period": "day"}, had(day=2), "2026-11-24起", "From 2026-11-24"),
    ({**OFTEN, "period": "week"}, had(week=2), "2026-11-30起", "From 2026-11-30"),
    ({**OFTEN, "period": "year"}, had(year=2), "2027-01-01起", "From 2027-01-01"),
    (COOL, had(last_used_on="2026-11-20"), "2026-12-20起", "From 2026-12-20"),
    (HOLDS, had(), "领取", "Claim"),
    (HOLDS, had("ride", live=3), "退回", "give back"),
    (ORDERS, {"open_orders": {"ride": 2}}, "完成", "Complete"),
    (PROMISED, promised(), "签署", "Sign"),
    (PROMISED, promised("broken"), "修复", "repair"),
    (AGREED, {"consents": []}, "同意", "consents"),
    (TRADE, shop(trade="hotel"), "参与的商户", "takes part"),
    (CARES, cares("2020-11-24"), "2026-11-24起", "From 2026-11-24"),
    (CARES, cares(), "社区确认", "community confirms"),
    (CARES, cares(waiting=("2018-01-01",)), "社区确认", "community confirms"),
    (HOURS, at("23T08:00:00"), "2026-11-23 09:00起", "From 2026-11-23 09:00"),
    (HOURS, at("24T18:00:00"), "2026-11-30 09:00起", "From 2026-11-30 09:00"),
]
