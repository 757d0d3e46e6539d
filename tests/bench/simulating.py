"""A city large enough for a simulation, and how fast `xinyi scenario simulate` goes through it."""

from __future__ import annotations

import asyncio
import re
from datetime import date, timedelta

from support.instance import Instance

from xinyi_platform.app import all_features, model_modules
from xinyi_platform.clock import SystemClock
from xinyi_platform.consents import Consent, purpose_of
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit.models import CreditSnapshot
from xinyi_platform.database import connect_database
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.divisions import communities
from xinyi_platform.identity.models import ResidentAccount
from xinyi_platform.ids import new_id

STANDINGS = ("good", "good", "good", "minor", "general", "serious")
PAGE = 5_000
MANIFEST = """
slug = "bench"
version = 1
opens_on = 2026-01-01
[name]
zh = "测速"
en = "Bench"
[summary]
zh = "测速"
en = "Bench"
[terms]
zh = "测速"
en = "Bench"
[provider]
zh = "市"
en = "City"
[gives]
flow = "voucher"
value_fen = 1000
[[requires]]
type = "credit_status"
allowed = ["good", "minor"]
[[requires]]
type = "any_of"
[[requires.of]]
type = "age"
at_least = 60
[[requires.of]]
type = "on_list"
colour = "red"
[[requires]]
type = "residence"
within = ["410611", "410621"]
[quota]
total = 100000
[bureau]
purpose = "credit_status.scenes"
basis = "测速"
"""


def simulated(city: Instance, database_url: str, number: int) -> tuple[float, float]:
    """Return how many residents a second were evaluated on two processes, and how many were loaded."""
    asyncio.run(_settle(database_url, number))
    changed = city.folder / "bench.toml"
    changed.write_text(MANIFEST, encoding="utf-8")
    said = city.run_and_hear("scenario", "simulate", str(changed), "--against", "travel", "--csv")
    found = re.search(r"loading (\d+) residents took ([\d.]+) s; .* ([\d,]+) residents a second", said)
    if found is None:
        raise SystemExit(f"no pace in {said!r}")
    return float(found[3].replace(",", "")), int(found[1]) / float(found[2])


async def _settle(database_url: str, number: int) -> None:
    """Add residents with consent and standing. Their ciphers hold nothing: a simulation reads none of them."""
    async with connect_database(database_url, model_modules(all_features())):
        for start in range(0, number, PAGE):
            await _settle_page(range(start, min(start + PAGE, number)))


async def _settle_page(places: range) -> None:
    now, purpose, homes = SystemClock().now(), purpose_of(SCENES), communities()
    people = [
        {
            "id": new_id(), "phone_cipher": "", "phone_index": f"bench-phone-{n}", "name_cipher": "",
            "identity_cipher": "", "identity_index": f"bench-{n}", "division": homes[n % len(homes)],
            "birth_date": date(1936, 1, 1) + timedelta(days=n * 13 % 31_000), "active": True, "created_at": now,
        }
        for n in places
    ]  # fmt: skip
    consents = [
        {
            "id": new_id(), "resident_id": person["id"], "purpose": SCENES, "slot": "live",
            "version": purpose.version, "text_digest": purpose.digest, "state": "granted",
            "granted_at": now, "expires_at": now + timedelta(days=30),
        }
        for person in people
    ]  # fmt: skip
    words = [
        {
            "id": new_id(), "resident_id": consent["resident_id"], "standing": STANDINGS[n % len(STANDINGS)],
            "black_listed": n % 50 == 0, "as_of": now, "consent_id": consent["id"],
        }
        for n, consent in zip(places, consents, strict=True)
    ]  # fmt: skip
    await bulk_insert(ResidentAccount, people)
    await bulk_insert(Consent, consents)
    await bulk_insert(CreditSnapshot, words)
