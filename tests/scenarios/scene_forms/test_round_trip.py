"""A form drawn from a manifest gives that manifest back, whatever its flow and requirements are."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinyi_platform.app import all_features
from xinyi_scenarios.manifests import Manifest, load_catalogue
from xinyi_scenarios.manifests.loading import manifest_from
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.scene_forms import (
    Node,
    change_rows,
    differences_of,
    draw_form,
    fill_form,
    find_faults,
    read_form,
)

for _feature in all_features():
    _feature.register_types()
CATALOGUE = {scene.slug: scene for scene in load_catalogue(check_table).everything()}
EVER = date(2000, 1, 1)


def again(scene: Manifest) -> Manifest:
    """The scene as its form gives it back."""
    values = read_form(fill_form(scene.written()))
    read, faults = find_faults({**values, "slug": scene.slug, "version": scene.version}, not_before=EVER)
    assert not faults
    assert read is not None
    return read


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_every_scene_of_the_catalogue_comes_back_unchanged(slug: str) -> None:
    assert again(CATALOGUE[slug]) == CATALOGUE[slug]


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
def test_every_field_is_drawn_once_and_named(slug: str) -> None:
    drawn = [node.name for node in walk(draw_form(CATALOGUE[slug].written(), {})) if not node.children]
    filled = {name for name in fill_form(CATALOGUE[slug].written()) if not name.endswith(".on")}
    assert len(drawn) == len(set(drawn))
    assert filled <= set(drawn)


def walk(nodes: Any) -> Any:
    for node in nodes:
        assert isinstance(node, Node)
        yield node
        yield from walk(node.children)


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
sentences = st.fixed_dictionaries({"zh": texts, "en": texts})
keys = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
limits = st.lists(
    st.one_of(
        st.fixed_dictionaries({"per": st.just("scene"), "period": st.just("day"), "total": st.integers(1, 9)}),
        st.fixed_dictionaries(
            {
                "per": st.just("district"),
                "period": st.just("month"),
                "total": st.integers(1, 9),
                "shares": st.dictionaries(st.sampled_from(["410602", "410611"]), st.integers(0, 9)),
            }
        ),
    ),
    max_size=1,
)
gives = st.one_of(
    st.fixed_dictionaries(
        {
            "flow": st.just("voucher"),
            "percent_off": st.integers(1, 100),
            "cap_fen": st.integers(1, 10_000),
            "trades": st.lists(st.sampled_from(["hotel", "catering"]), unique=True),
            "sign_up": st.booleans(),
        }
    ),
    st.fixed_dictionaries(
        {
            "flow": st.just("fast_track"),
            "counters": st.lists(
                st.fixed_dictionaries({"key": keys, "name": sentences, "a_day": st.integers(1, 99)}),
                min_size=1,
                max_size=3,
            ),
        }
    ),
    st.fixed_dictionaries(
        {
            "flow": st.just("commitment"),
            "text": sentences,
            "papers": st.lists(st.fixed_dictionaries({"key": keys, "name": sentences}), min_size=1, max_size=3),
            "due_days": st.integers(1, 30),
            "remind_days": st.lists(st.integers(1, 20), max_size=3),
        }
    ),
)
single = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("credit_status"),
            "allowed": st.lists(st.sampled_from(["good", "minor", "general"]), min_size=1, unique=True),
        }
    ),
    st.fixed_dictionaries({"type": st.just("age")}, optional={"at_least": st.integers(0, 130)}),
    st.fixed_dictionaries({"type": st.just("residence"), "within": st.just(["410602", "410611"])}),
)
requirements = st.recursive(
    single,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"type": st.just("any_of"), "of": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"type": st.just("not"), "of": st.lists(inner, min_size=1, max_size=1)}),
    ),
    max_leaves=4,
)
manifests = st.fixed_dictionaries(
    {
        "slug": st.just("trial"),
        "version": st.just(3),
        "opens_on": st.dates(date(2026, 1, 1), date(2027, 1, 1)).map(date.isoformat),
        "closes_on": st.none() | st.just("2028-01-01"),
        "name": sentences,
        "summary": sentences,
        "shown": st.none() | sentences,
        "terms": sentences,
        "provider": sentences,
        "quota": st.fixed_dictionaries({"total": st.integers(10, 10_000), "limits": limits}),
        "opening": st.fixed_dictionaries({"weekdays": st.lists(st.integers(1, 7), min_size=1, unique=True)}),
        "bureau": st.fixed_dictionaries({"purpose": st.just("credit_status.scenes"), "basis": texts}),
        "gives": gives,
        "requires": st.lists(requirements, max_size=3),
        "requires_at_use": st.lists(single, max_size=1),
    }
)


@settings(max_examples=60)
@given(values=manifests)
def test_any_manifest_comes_back_from_its_form_and_so_does_the_form(values: dict[str, Any]) -> None:
    scene = manifest_from(values)
    assert again(scene) == scene
    fields = fill_form(scene.written())
    assert fill_form(read_form(fields)) == fields


@settings(max_examples=60)
@given(values=manifests, typed=st.dictionaries(st.integers(0, 200), st.text(max_size=12), max_size=4))
def test_whatever_is_typed_is_read_checked_and_shown_again(values: dict[str, Any], typed: dict[int, str]) -> None:
    """Nonsense in any field is a fault at a field, never an exception."""
    fields = fill_form(manifest_from(values).written())
    names = sorted(fields)
    for place, text in typed.items():
        fields[names[place % len(names)]] = [text]
    read = read_form(fields)
    _, faults = find_faults({**read, "slug": "trial", "version": 3}, not_before=EVER)
    draw_form(read, faults)


def test_wrong_fields_are_all_named_at_once() -> None:
    fields = fill_form(CATALOGUE["travel"].written())
    fields |= {
        "quota.total": ["many"],
        "name.zh": [""],
        "gives.percent_off": ["101"],
        "bureau.data": ["address"],
        "opens_on": ["soon"],
        "quota.limits.1.shares": ["410602: 5"],
        "requires.0.allowed": [],
    }
    _, faults = find_faults({**read_form(fields), "slug": "travel", "version": 1}, not_before=EVER)
    assert set(faults) == {
        "quota.total", "name.zh", "gives.percent_off", "bureau.data", "opens_on", "quota.limits.1.shares",
        "requires.0.allowed",
    }  # fmt: skip
    assert faults["gives.percent_off"].en == "A whole number from 1 to 100."


def test_what_does_not_fit_together_is_named_at_its_row() -> None:
    fields = fill_form(CATALOGUE["travel"].written())
    fields |= {"quota.limits.0.total": ["999999"], "gives.trades": ["museum"]}
    _, faults = find_faults({**read_form(fields), "slug": "travel", "version": 1}, not_before=EVER)
    assert set(faults) == {"quota.limits.0", "gives.trades"}


def test_rows_and_requirements_are_added_and_removed_by_buttons() -> None:
    values = read_form(fill_form(CATALOGUE["travel"].written()))
    assert change_rows(values, "add:requires", "any_of")
    assert change_rows(values, "add:requires.1.of", "age")
    assert change_rows(values, "add:quota.limits", "")
    values = read_form(fill_form(values))
    assert values["requires"][1] == {"type": "any_of", "of": [{"type": "age"}]}
    assert len(values["quota"]["limits"]) == 3
    assert change_rows(values, "remove:requires.1.of.0", "")
    assert values["requires"][1]["of"] == []
    assert change_rows(values, "remove:requires.9", "")
    assert not change_rows(values, "drop:requires", "")
    assert not change_rows(values, "add:../../x", "")


def test_a_difference_is_told_in_words() -> None:
    scene = CATALOGUE["travel"]
    written = scene.written()
    changed = manifest_from({**written, "quota": {**written["quota"], "total": 6_000, "limits": []}})
    told = {row.path: row.sentence.en for row in differences_of(scene, changed)}
    assert told["quota.total"] == "Quota · Total changes from “5000” to “6000”"
    assert told["quota.limits.0.total"] == "Quota · Narrower limits · row 1 · Total goes (it was 500)"
