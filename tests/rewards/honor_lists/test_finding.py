"""Who was listed before she was a resident has her entries from her first sign-in on, and what hangs on them."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from support.lists import WITH_NOTICE, approve, make, person
from support.people import Caller

from xinyi_platform.clock import FixedClock
from xinyi_platform.identity import create_resident
from xinyi_platform.identity.residents import NewResident
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.identity.signing_in import redeem_code, send_code
from xinyi_platform.notices.models import Notice
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import publish_due
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.models import RewardGrant

pytestmark = pytest.mark.anyio


async def sign_in(runtime: Runtime, *, name: str = "王小丽", number: int = 1) -> str:
    """Make a resident and let her prove her phone. Returns her id."""
    person_ = NewResident(name, f"1380000000{number}", synthetic_identity_number(number), "410611001001")
    who = await create_resident(runtime.keys, person_, at=runtime.clock.now())
    code = await send_code(runtime, person_.phone, address="127.0.0.1")
    assert code is not None
    assert await redeem_code(runtime, person_.phone, code) == who
    return str(who)


async def test_a_published_entry_finds_its_subject_and_gives_what_it_gives(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1), person(2, "李小明")]))
    who = await sign_in(runtime)
    assert str((await HonorEntry.get(name_masked="王*丽")).resident_id) == who
    assert (await HonorEntry.get(name_masked="李*明")).resident_id is None
    assert await RewardGrant.filter(resident_id=who).count() == 6
    assert await grant_due(runtime) > 0
    assert await Notice.filter(resident_id=who, kind="honor_entry.published").count() == 1


async def test_under_notice_she_is_told_and_a_second_sign_in_changes_nothing(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)], kind=WITH_NOTICE))
    who = await sign_in(runtime)
    clock.advance(timedelta(minutes=2))
    again = await send_code(runtime, "13800000001", address="127.0.0.1")
    assert again is not None
    await redeem_code(runtime, "13800000001", again)
    assert await Notice.filter(resident_id=who, kind="honor_entry.noticed").count() == 1
    clock.advance(timedelta(days=7))
    assert await publish_due(runtime) == 1
    assert str((await HonorEntry.get()).resident_id) == who


async def test_a_number_without_the_name_finds_nobody(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)]))
    await sign_in(runtime, name="王小美")
    assert (await HonorEntry.get()).resident_id is None
