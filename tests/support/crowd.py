"""A crowd: many synthetic residents with consent and a fresh standing, and a client fast enough to be all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from xinyi_platform.app import all_features, model_modules
from xinyi_platform.clock import SystemClock
from xinyi_platform.consents import Consent, purpose_of
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit.models import CreditSnapshot
from xinyi_platform.database import connect_database
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.identity.residents import NewResident, create_residents
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.identity.tokens import issue_resident_token
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_scenarios.manifests import load_catalogue
from xinyi_scenarios.quotas import UNITS, QuotaKey, change_total, needs_of, open_quotas, period_of
from xinyi_scenarios.requirements.checking import check_table

DISTRICTS = ("410611", "410621")
FIRST = 442_001  # synthetic numbers repeat every 22,000; these are not those of a seeded city of up to 2,000


def make_crowd(database_url: str, keys: KeyRing, number: int) -> list[str]:
    """Add residents of good standing, who have consented, and return an access token of each."""
    return asyncio.run(_make_crowd(database_url, keys, number))


async def _make_crowd(database_url: str, keys: KeyRing, number: int) -> list[str]:
    now = SystemClock().now()
    people = [
        NewResident(f"居民{n}", f"199{n:08d}", synthetic_identity_number(FIRST + n), f"{DISTRICTS[n % 2]}001001")
        for n in range(number)
    ]
    purpose = purpose_of(SCENES)
    async with connect_database(database_url, model_modules(all_features())):
        ids = await create_residents(keys, people, at=now)
        consents = [
            {
                "id": new_id(),
                "resident_id": resident_id,
                "purpose": SCENES,
                "slot": "live",
                "version": purpose.version,
                "text_digest": purpose.digest,
                "state": "granted",
                "granted_at": now,
                "expires_at": now + timedelta(days=30),
            }
            for resident_id in ids
        ]
        snapshots = [
            {
                "id": new_id(),
                "resident_id": resident_id,
                "standing": "good",
                "black_listed": False,
                "as_of": now,
                "consent_id": consent["id"],
            }
            for resident_id, consent in zip(ids, consents, strict=True)
        ]
        for start in range(0, number, 500):
            await bulk_insert(Consent, consents[start : start + 500])
            await bulk_insert(CreditSnapshot, snapshots[start : start + 500])
    return [issue_resident_token(keys, resident_id, now).token for resident_id in ids]


def set_quota(database_url: str, slug: str, kind: str, total: int, *, day: int = 0, district: int = 0) -> UUID:
    """Give a scene's running period this many units, and its narrower limits enough; returns the main quota's id.

    `day` and `district` are the units of a limit a day, and of each district; 0: as many as there are in all.
    """
    return asyncio.run(_set_quota(database_url, slug, kind, total, day or total, district or total))


async def _set_quota(database_url: str, slug: str, kind: str, total: int, day: int, district: int) -> UUID:
    now = SystemClock().now()
    for feature in all_features():
        feature.register_types()
    scene = load_catalogue(check_table).get(slug)
    worst = scene.gives.worst_fen or 0
    async with connect_database(database_url, model_modules(all_features())):
        keys = {need.key for area in DISTRICTS for need in needs_of(scene, district=area, at=now)}
        quotas = await open_quotas(slug, dict.fromkeys(keys, 1), at=now)
        for key, quota in quotas.items():
            units = district if key.scope else day if key.period == period_of("day", now) else total
            await change_total(quota.id, total=units if key.measure == UNITS else units * worst, is_open=True)
        return quotas[QuotaKey(UNITS, "", period_of(kind, now))].id


def claim_request(slug: str, token: str, key: str) -> bytes:
    """Return one claim as it goes over the wire."""
    return post_request(f"/api/v1/scenarios/{slug}/claims", token, f"idempotency-key: {key}\r\n")


def post_request(path: str, token: str, more: str = "") -> bytes:
    """Return one POST without a body as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nhost: city.test\r\nauthorization: Bearer {token}\r\n"
    return f"{head}{more}content-length: 0\r\n\r\n".encode()


def get_request(path: str, token: str = "") -> bytes:
    """Return one GET as it goes over the wire."""
    bearer = f"authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nhost: city.test\r\n{bearer}\r\n".encode()


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the request of that number; `status` 0 where every try broke off."""

    number: int
    status: int
    body: bytes


async def send_all(port: int, requests: Sequence[bytes], *, connections: int, tries: int = 1) -> list[Reply]:
    """Send requests over many connections that are kept open; one that breaks off is sent again, as clients do."""
    numbered = iter(enumerate(requests))
    lanes = await asyncio.gather(*(_send_lane(port, numbered, tries) for _ in range(connections)))
    return sorted((reply for lane in lanes for reply in lane), key=lambda reply: reply.number)


async def _send_lane(port: int, numbered: Iterator[tuple[int, bytes]], tries: int) -> list[Reply]:
    replies = []
    lane = _Lane(port)
    for number, request in numbered:
        reply = Reply(number, 0, b"")
        for _ in range(tries):
            try:
                status, body = await lane.exchange(request)
                reply = Reply(number, status, body)
                break
            except (OSError, asyncio.IncompleteReadError):
                lane.close()
                await asyncio.sleep(0.05)
        replies.append(reply)
    lane.close()
    return replies


class _Lane:
    """One kept-open connection: a client library would be the slowest part of what is measured."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _content_length(head)
        return int(head[9:12]), await reader.readexactly(length) if length else b""

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _content_length(head: bytes) -> int:
    lower = head.lower()
    place = lower.find(b"\r\ncontent-length:")
    return int(lower[place + 17 : lower.index(b"\r\n", place + 2)]) if place >= 0 else 0


def count_statuses(replies: Iterable[Reply]) -> dict[int, int]:
    """Return how many replies had each status."""
    counts: dict[int, int] = {}
    for reply in replies:
        counts[reply.status] = counts.get(reply.status, 0) + 1
    return counts
