"""A bureau for demo and tests, which speaks exactly the protocol on a real port. It knows only synthetic people.

Standing follows from the subject's digest, so that it is the same at every start: about 92 % good, 4 % minor,
3 % general, 1 % serious. `POST /control` (loopback only) sets a subject's standing, or the mode: ok, slow, down,
garbage.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, Literal

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from litestar import Litestar, Request, get, post
from litestar.response import Response

from xinyi_platform.bureau.client import read_pinned_keys
from xinyi_platform.bureau.protocol import read_question, sign_answer, sign_news
from xinyi_platform.clock import Clock, SystemClock
from xinyi_platform.keys import KeyRing

Standing = Literal["good", "minor", "general", "serious"]
SLOW_SECONDS = 30


class Control(msgspec.Struct, forbid_unknown_fields=True):
    """A switch: `mode` of the whole bureau, one subject's `standing` and `black_listed`, or something new for lists."""

    mode: Literal["ok", "slow", "down", "garbage"] | None = None
    subject: Annotated[str, msgspec.Meta(max_length=18)] | None = None
    standing: Standing | None = None
    black_listed: bool = False
    news_kind: Literal["entry", "repair", "death"] | None = None
    news: dict[str, str] | None = None


class Simulator:
    """The simulator's state: its key, the platform's keys, its mode and what was set by hand."""

    def __init__(self, keys: KeyRing, askers: dict[str, Ed25519PublicKey], clock: Clock | None = None) -> None:
        self.keys = keys
        self.askers = askers
        self.clock = clock or SystemClock()
        self.mode = "ok"
        self.overrides: dict[str, tuple[str, bool]] = {}
        self.outcomes: dict[str, tuple[str, str]] = {}
        self.news: list[dict[str, Any]] = []

    def status_of(self, subject: str) -> dict[str, object]:
        """Return a subject's standing: set by hand, or by its digest."""
        standing, listed = self.overrides.get(subject, (standing_by_digest(subject), False))
        return {"standing": standing, "black_listed": listed or standing == "serious"}

    def app(self) -> Litestar:
        """Return the bureau as an ASGI application."""
        return Litestar(
            route_handlers=[self._status(), self._outcomes(), self._list_news(), self._control(), self._keys()],
            openapi_config=None,
        )

    def _status(self) -> Any:
        @post("/v1/status", status_code=200)
        async def status(request: Request[Any, Any, Any]) -> Response[str]:
            if self.mode == "down":
                return Response("down", status_code=503)
            if self.mode == "slow":
                await asyncio.sleep(SLOW_SECONDS)
            try:
                question = read_question((await request.body()).decode(), self.askers)
            except (jwt.InvalidTokenError, KeyError, UnicodeDecodeError):
                return Response("refused", status_code=401)
            if self.mode == "garbage":
                question = {**question, "jti": "another"}
            key = self.keys.current("bureau")
            subject = self.status_of(question["sub"])
            token = sign_answer(key.private(), key.kid, question, subject, self.clock.now().astimezone(UTC))
            return Response(token, media_type="application/jose")

        return status

    def _outcomes(self) -> Any:
        @post("/v1/outcomes", status_code=200)
        async def outcomes(request: Request[Any, Any, Any]) -> Response[str]:
            if self.mode == "down":
                return Response("down", status_code=503)
            if self.mode == "slow":
                await asyncio.sleep(SLOW_SECONDS)
            try:
                told = read_question((await request.body()).decode(), self.askers)
                self.outcomes.setdefault(told["jti"], (told["sub"], told["kept"]))
            except (jwt.InvalidTokenError, KeyError, UnicodeDecodeError):
                return Response("refused", status_code=401)
            return Response("taken")

        return outcomes

    def tell(self, kind: str, fields: dict[str, str]) -> None:
        """Add something new for lists, with the next number."""
        self.news.append({"number": len(self.news) + 1, "kind": kind, "fields": fields})

    def _list_news(self) -> Any:
        @post("/v1/list-news", status_code=200)
        async def list_news(request: Request[Any, Any, Any]) -> Response[str]:
            if self.mode == "down":
                return Response("down", status_code=503)
            try:
                question = read_question((await request.body()).decode(), self.askers)
                after = int(question["after"])
            except (jwt.InvalidTokenError, KeyError, ValueError, UnicodeDecodeError):
                return Response("refused", status_code=401)
            if self.mode == "garbage":
                question = {**question, "jti": "another"}
            key, now = self.keys.current("bureau"), self.clock.now().astimezone(UTC)
            token = sign_news(key.private(), key.kid, {**question, "after": after}, self.news, now)
            return Response(token, media_type="application/jose")

        return list_news

    def _control(self) -> Any:
        @post("/control", status_code=200)
        async def control(request: Request[Any, Any, Any], data: Control) -> dict[str, str]:
            if request.client and request.client.host not in ("127.0.0.1", "::1"):
                return {"mode": self.mode}
            if data.mode:
                self.mode = data.mode
            if data.subject and data.standing:
                self.overrides[data.subject] = (data.standing, data.black_listed)
            if data.news_kind:
                self.tell(data.news_kind, data.news or {})
            return {"mode": self.mode}

        return control

    def _keys(self) -> Any:
        @get("/.well-known/jwks.json")
        async def keys() -> dict[str, list[dict[str, str]]]:
            return {"keys": self.keys.public_keys("bureau")}

        return keys


def standing_by_digest(subject: str) -> str:
    """Return the standing that a subject has where nothing was set by hand."""
    place = int.from_bytes(hashlib.sha256(subject.encode()).digest()[:4], "big") % 100
    return "good" if place < 92 else "minor" if place < 96 else "general" if place < 99 else "serious"


def pin_keys(keys: KeyRing, path: Path) -> None:
    """Write a bureau's public keys to the file that the platform trusts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"keys": keys.public_keys("bureau")}))


def simulator_from_files(key_file: Path, askers_file: Path) -> Simulator:
    """Return a simulator with its key ring and the platform's published keys, both from files."""
    return Simulator(KeyRing.load(key_file), read_pinned_keys(askers_file))
