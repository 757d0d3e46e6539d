"""No query of staff can forget the area: models with a division are bound, and who goes past it says why."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from support.sources import ROOT, Source, sources
from tortoise import Model, Tortoise

from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import Bound

pytestmark = pytest.mark.anyio

# Models with a division whose rows are not an area's. Anything else with a division, or a reference to a bound model,
# has a manager of `xinyi_platform.tenancy`.
NOT_BOUND = {
    "ResidentAccount": "people move, and an area's things name people who live elsewhere; staff read names masked",
    "Account": "one signs in before an area is known, and no route of staff lists accounts",
}
# By module: who looks past the area, and why that shows nothing of others.
EVERYWHERE = {
    "xinyi_platform.division_policies.reading": "what the areas above have set binds those below, who are shown it",
    "xinyi_platform.guardianships.reading": "what rules may know of a resident is the same wherever her wards live",
    "xinyi_merchants.registry.finding": "a shop's public facts, as its public page tells them",
    "xinyi_merchants.registry.history": "a shop that moves into the area is locked where it was",
    "xinyi_merchants.registry.changing": "a shop that moves into the area is changed where it was; a code is unique",
    "xinyi_merchants.public_pages.serving": "what is cached of any shop is forgotten",
    "xinyi_merchants.risk_classes.recomputing": "any shop that changed is classed again, by a job",
    "xinyi_merchants.sheets.importing": "a code of another area is refused and not entered twice",
    "xinyi_rewards.honor_lists.checking": "a red list is checked against the black ones of the whole city",
    "xinyi_rewards.support.granting": "a shop's support follows its facts, whoever changed them",
    "xinyi_rewards.support.reading": "a shop's own support, and what is promoted to anybody",
    "xinyi_rewards.figures.counting": "each query is bound to the area that it is counted for",
    "xinyi_rewards.cases.reading": "what anybody may see; staff read by their cases",
    "xinyi_rewards.gatherings.holding": "residents go to gatherings wherever they are",
    "xinyi_rewards.gatherings.reading": "guests are counted by the gatherings of the area",
    "xinyi_rewards.campaigns.offering": "what a campaign gives is the same whoever approves a list or asks",
    "xinyi_rewards.campaigns.spending": "a unit goes with its reward, whoever ends the entry",
    "xinyi_rewards.campaigns.reading": "what runs is public; staff read by their campaigns",
    "xinyi_rewards.campaigns.deciding": "a job ends what is over",
    "xinyi_rewards.assistance.booking": "a place is freed with the end of a listing, whoever ended it",
    "xinyi_rewards.assistance.agency": "the same for a request",
    "xinyi_rewards.assistance.reading": "a package names what its subject attended, whichever area held it",
    "xinyi_rewards.points.earning": "points follow an entry wherever it is listed",
    "xinyi_rewards.feed.taking": "a job, which serves no area",
    "xinyi_rewards.deaths.confirming": "with a death ends what any area has listed",
    "xinyi_rewards.honor_lists.mirroring": "what a repair ends before its review, whoever entered it",
    "xinyi_rewards.recalls.reading": "a receiver's own recalls, whichever area she serves by now",
    "xinyi_rewards.recalls.recalling": "the same; and what ends is recalled from receivers everywhere",
    "xinyi_rewards.recalls.silence": "a receiver is silent on recalls of whichever area",
    "xinyi_rewards.recalls.receiving": "a job, which serves no area",
    "xinyi_rewards.honor_lists.reading": "what anybody may see",
    "xinyi_rewards.honor_lists.finding": "entries find their subject, whichever area listed her",
    "xinyi_rewards.revocations.revoking": "a proposal lapses with its entry, whoever ended it",
    "xinyi_rewards.uploads.working": "a job, which serves no area, or the maker who sent the sheet",
    "xinyi_rewards.honor_lists.publishing": "an entry ends as a whole, by whoever the caller has let decide it",
    "xinyi_rewards.rewards.granting": "an entry gives its subject what its kind gives, whoever approved it",
    "xinyi_rewards.rewards.promising": "the same",
    "xinyi_rewards.rewards.ending": "the same",
    "xinyi_rewards.repairs.reading": "a request is its subject's area's; the listing may be the city's own",
    "xinyi_rewards.repairs.packaging": "the same",
    "xinyi_rewards.repairs.requesting": "a step goes with the end of a listing, whoever ended it",
    "xinyi_rewards.repairs.handling": "the same",
    "xinyi_rewards.repairs.deferring": "the same",
    "xinyi_rewards.repairs.holding": "the same; who made its list bars from deciding, wherever that was made",
}
WHOLE_CITY = {"xinyi_rewards.figures.freezing", "xinyi_merchants.sheets.commands", "xinyi_merchants.stickers.commands"}
# Queries of areas that are written by hand, past the area of a member of staff.
BY_HAND = {
    "xinyi_platform.tenancy.areas": "the one place",
    "xinyi_rewards.gatherings.reading": "a resident's own district stands first, and the others after it",
    "xinyi_rewards.support.reading": "the shops of an area that are promoted to anybody",
    "xinyi_merchants.stickers.snapshots": "the public snapshot of a district that anybody may ask for",
}


def calls(source: Source, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in names:
                yield node


def narrows_by_hand(source: Source) -> bool:
    """Tell whether a module compares divisions by their beginning."""
    return any(
        (isinstance(node, ast.keyword) and (node.arg or "").endswith("division__startswith"))
        or (isinstance(node, ast.Name) and node.id in ("code_prefix", "Area") and isinstance(node.ctx, ast.Load)
            and _is_called(source, node))
        for node in ast.walk(source.tree)
    )  # fmt: skip


def _is_called(source: Source, name: ast.Name) -> bool:
    return any(node.func is name for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def users(*names: str) -> set[str]:
    return {source.name for source in sources() if any(calls(source, *names))}


def lies_in_an_area(model: type[Model], bound: set[type[Model]]) -> bool:
    parents = {field.related_model for field in model._meta.fields_map.values() if hasattr(field, "related_model")}
    owned = {model._meta.fields_map[name].related_model for name in model._meta.fk_fields}  # type: ignore[attr-defined]
    return "division" in model._meta.fields_map or bool(parents & owned & bound)


async def test_whatever_has_a_division_is_bound(runtime: Runtime) -> None:
    models = set(Tortoise.apps["models"].values())
    bound = {model for model in models if isinstance(model._meta.manager, Bound)}
    loose = {model.__name__ for model in models - bound if lies_in_an_area(model, bound)}
    assert loose == set(NOT_BOUND)


def test_who_looks_past_the_area_says_why() -> None:
    assert users("everywhere") - {"xinyi_platform.tenancy.binding"} == set(EVERYWHERE)


def test_only_commands_and_what_is_published_of_it_serve_the_whole_city() -> None:
    assert users("whole_city") == WHOLE_CITY


def test_divisions_are_compared_in_one_place() -> None:
    assert {source.name for source in sources() if narrows_by_hand(source)} - {"xinyi_platform.divisions"} == set(
        BY_HAND
    )


def test_nobody_builds_a_query_past_the_models() -> None:
    """A QuerySet made by hand, or SQL that reads, would not be narrowed."""
    assert users("QuerySet", "RawSQL") == {"xinyi_platform.tenancy.binding"}
    reading = {source.name for source in sources() if any(calls(source, "execute_query", "execute_query_dict"))}
    assert reading == {
        "xinyi_platform.database.among",  # around a query that a manager has narrowed
        "xinyi_platform.database.bulk",  # inserts
        "xinyi_platform.database.revisions",  # the schema's revision
        "xinyi_platform.files.forgetting",  # files that no row of any area names
        "xinyi_platform.health",  # SELECT 1
        "xinyi_scenarios.quotas.counting",  # one quota's count
    }


@pytest.mark.parametrize(
    "text",
    [
        "await Merchant.filter(division__startswith=x)",
        "await Objection.filter(entry__honor_list__division__startswith=x)",
        "code.startswith(code_prefix(x))",
        "Area('410600')",
    ],
)
def test_what_is_written_by_hand_is_found(text: str) -> None:
    tree = ast.parse(f"async def f():\n    {text}")
    assert narrows_by_hand(Source("xinyi_merchants.somewhere", ROOT / "x.py", tree))
