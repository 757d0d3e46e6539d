"""A new scene's manifest, complete enough to pass `xinyi scenario lint`, with what its author must decide marked."""

from __future__ import annotations

from datetime import date
from string import Template

from xinyi_scenarios.plugins.door import host_version

_HEAD = Template("""slug = "$slug"
version = 1
opens_on = $opens_on

[name]
zh = "$slug 的中文名称"
en = "$slug"

[summary]
zh = "一句话说明居民得到什么。"
en = "One sentence on what a resident gets."

[terms]
zh = "每人每期限领一次,限本人使用。"
en = "Once a person and period, for yourself only."

[provider]
zh = "提供单位"
en = "Who provides it"
""")

_GIVES = {
    "voucher": """
[gives]
flow = "voucher"
percent_off = 10
cap_fen = 2000
validity_days = 30
partners_only = true
""",
    "waiver": """
[gives]
flow = "waiver"
deposit_cap_fen = 20000
max_open_orders = 1
free_minutes = 0
validity_days = 180
""",
    "fast_track": """
[gives]
flow = "fast_track"
passes = 1
book_days_ahead = 7
validity_days = 30

[[gives.counters]]
key = "main"
a_day = 50

[gives.counters.name]
zh = "主窗口"
en = "Main counter"
""",
    "commitment": """
[gives]
flow = "commitment"
due_days = 30
remind_days = [7, 1]
repair_days = 30
validity_days = 60

[gives.text]
zh = "本人承诺在规定期限内补齐以下材料。"
en = "I promise to hand in the following papers in time."

[[gives.papers]]
key = "proof"

[gives.papers.name]
zh = "证明材料"
en = "Proof"
""",
    "referral": """
[gives]
flow = "referral"
receivers = "bank"
consent = "referral.bank"
answer_days = 30
validity_days = 30
""",
}

_TAIL = Template("""
[[requires]]
type = "credit_status"
allowed = ["good", "minor"]

[quota]
total = 100
period = "month"

[bureau]
purpose = "credit_status.scenes"
basis = "个人信息保护法 第十三条第一项、第二十九条"
fresh_hours = 24

[host]
versions = ">=$host"
reads = ["credit"]
""")

SKELETONS = tuple(_GIVES)


def draw_manifest(slug: str, flow: str, *, opens_on: date) -> str:
    """Return the TOML of a scene that gives nothing yet that anybody promised. `flow` is one of SKELETONS."""
    head = _HEAD.substitute(slug=slug, opens_on=opens_on.isoformat())
    return head + _GIVES[flow] + _TAIL.substitute(host=host_version())
