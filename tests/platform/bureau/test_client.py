"""The client bounds what a sick bureau can do: one retry, one wait, a breaker, one call for one subject."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from support.bureau import free_port

from xinyi_platform.bureau import BureauClient, BureauSilent
from xinyi_platform.bureau import client as client_module
from xinyi_platform.bureau.protocol import GarbledAnswer
from xinyi_platform.bureau.simulator import Simulator, pin_keys
from xinyi_platform.clock import FixedClock
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
SUBJECT = "41061119800101001X"


async def ask(client: BureauClient, subject: str = SUBJECT) -> str:
    """Return the standing, or why there is none."""
    try:
        return (await client.ask(subject=subject, purpose="scenes", consent_id=new_id())).standing
    except BureauSilent as silence:
        return silence.code


async def test_a_question_is_answered(client: Any, odd_bureau: Any) -> None:
    assert await ask(client) == "good"
    (question,) = odd_bureau.questions
    assert (question["sub"], question["fields"]) == (SUBJECT, ["standing", "black_listed"])


@pytest.mark.parametrize("status", [301, 400, 401, 404, 429, 500, 503])
async def test_a_refusal_is_silence_and_is_not_tried_again(status: int, client: Any, odd_bureau: Any) -> None:
    odd_bureau.reply = lambda _: (status, "no")
    assert await ask(client) == "down"
    assert len(odd_bureau.questions) == 1


@pytest.mark.parametrize("body", ["", "<html>", "null", "x" * 1_000_000], ids=["empty", "html", "null", "huge"])
async def test_garbage_is_silence(body: str, client: Any, odd_bureau: Any) -> None:
    odd_bureau.reply = lambda _: (200, body)
    assert await ask(client) == "garbled"


async def test_an_answer_about_somebody_else_is_silence(client: Any, odd_bureau: Any) -> None:
    odd_bureau.reply = lambda question: odd_bureau.well({**question, "sub": "410611198001010028"})
    assert await ask(client) == "garbled"


async def test_an_answer_that_does_not_come_is_silence(hasty_client: Any, odd_bureau: Any) -> None:
    odd_bureau.gate.clear()
    assert await ask(hasty_client) == "slow"
    await asyncio.to_thread(odd_bureau.asked.wait, 30)
    assert len(odd_bureau.questions) == 1


async def test_an_answer_that_drips_is_silence_too(hasty_client: Any, odd_bureau: Any) -> None:
    """Each byte comes in time; the whole does not."""
    odd_bureau.drips = True
    assert await ask(hasty_client) == "slow"


async def test_who_cannot_be_reached_is_tried_once_more(keys: KeyRing, clock: FixedClock, tmp_path: Path) -> None:
    client = BureauClient(
        url=f"http://127.0.0.1:{free_port()}",
        issuer="xinyi",
        pinned=tmp_path,
        timeout_seconds=5,
        keys=keys,
        clock=clock,
    )
    tries = 0

    class Counting(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal tries
            tries += 1
            return await super().handle_async_request(request)

    client._http = httpx.AsyncClient(transport=Counting())
    assert await ask(client) == "down"
    assert tries == 2
    await client.close()


async def test_questions_about_one_person_at_the_same_time_are_one_call(client: Any, odd_bureau: Any) -> None:
    answers = await asyncio.gather(*(ask(client) for _ in range(5)))
    assert answers == ["good"] * 5
    assert len(odd_bureau.questions) == 1
    assert await ask(client) == "good"
    assert len(odd_bureau.questions) == 2, "a later question is asked anew"


async def test_two_people_are_two_calls(client: Any, odd_bureau: Any) -> None:
    await asyncio.gather(ask(client), ask(client, "410611198001010028"))
    assert {question["sub"] for question in odd_bureau.questions} == {SUBJECT, "410611198001010028"}


async def test_who_hangs_up_does_not_take_the_answer_from_the_others(client: Any, odd_bureau: Any) -> None:
    odd_bureau.gate.clear()
    impatient, patient = asyncio.create_task(ask(client)), asyncio.create_task(ask(client))
    await asyncio.to_thread(odd_bureau.asked.wait, 10)
    impatient.cancel()
    odd_bureau.gate.set()
    assert await patient == "good"
    assert impatient.cancelled()


async def test_the_breaker_opens_after_five_failures_and_asks_nobody(client: Any, odd_bureau: Any) -> None:
    odd_bureau.reply = lambda _: (503, "")
    assert [await ask(client) for _ in range(7)] == ["down"] * 5 + ["breaker_open"] * 2
    assert len(odd_bureau.questions) == 5


async def test_the_breaker_closes_when_the_bureau_is_well_again(
    client: Any, odd_bureau: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "BREAK_SECONDS", 0.0)
    odd_bureau.reply = lambda _: (503, "")
    assert [await ask(client) for _ in range(6)] == ["down"] * 6, "each try after the break is a call"
    odd_bureau.reply = odd_bureau.well
    assert await ask(client) == "good"
    monkeypatch.setattr(client_module, "BREAK_SECONDS", 60.0)
    odd_bureau.reply = lambda _: (503, "")
    assert [await ask(client) for _ in range(6)] == ["down"] * 5 + ["breaker_open"], "counting began anew"


@pytest.mark.parametrize(
    "content", ["", "[]", {"keys": [{"kid": "a"}]}, {"keys": [{"kid": "a", "x": "é"}]}, {}], ids=str
)
async def test_without_pinned_keys_nothing_is_trusted(
    content: object, odd_bureau: Any, keys: KeyRing, clock: FixedClock, pinned: Callable[[object], Path]
) -> None:
    client = BureauClient(
        url=odd_bureau.url, issuer="xinyi", pinned=pinned(content), timeout_seconds=5, keys=keys, clock=clock
    )
    assert await ask(client) == "garbled"
    await client.close()


def test_a_missing_file_of_pinned_keys_says_so(tmp_path: Path) -> None:
    with pytest.raises(GarbledAnswer, match="no pinned keys"):
        client_module.read_pinned_keys(tmp_path / "none.json")


async def test_a_bureau_that_pins_a_second_key_is_believed_by_both(
    client: Any, odd_bureau: Any, clock: FixedClock, tmp_path: Path
) -> None:
    """A bureau rotates by publishing the new key first and signing with it later."""
    old = odd_bureau.keys.current("bureau")
    odd_bureau.keys.rotate("bureau", clock.now())
    pin_keys(odd_bureau.keys, tmp_path / "bureau.json")
    assert await ask(client) == "good"
    assert old.kid != odd_bureau.keys.current("bureau").kid


async def test_no_identity_number_enters_the_log(client: Any, odd_bureau: Any) -> None:
    odd_bureau.reply = lambda _: (503, SUBJECT)
    with capture_logs() as lines:
        await ask(client)
    assert lines
    assert SUBJECT not in str(lines)


@pytest.mark.parametrize(("mode", "outcome"), [("ok", "serious"), ("down", "down"), ("garbage", "garbled")])
async def test_the_simulator_keeps_to_the_protocol(
    mode: str, outcome: str, runtime: Runtime, bureau: Simulator
) -> None:
    bureau.mode = mode
    bureau.overrides[SUBJECT] = ("serious", True)
    assert await ask(runtime.bureau) == outcome


async def test_the_simulator_refuses_who_it_does_not_know(bureau: Simulator, runtime: Runtime) -> None:
    async with httpx.AsyncClient(base_url=runtime.settings.bureau_url) as stranger:
        for body in ("", "a.b.c", "é"):
            assert (await stranger.post("/v1/status", content=body.encode())).status_code == 401
        assert (await stranger.post("/control", json={"mode": "wild"})).status_code == 400
        published = (await stranger.get("/.well-known/jwks.json")).json()["keys"]
    assert [key["kid"] for key in published] == [key.kid for key in bureau.keys.live("bureau")]
