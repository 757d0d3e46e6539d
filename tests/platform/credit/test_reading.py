"""Credit is read with consent, fresh enough for the use, and never without a line on the resident's trail."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from support.people import Caller, a_resident

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.consents import PURPOSES, ConsentMissing, grant, withdraw
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit import CreditStatus, CreditUnknown, CreditUse, read_credit
from xinyi_platform.credit.models import CreditRead, CreditSnapshot
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
NUMBER = synthetic_identity_number(1)
USE = CreditUse(purpose=SCENES, reader="scenarios", reason="decide")


@pytest.fixture
async def wang(runtime: Runtime, bureau: Simulator) -> Caller:
    """A resident of good standing who has consented to nothing yet."""
    bureau.overrides[NUMBER] = ("good", False)
    return await a_resident(runtime)


@pytest.fixture
async def wang_id(wang: Caller, clock: FixedClock) -> UUID:
    """The same, with her consent."""
    assert wang.id is not None
    await grant(wang.id, SCENES, version=PURPOSES[SCENES].version, at=clock.now())
    return wang.id


async def outcomes() -> list[str]:
    return [row.outcome for row in await CreditRead.all().order_by("at", "id")]


async def test_without_consent_nothing_is_read_and_the_try_is_seen(
    runtime: Runtime, wang: Caller, bureau: Simulator
) -> None:
    assert wang.id is not None
    with pytest.raises(ConsentMissing):
        await read_credit(runtime, wang.id, USE)
    assert await CreditSnapshot.all().count() == 0
    (line,) = await CreditRead.all()
    assert (line.outcome, line.consent_id, line.reader, line.reason) == ("refused", None, "scenarios", "decide")


async def test_a_word_of_the_bureau_is_kept_for_a_day_and_then_asked_anew(
    runtime: Runtime, wang_id: UUID, bureau: Simulator, clock: FixedClock
) -> None:
    first = await read_credit(runtime, wang_id, USE)
    assert first == CreditStatus("good", False, clock.now(), is_fresh=True)
    bureau.overrides[NUMBER] = ("minor", False)
    clock.advance(timedelta(hours=24))
    assert await read_credit(runtime, wang_id, USE) == first
    clock.advance(timedelta(seconds=1))
    assert await read_credit(runtime, wang_id, USE) == CreditStatus("minor", False, clock.now(), is_fresh=True)
    assert await outcomes() == ["fresh", "cached", "fresh"]


async def test_a_use_that_needs_a_fresher_word_gets_one(
    runtime: Runtime, wang_id: UUID, bureau: Simulator, clock: FixedClock
) -> None:
    await read_credit(runtime, wang_id, USE)
    clock.advance(timedelta(hours=2))
    claim = CreditUse(purpose=SCENES, reader="scenarios", reason="claim", fresh_within=timedelta(hours=1))
    now = await read_credit(runtime, wang_id, claim)
    assert isinstance(now, CreditStatus)
    assert now.as_of == clock.now()
    assert await outcomes() == ["fresh", "fresh"]


@pytest.mark.parametrize(("mode", "code"), [("down", "bureau_down"), ("garbage", "bureau_garbled")])
async def test_a_silent_bureau_means_unknown_and_never_no(
    mode: str, code: str, runtime: Runtime, wang_id: UUID, bureau: Simulator
) -> None:
    bureau.mode = mode
    answer = await read_credit(runtime, wang_id, USE)
    assert isinstance(answer, CreditUnknown)
    assert answer.code == code
    assert answer.reason.zh
    assert answer.reason.en
    assert await outcomes() == ["unknown"]


async def test_a_silent_bureau_leaves_the_old_word_with_its_age(
    runtime: Runtime, wang_id: UUID, bureau: Simulator, clock: FixedClock
) -> None:
    told_at = clock.now()
    await read_credit(runtime, wang_id, USE)
    bureau.mode = "down"
    clock.advance(timedelta(days=3))
    assert await read_credit(runtime, wang_id, USE) == CreditStatus("good", False, told_at, is_fresh=False)
    assert await outcomes() == ["fresh", "cached"]


async def test_each_read_names_the_consent_that_it_relied_on(runtime: Runtime, wang_id: UUID) -> None:
    for _ in range(3):
        await read_credit(runtime, wang_id, USE)
    assert len({row.consent_id for row in await CreditRead.all()}) == 1
    assert None not in {row.consent_id for row in await CreditRead.all()}


async def test_after_the_withdrawal_the_next_read_is_refused_and_the_word_forgotten(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, wang_id: UUID
) -> None:
    mine = wang.headers()
    assert (await app_client.get("/api/v1/me/credit", headers=mine)).json()["standing"] == "good"
    assert (await app_client.delete(f"/api/v1/me/consents/{SCENES}", headers=mine)).status_code == 204
    assert await CreditSnapshot.all().count() == 0
    refused = await app_client.get("/api/v1/me/credit", headers=mine)
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_missing")
    assert await outcomes() == ["fresh", "refused"]


async def test_withdrawing_another_consent_leaves_the_word(runtime: Runtime, wang_id: UUID, clock: FixedClock) -> None:
    from_scenes = await read_credit(runtime, wang_id, USE)
    other = PURPOSES["outcome.bureau"]
    await grant(wang_id, other.code, version=other.version, at=clock.now())
    await withdraw(runtime.events, wang_id, other.code, at=clock.now())
    assert await read_credit(runtime, wang_id, USE) == from_scenes
    assert await outcomes() == ["fresh", "cached"]
