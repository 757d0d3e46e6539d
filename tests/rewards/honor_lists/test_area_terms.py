"""A kind of list as an area has it: stricter where the area or one above it says so."""

from __future__ import annotations

from datetime import date

import pytest

from xinyi_platform.division_policies.models import DivisionPolicy
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.area_terms import PARAMETERS, kind_in
from xinyi_rewards.honor_lists.kinds import kind_of, list_kinds

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 23)


async def test_a_kind_is_the_citys_where_nobody_has_said_more(runtime: Runtime) -> None:
    for kind in list_kinds().values():
        assert await kind_in(kind, "410611001001", on=TODAY) == kind


@pytest.mark.parametrize("parameter", [parameter.name for parameter in PARAMETERS])
async def test_each_term_can_be_stricter_in_an_area_and_the_rest_stays(runtime: Runtime, parameter: str) -> None:
    kind, now, one = kind_of("red-volunteer"), runtime.clock.now(), new_id()
    stricter = getattr(kind, parameter) + 2
    await DivisionPolicy.create(
        id=one, division="410611", topic="list_kind", key=kind.slug, parameter=parameter, value=stricter,
        in_force_from=TODAY, reason="从严", state="approved", slot=str(one), maker_id=one, maker_person="a",
        made_at=now, decider_id=one, decider_person="b", decided_at=now,
    )  # fmt: skip
    held = await kind_in(kind, "410611001001", on=TODAY)
    assert getattr(held, parameter) == stricter
    assert {p.name: getattr(held, p.name) for p in PARAMETERS if p.name != parameter} == {
        p.name: getattr(kind, p.name) for p in PARAMETERS if p.name != parameter
    }
    assert await kind_in(kind, "410602001001", on=TODAY) == kind
