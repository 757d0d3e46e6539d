"""A fair of two slots on Saturday, its gates, and somebody who holds a ticket's worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from support.people import Caller, a_partner
from support.scenes import a_consenting_resident, add_scene, ask, claim

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.tokens import issue_partner_token
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime

SATURDAY = "2026-11-28"
BEGINS = datetime(2026, 11, 28, 1, tzinfo=UTC)


def named(key: str) -> dict[str, Any]:
    return {"key": key, "name": {"zh": key, "en": key}}


GIVES = {
    "flow": "fair",
    "weekdays": [6],
    "book_days_ahead": 7,
    "slots": [
        {"key": "morning", "begins": "09:00", "ends": "12:00", "places": 2},
        {"key": "afternoon", "begins": "13:00", "ends": "17:00", "places": 2},
    ],
    "gates": [named("east"), named("south")],
    "booths": [named("quiz"), named("shops")],
    "prizes": [{**named("badge"), "stamps": 1, "stock": 5}, {**named("bag"), "stamps": 2, "stock": 1}],
}
Held = dict[str, Any]


class Fairground:
    """The fair `fair` as residents and its gates see it."""

    def __init__(self, client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, park: Caller) -> None:
        self.client, self.runtime, self.bureau, self._park = client, runtime, bureau, park

    @property
    def park(self) -> Caller:
        """The partner at the gates, with a token of now."""
        token = issue_partner_token(self.runtime.keys, self._park.id, ["fairs", "scene:fair"], self.runtime.clock.now())
        return Caller(self._park.name, self._park.id, token.token)

    def move_to(self, at: datetime) -> None:
        clock = self.runtime.clock
        assert isinstance(clock, FixedClock)
        clock.advance(at - clock.now())

    async def resident(self, number: int) -> tuple[Caller, Held]:
        """Somebody who claimed the scene."""
        who = await a_consenting_resident(self.runtime, self.bureau, number)
        held: Held = (await claim(self.client, who, "fair")).json()
        return who, held

    async def book(
        self, who: Caller, held: Held, slot: str = "morning", day: str = SATURDAY, key: str = ""
    ) -> httpx.Response:
        path = f"/api/v1/entitlements/{held['id']}/fair-ticket"
        return await ask(self.client, who, path, {"day": day, "slot": slot}, key=key)

    async def ticket(self, number: int = 1, slot: str = "morning") -> Held:
        """What a resident of that number holds once she has booked."""
        who, held = await self.resident(number)
        booked = await self.book(who, held, slot)
        assert booked.status_code == 200, booked.text
        return held

    def scan(self, held: Held, *, minutes: int = 0, gate: str = "east") -> dict[str, str]:
        """What a gate keeps of a scan so many minutes after the morning began."""
        at = BEGINS + timedelta(minutes=minutes)
        return {"id": str(new_id()), "gate": gate, "code": held["code"], "scanned_at": at.isoformat()}

    async def settle(self, *scans: dict[str, str]) -> list[str]:
        answer = await ask(self.client, self.park, "/partner/v1/fairs/fair/scans", {"scans": list(scans)})
        assert answer.status_code == 200, answer.text
        return [row["outcome"] for row in answer.json()]

    async def desk(self, act: str, body: dict[str, str], key: str = "") -> httpx.Response:
        return await ask(self.client, self.park, f"/partner/v1/fairs/fair/{act}", body, key=key)

    async def get(self, path: str) -> Any:
        answer = await self.client.get(f"/partner/v1/fairs/fair/{path}", headers=self.park.headers())
        assert answer.status_code == 200, answer.text
        return answer.json()


async def a_fairground(client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator) -> Fairground:
    """The fair and the partner at its gates."""
    add_scene(runtime, "fair", gives=GIVES, quota={"total": 99})
    park = await a_partner(runtime, "fairs", "scene:fair", client_id="park")
    return Fairground(client, runtime, bureau, park)
