"""Ask the bureau: bounded in time, one jittered retry, a breaker, and one call at a time for each subject."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from pathlib import Path
from uuid import UUID

import httpx
import stamina
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xinyi_platform.bureau.protocol import (
    BureauNews,
    BureauStatus,
    GarbledAnswer,
    Outcome,
    Question,
    read_answer,
    read_news,
    sign_news_question,
    sign_outcome,
    sign_question,
)
from xinyi_platform.clock import Clock
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.outgoing import http_client
from xinyi_platform.settings import Settings

BREAK_AFTER = 5
BREAK_SECONDS = 10.0
log = structlog.get_logger(__name__)


class BureauSilent(Exception):
    """The bureau did not give an answer that can be used. `code`: down, slow, garbled or breaker_open."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BureauClient:
    """Speaks the bureau's protocol. Keys of the bureau are pinned in a file and read at the first question."""

    def __init__(
        self, *, url: str, issuer: str, pinned: Path, timeout_seconds: float, keys: KeyRing, clock: Clock
    ) -> None:
        self._url = url.rstrip("/")
        self._issuer = issuer
        self._pinned = pinned
        self._keys = keys
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._http = http_client(timeout_seconds=timeout_seconds)
        self._trusted: dict[str, Ed25519PublicKey] = {}
        self._under_way: dict[str, asyncio.Task[BureauStatus]] = {}
        self._failures = 0
        self._open_until = 0.0

    @classmethod
    def from_settings(cls, settings: Settings, *, keys: KeyRing, clock: Clock) -> BureauClient:
        return cls(
            url=settings.bureau_url,
            issuer=settings.bureau_issuer,
            pinned=settings.bureau_key_file,
            timeout_seconds=settings.bureau_timeout_seconds,
            keys=keys,
            clock=clock,
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(self, *, subject: str, purpose: str, consent_id: UUID, kind: str = "identity_number") -> BureauStatus:
        """Return the bureau's word on a person, or by `kind` uscc on a business. Raises BureauSilent.

        Questions about one subject at the same time share one call.
        """
        task = self._under_way.get(subject)
        if task is None:
            question = Question(str(new_id()), subject, purpose, str(consent_id), kind)
            task = asyncio.get_running_loop().create_task(self._ask_once(question))
            self._under_way[subject] = task
            task.add_done_callback(lambda _: self._under_way.pop(subject, None))
        return await asyncio.shield(task)

    async def _ask_once(self, question: Question) -> BureauStatus:
        if time.monotonic() < self._open_until:
            raise BureauSilent("breaker_open")
        try:
            # httpx counts each read by itself, so an answer that drips would take for ever.
            async with asyncio.timeout(self._timeout_seconds):
                status = await self._send(question)
        except (httpx.TimeoutException, TimeoutError) as error:
            raise self._failed("slow") from error
        except httpx.HTTPError as error:
            raise self._failed("down") from error
        except GarbledAnswer as error:
            raise self._failed("garbled") from error
        self._failures = 0
        return status

    async def tell_outcome(self, *, outcome_id: UUID, subject: str, kept: str, consent_id: UUID) -> None:
        """Tell how an order was kept. Safe to repeat with the same id. Raises BureauSilent."""
        key, now = self._keys.current("bureau"), self._clock.now()
        outcome = Outcome(str(outcome_id), subject, kept, str(consent_id))
        token = sign_outcome(key.private(), key.kid, self._issuer, outcome, now)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._http.post(
                    f"{self._url}/v1/outcomes", content=token, headers={"content-type": "application/jose"}
                )
                answer.raise_for_status()
        except (httpx.TimeoutException, TimeoutError) as error:
            raise BureauSilent("slow") from error
        except httpx.HTTPError as error:
            raise BureauSilent("down") from error

    async def news_after(self, number: int) -> list[BureauNews]:
        """Return what is new for lists after a number, up to a hundred. Safe to repeat. Raises BureauSilent."""
        key, now, question_id = self._keys.current("bureau"), self._clock.now(), str(new_id())
        token = sign_news_question(key.private(), key.kid, self._issuer, question_id, number, now)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._http.post(
                    f"{self._url}/v1/list-news", content=token, headers={"content-type": "application/jose"}
                )
                answer.raise_for_status()
            keys = self._bureau_keys()
            return read_news(answer.text, keys, self._issuer, question_id, number, self._clock.now())
        except (httpx.TimeoutException, TimeoutError) as error:
            raise BureauSilent("slow") from error
        except httpx.HTTPError as error:
            raise BureauSilent("down") from error
        except GarbledAnswer as error:
            raise BureauSilent("garbled") from error

    async def _send(self, question: Question) -> BureauStatus:
        key, now = self._keys.current("bureau"), self._clock.now()
        token = sign_question(key.private(), key.kid, self._issuer, question, now)
        async for attempt in stamina.retry_context(on=httpx.ConnectError, attempts=2, wait_initial=0.05, wait_max=0.2):
            with attempt:
                answer = await self._http.post(
                    f"{self._url}/v1/status", content=token, headers={"content-type": "application/jose"}
                )
        answer.raise_for_status()
        return read_answer(answer.text, self._bureau_keys(), self._issuer, question, self._clock.now())

    def _bureau_keys(self) -> dict[str, Ed25519PublicKey]:
        if not self._trusted:
            self._trusted = read_pinned_keys(self._pinned)
        return self._trusted

    def _failed(self, code: str) -> BureauSilent:
        self._failures += 1
        if self._failures >= BREAK_AFTER:
            self._open_until = time.monotonic() + BREAK_SECONDS
        log.warning("bureau_silent", code=code, failures=self._failures)
        return BureauSilent(code)


def read_pinned_keys(path: Path) -> dict[str, Ed25519PublicKey]:
    """Return the bureau's public keys by kid from a JWKS file. Raises GarbledAnswer when it cannot be read."""
    try:
        rows = json.loads(path.read_text())["keys"]
        return {
            row["kid"]: Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(row["x"] + "=")) for row in rows
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GarbledAnswer("no pinned keys") from error
