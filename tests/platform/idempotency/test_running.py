"""A repeated request never acts twice and gets the answer of the first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from xinyi_platform.audit import AuditEntry, record
from xinyi_platform.clock import FixedClock
from xinyi_platform.errors import DomainError
from xinyi_platform.idempotency import (
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    IdempotencyRecord,
    forget_expired,
    run_once,
)
from xinyi_platform.idempotency.running import KEEP, RequestInProgress
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio


class Desk:
    """Acts once for a key, and counts what it did in the database."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.tries = 0
        self.fails = False

    async def act(self) -> tuple[int, object]:
        self.tries += 1
        await record("desk.act", actor="test", object_kind="desk", object_id=self.tries, detail={}, at=self.clock.now())
        if self.fails:
            raise ZeroDivisionError
        return 201, {"number": self.tries, "text": "已领取"}

    async def ask(
        self, key: str | None = "key-1", *, body: bytes = b"{}", scope: str = "r:1 POST /x"
    ) -> tuple[int, object]:
        return await run_once(scope=scope, key=key, body=body, now=self.clock.now(), act=self.act)


@pytest.fixture
async def desk(runtime: Runtime, clock: FixedClock) -> Desk:
    return Desk(clock)


async def effects() -> int:
    return await AuditEntry.filter(action="desk.act").count()


async def test_the_second_request_gets_the_first_answer(desk: Desk) -> None:
    first = await desk.ask()
    assert first == (201, {"number": 1, "text": "已领取"})
    assert await desk.ask() == first
    assert (desk.tries, await effects()) == (1, 1)


async def test_many_at_once_act_once(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.ask() for _ in range(8)), return_exceptions=True)
    told = [answer for answer in answers if not isinstance(answer, RequestInProgress)]
    assert told
    assert all(answer == (201, {"number": 1, "text": "已领取"}) for answer in told)
    assert await effects() == 1


async def test_while_the_first_runs_the_second_is_told_so(desk: Desk, clock: FixedClock) -> None:
    await IdempotencyRecord.create(
        scope="r:1 POST /x", key="key-1", fingerprint="x", state="running", body={},
        created_at=clock.now(), expires_at=clock.now() + KEEP,
    )  # fmt: skip
    with pytest.raises(RequestInProgress) as refused:
        await desk.ask()
    assert refused.value.status == 409
    assert desk.tries == 0


async def test_the_key_of_another_request_is_refused(desk: Desk) -> None:
    await desk.ask()
    with pytest.raises(IdempotencyKeyReused) as refused:
        await desk.ask(body=b'{"price_fen":1}')
    assert refused.value.status == 422
    assert await effects() == 1


@pytest.mark.parametrize("key", [None, "", "k" * 129])
async def test_without_a_key_nothing_is_done(key: str | None, desk: Desk) -> None:
    with pytest.raises(IdempotencyKeyMissing) as refused:
        await desk.ask(key)
    assert refused.value.status == 400
    assert (desk.tries, await IdempotencyRecord.all().count()) == (0, 0)


async def test_one_key_in_two_scopes_is_two_keys(desk: Desk) -> None:
    await desk.ask(scope="r:1 POST /x")
    await desk.ask(scope="r:2 POST /x")
    await desk.ask(scope="r:1 POST /y")
    assert await effects() == 3


async def test_an_act_that_failed_leaves_nothing_and_may_be_tried_again(desk: Desk) -> None:
    desk.fails = True
    with pytest.raises(ZeroDivisionError):
        await desk.ask()
    assert (await effects(), await IdempotencyRecord.all().count()) == (0, 0)
    desk.fails = False
    assert await desk.ask() == (201, {"number": 2, "text": "已领取"})
    assert await effects() == 1


async def test_answers_are_forgotten_after_two_days(desk: Desk, clock: FixedClock) -> None:
    await desk.ask()
    clock.advance(KEEP - timedelta(seconds=1))
    assert await forget_expired(clock.now()) == 0
    clock.advance(timedelta(seconds=1))
    assert [await forget_expired(clock.now()), await forget_expired(clock.now())] == [1, 0]


def test_the_refusals_say_what_to_do() -> None:
    for kind in (IdempotencyKeyMissing, IdempotencyKeyReused, RequestInProgress):
        assert issubclass(kind, DomainError)
        assert "Idempotency-Key" in kind.text.en or "retry" in kind.text.en


async def test_a_scope_longer_than_its_column_is_told_from_others(desk: Desk) -> None:
    long = "r:1 POST /" + "x" * 300
    first = await desk.ask(scope=long)
    assert await desk.ask(scope=long) == first
    assert await desk.ask(scope=f"{long}y") != first
    assert desk.tries == 2
