"""Areas against the city's tree: an area covers what lies below it, in memory and in the database alike."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.people import CITY
from support.scenes import a_shop

from xinyi_merchants.registry.models import Merchant, MerchantChange
from xinyi_merchants.risk_classes.models import InspectionDraw
from xinyi_platform.database.group_commit import GroupCommit
from xinyi_platform.divisions import city_code, communities, divisions, is_city, is_division, parent_of
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Anyone, Resident, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of, everywhere, serving, whole_city

pytestmark = pytest.mark.anyio

CODES = sorted(divisions())
BROKEN = [
    "",
    "4",
    "41",
    "4106",
    "410",
    "41060",
    "4100",
    "410000",
    "41061",
    "4106110",
    "41061100",
    "4106110010",
    "%",
    "_",
]


def staff(division: str) -> Staff:
    return Staff(new_id(), new_id(), "person", frozenset({Role.REVIEWER}), division)


def above(code: str) -> list[str]:
    """Return a division and all above it, by the tree alone."""
    found = [code]
    while parent := parent_of(found[-1]):
        found.append(parent)
    return found


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_an_area_covers_itself_and_what_lies_below_it(area: str, code: str) -> None:
    assert area_of(staff(area)).covers(code) == (area in above(code))


@given(st.sampled_from(CODES) | st.text("0123456789%_", max_size=14))
def test_a_code_that_is_no_division_covers_nothing(code: str) -> None:
    covered = [other for other in CODES if area_of(staff(code)).covers(other)]
    assert bool(covered) == is_division(code)


def test_the_tree_has_one_city_four_levels_and_no_orphan() -> None:
    assert [code for code in CODES if is_city(code)] == [CITY] == [city_code()]
    assert all(parent in divisions() for code in CODES if (parent := parent_of(code)))
    assert {len(above(code)) for code in communities()} == {4}


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_a_part_is_never_wider_than_its_whole(area: str, code: str) -> None:
    whole = area_of(staff(area))
    try:
        part = whole.part(code)
    except NotFound:
        assert not whole.covers(code)
        return
    assert all(whole.covers(other) for other in CODES if part.covers(other))


async def test_the_database_narrows_as_the_tree_does(runtime: Runtime) -> None:
    now = runtime.clock.now()
    for code in CODES:
        await InspectionDraw.create(
            id=new_id(), division=code, trade="", seed="", weights={}, candidates=[], drawn=[], drawn_by=new_id(),
            drawn_at=now,
        )  # fmt: skip
    for code in [*CODES, *BROKEN]:
        held = area_of(staff(code))
        bound = await held.bind(InspectionDraw.all()).values_list("division", flat=True)
        with serving(staff(code)):
            served = await InspectionDraw.all().values_list("division", flat=True)
        assert sorted(map(str, bound)) == sorted(map(str, served)) == [c for c in CODES if held.covers(c)], code


async def test_what_is_settled_in_a_group_is_settled_in_no_area(runtime: Runtime) -> None:
    """The first who comes starts the group's task, which would otherwise keep her area for all the others."""
    await a_shop(runtime, "catering")

    async def count(_: object, items: Sequence[int]) -> list[int | Exception]:
        return [await Merchant.all().count() for _ in items]

    groups: GroupCommit[int, int] = GroupCommit(count, most=8)
    with serving(staff("410602")):
        assert await Merchant.all().count() == 0
        assert await groups.submit("quota", 1) == 1
    await groups.close()


async def test_each_way_to_ask_is_narrowed_and_everywhere_is_not(runtime: Runtime) -> None:
    shop = (await a_shop(runtime, "catering")).merchant
    with serving(staff("410602")):
        assert await Merchant.get_or_none(id=shop.id) is None
        assert not await Merchant.exists(id=shop.id)
        assert await Merchant.all().count() == await Merchant.exclude(id=uuid4()).count() == 0
        assert await Merchant.filter(id=shop.id).update(name="别的") == 0
        assert await Merchant.filter(id=shop.id).delete() == 0
        assert await Merchant.filter(id=shop.id).select_for_update().first() is None
        assert await Merchant.filter(id__in=[shop.id]).values_list("id", flat=True) == []
        assert await MerchantChange.first() is None
        assert (await everywhere(Merchant).get(id=shop.id)).name == shop.name
        with serving(staff("410611")):
            assert await Merchant.exists(id=shop.id)
        assert not await Merchant.exists(id=shop.id)
    for other in (Resident(new_id()), Anyone(), None):
        with serving(other):
            assert await Merchant.exists(id=shop.id)
    assert whole_city().covers(shop.division)
