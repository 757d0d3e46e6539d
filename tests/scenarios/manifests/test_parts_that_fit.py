"""Parts of a manifest that each are right and do not fit each other are refused at the line to change."""

from __future__ import annotations

from datetime import date

import pytest

from xinyi_platform.app import all_features
from xinyi_scenarios.manifests import ManifestError, read_manifest
from xinyi_scenarios.manifests.skeletons import SKELETONS, draw_manifest
from xinyi_scenarios.requirements.checking import check_table

GOOD = draw_manifest("museum", "voucher", opens_on=date(2026, 1, 1))
DAY_LIMIT = '\n[[quota.limits]]\nper = "scene"\nperiod = "day"\ntotal = 9\n'
DISTRICT_LIMIT = '\n[[quota.limits]]\nper = "district"\nperiod = "month"\ntotal = 50\n'
BUDGET = "\n[budget]\ntotal_fen = 100000\n"

# What is replaced by what in a good manifest, what is added at its end, and words of the refusal.
FAULTS: dict[str, tuple[str, str, str, str]] = {
    "closed before it opens": ("opens_on", 'closes_on = 2025-12-31\nopens_on', "", "it closes before it opens"),
    "no hours": ("", "", '\n[opening]\nopens = "09:00"\ncloses = "09:00"\n', "the hours are empty"),
    "no such hour": ("", "", '\n[opening]\nopens = "25:00"\n', "Expected `str` matching regex"),
    "no such weekday": ("", "", "\n[opening]\nweekdays = [8]\n", "<= 7"),
    "purpose unknown": ('purpose = "credit_status.scenes"', 'purpose = "curiosity"', "", "unknown purpose 'curiosity'"),
    "data undeclared": ("fresh_hours", 'data = ["standing"]\nfresh_hours', "", "credit_status reads black_list"),
    "district unknown": ("partners_only = true", 'districts = ["110101"]', "", "unknown division '110101'"),
    "limit above the total": ("", "", DAY_LIMIT.replace("9", "900"), "a limit of 900 inside a total of 100"),
    "limit twice": ("", "", DAY_LIMIT * 2, "a second limit per scene and day"),
    "limit in the quota's period": ("", "", DAY_LIMIT.replace("day", "month"), "a second limit per scene and month"),
    "shares of a scene": ("", "", DAY_LIMIT + "shares = {410611 = 3}\n", "shares in a limit per scene"),
    "share of nowhere": ("", "", DISTRICT_LIMIT + "shares = {999999 = 3}\n", "unknown division '999999'"),
    "budget without a bound": ("cap_fen = 2000\n", "", BUDGET, "nobody can tell what one costs"),
    "budget for nothing": ("percent_off = 10\ncap_fen = 2000\n", "", BUDGET, "what is given costs nothing"),
    "change misspelt": ("", "", '\n[on_change]\ndo = "punish"\n', "punish"),
    "no grace": ("", "", '\n[on_change]\ndo = "end"\ngrace_days = 0\n', ">= 1"),
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def types() -> None:
    for feature in all_features():
        feature.register_types()


@pytest.mark.parametrize("flow", SKELETONS)
def test_what_scenario_new_begins_is_whole(flow: str) -> None:
    text = draw_manifest("museum", flow, opens_on=date(2026, 1, 1))
    assert read_manifest(text, file="museum.toml", check=check_table).flow == flow


@pytest.mark.parametrize("name", FAULTS)
def test_parts_that_do_not_fit_are_refused_with_their_place(name: str) -> None:
    old, new, more, words = FAULTS[name]
    assert old in GOOD
    text = (GOOD.replace(old, new, 1) if old else GOOD) + more
    with pytest.raises(ManifestError) as refused:
        read_manifest(text, file="mine.toml", check=check_table)
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"mine.toml:{refused.value.line}: ")
    assert 1 < refused.value.line <= len(text.splitlines())


def test_limits_and_a_budget_that_fit_are_taken() -> None:
    scene = read_manifest(GOOD + DAY_LIMIT + DISTRICT_LIMIT + BUDGET, file="mine.toml", check=check_table)
    assert [limit.per for limit in scene.quota.limits] == ["scene", "district"]
    assert scene.gives.worst_fen == 2_000
