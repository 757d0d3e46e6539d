"""Every scene of the catalogue over real HTTP: one it is meant for uses it, another is refused and told what helps.

A table by flow; a scene without a case fails. What a flow's counter cannot do yet ends where its holder has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from support.instance import Instance
from support.visitor import Visitor

from xinyi_merchants.registry import TRADES
from xinyi_platform.identity.seeding import synthetic_identity_number

pytestmark = pytest.mark.timeout(300)
SCENES = "credit_status.scenes"
YOUNG, OLD, LISTED, POOR = 1150, 60, 5, 1151  # places in the seeded city: 39 years, 78, on a red list, 39
RESIDENTS, SHOPS = 1200, 20
FITNESS_HOURS = range(9, 17)  # of Monday to Friday, by the scene's own requirement at use


@dataclass(frozen=True, slots=True)
class Case:
    """Who uses a scene and who is refused; `price_fen` at a till or a machine, `trade` where a shop takes it."""

    end: str
    price_fen: int = 10_000
    trade: str = ""
    meant: int = YOUNG
    refused: int = POOR
    hours: range = range(24)


CASES = {
    "travel": Case("till", trade="attraction"),
    "bookshop": Case("till", trade="bookshop"),
    "pharmacy": Case("till", trade="pharmacy"),
    "dining": Case("till", trade="catering"),
    "shop": Case("till", trade="supermarket"),
    "housekeeping": Case("till", trade="housekeeping"),
    "fitness": Case("till", trade="fitness", hours=FITNESS_HOURS),
    "bus": Case("machine", price_fen=200),
    "parking": Case("machine", price_fen=500),
    "charge": Case("machine"),
    "cinema": Case("machine"),
    "theatre": Case("machine"),
    "study": Case("machine"),
    "checkup": Case("machine", price_fen=30_000, meant=LISTED, refused=YOUNG),
    "elder-care": Case("machine", price_fen=5_000, meant=OLD, refused=POOR),
    "park-fair": Case("machine"),
    "ride": Case("order"),
    "rent-home": Case("order"),
    "rent": Case("order"),
    "rent-car": Case("order"),
    "hotel": Case("order"),
    "read": Case("order"),
    "broadband": Case("order"),
    "approve": Case("promise"),
    "startup": Case("promise"),
    "loan": Case("answer"),
    "insure": Case("answer"),
    "medical": Case("held"),
    "childcare": Case("held"),
    "permit": Case("held"),
    "utilities": Case("held"),
    "job": Case("held"),
}


class Caller(httpx.Client):
    """A resident or a partner's system with its token; every act has a key of its own."""

    def __init__(self, city: Instance) -> None:
        super().__init__(base_url=city.url, timeout=30)
        self.city, self.acts = city, 0

    def ask(self, method: str, path: str, status: int, body: object = None) -> Any:
        self.acts += 1
        key = {"Idempotency-Key": f"act-{self.acts}"} if method == "POST" else {}
        answer = self.request(method, path, headers=key, json=body)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None


class Town:
    """The people, machines and shops of the seeded city, each signed in at first use."""

    def __init__(self, city: Instance) -> None:
        self.city = city
        self.logins = {row["name"]: row for row in city.logins()}
        self._people: dict[int, Caller] = {}
        self._partners: dict[str, Caller] = {}
        self._shops: dict[str, Visitor] = {}

    def resident(self, place: int) -> Caller:
        """Return a resident who consented to the read and to paying later; all stand well but one."""
        if place not in self._people:
            standing = "serious" if place == POOR else "good"
            control = {"subject": synthetic_identity_number(place), "standing": standing}
            httpx.post(f"http://127.0.0.1:{self.city.bureau_port}/control", json=control).raise_for_status()
            who, phone = Caller(self.city), f"138000{place:05d}"
            code = who.ask("POST", "/api/v1/auth/otp", 202, {"phone": phone})["code"]
            tokens = who.ask("POST", "/api/v1/auth/token", 200, {"phone": phone, "code": code})
            who.headers["Authorization"] = f"Bearer {tokens['access_token']}"
            for purpose in (SCENES, "medical.pay_later"):
                offered = who.ask("GET", "/api/v1/consent-purposes", 200)
                version = next(one["version"] for one in offered if one["purpose"] == purpose)
                who.ask("PUT", f"/api/v1/me/consents/{purpose}", 200, {"version": version})
            self._people[place] = who
        return self._people[place]

    def partner(self, name: str) -> Caller:
        if name not in self._partners:
            system = Caller(self.city)
            login = {"client_id": name, "client_secret": self.logins[name]["secret"]}
            given = system.ask("POST", "/partner/v1/token", 200, {"grant_type": "client_credentials"} | login)
            system.headers["Authorization"] = f"Bearer {given['access_token']}"
            self._partners[name] = system
        return self._partners[name]

    def shop(self, trade: str) -> Visitor:
        """Return the till of the first shop of a trade."""
        if trade not in self._shops:
            till = Visitor(self.city.url)
            till.sign_in_to_work("portal", self.logins[f"shop{list(TRADES).index(trade) + 1:02d}"])
            self._shops[trade] = till
        return self._shops[trade]


@pytest.fixture
def town(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Town]:
    """A city with enough residents for one to be young: SQLite by itself, PostgreSQL with Valkey."""
    redis_url = request.getfixturevalue("redis_url") if database_url.startswith("postgres") else ""
    with Instance(tmp_path, database_url, redis_url=redis_url) as instance:
        instance.run("seed", "--residents", str(RESIDENTS), "--merchants", str(SHOPS))
        instance.start_bureau()
        instance.start_server()
        yield Town(instance)


def test_every_scene_is_used_and_refused(town: Town) -> None:
    scenes = {scene["slug"]: scene for scene in town.resident(YOUNG).ask("GET", "/api/v1/scenarios", 200)}
    assert set(scenes) == set(CASES)
    for slug, case in CASES.items():
        refuse(town, slug, case)
        held = claim(town, slug, case)
        ENDS[case.end](town, case, held)
        assert_end(town, case, held)


def refuse(town: Town, slug: str, case: Case) -> None:
    """No to whom it is not meant for, with each reason and what would change it."""
    who = town.resident(case.refused)
    decided = who.ask("GET", f"/api/v1/scenarios/{slug}/eligibility", 200)
    assert decided["verdict"] == "not_eligible", (slug, decided)
    unmet = [finding for finding in decided["findings"] if finding["outcome"] == "not_met"]
    assert unmet, slug
    assert all(finding["reason"] and finding["would_change"] for finding in unmet), (slug, unmet)
    who.ask("POST", f"/api/v1/scenarios/{slug}/claims", 403)


def claim(town: Town, slug: str, case: Case) -> Any:
    """What she claims now, or was given as a reward at the start."""
    who = town.resident(case.meant)
    mine = who.ask("GET", "/api/v1/me/entitlements", 200)
    given = [held for held in mine if held["scenario"] == slug and held["state"] == "issued"]
    return given[0] if given else who.ask("POST", f"/api/v1/scenarios/{slug}/claims", 201)


def code_of(town: Town, case: Case, held: Any) -> str:
    return str(town.resident(case.meant).ask("GET", f"/api/v1/entitlements/{held['id']}/qr", 200)["token"])


def is_open(case: Case) -> bool:
    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    return case.hours == range(24) or (now.hour in case.hours and now.isoweekday() <= 5)


def use_at_a_till(town: Town, case: Case, held: Any) -> None:
    till, code = town.shop(case.trade), code_of(town, case, held)
    form = {"code": code, "price": f"{case.price_fen / 100:.2f}"}
    till.submit("/portal/redeem", "/portal/redeem", form, status=200 if is_open(case) else 403)


def use_at_a_machine(town: Town, case: Case, held: Any) -> None:
    sale = {"code": code_of(town, case, held), "price_fen": case.price_fen}
    town.partner("hebi-bike").ask("POST", "/partner/v1/redemptions", 201, sale)


def use_by_an_order(town: Town, case: Case, held: Any) -> None:
    """Created, confirmed by her where the scene asks for it, handed over, completed, paid."""
    provider = town.partner("hebi-bike")
    new = {"out_order_no": f"{held['scenario']}-1", "deposit_fen": 10_000, "expected_hours": 2}
    order = provider.ask("POST", "/partner/v1/orders", 201, new | {"code": code_of(town, case, held)})
    path = f"/partner/v1/orders/{order['id']}"
    if order["needs_confirmation"]:
        town.resident(case.meant).ask("POST", f"/api/v1/me/orders/{order['id']}/confirm", 200)
    provider.ask("POST", f"{path}/start", 200)
    provider.ask("POST", f"{path}/complete", 200, {"amount_fen": 300})
    paid = provider.ask("POST", f"{path}/sync", 200, {"paid_at": datetime.now(UTC).isoformat()})
    assert (paid["state"], paid["collection"]) == ("done", "user_paid")


def keep_a_promise(town: Town, case: Case, held: Any) -> None:
    """Read, signed, every paper handed in at the counter and confirmed."""
    who, office = town.resident(case.meant), town.partner("hebi-office")
    text = who.ask("GET", f"/api/v1/entitlements/{held['id']}/commitment-text", 200)
    path = f"/api/v1/entitlements/{held['id']}/commitment"
    signed = who.ask("POST", path, 201, {"digest": text["digest"], "agree": True})
    for paper in signed["papers"]:
        for act in ("receive", "confirm"):
            office.ask("POST", f"/partner/v1/commitments/{signed['id']}/papers/{paper['key']}/{act}", 200)
    assert who.ask("GET", f"/api/v1/me/commitments/{signed['id']}", 200)["state"] == "fulfilled"


def have_one_told(town: Town, case: Case, held: Any) -> None:
    """One receiver chosen and consented to; it fetches the answer and acknowledges it."""
    who = town.resident(case.meant)
    path = f"/api/v1/entitlements/{held['id']}"
    receiver = who.ask("GET", f"{path}/referral-receivers", 200)[0]
    choice = {"receiver": receiver["id"], "consent_version": 1, "agree": True}
    told = who.ask("POST", f"{path}/referral", 201, choice)
    assert told["verdict"] == "yes"
    system = town.partner("hebi-bank" if receiver["kind"] == "bank" else "hebi-insurer")
    assert system.ask("GET", f"/partner/v1/referrals/{told['id']}", 200)["answer"]
    assert system.ask("POST", f"/partner/v1/referrals/{told['id']}/ack", 200)["state"] == "acknowledged"


def hold_it(town: Town, case: Case, held: Any) -> None:
    """A green lane's place is held; no machine takes its code for a voucher's."""
    sale = {"code": code_of(town, case, held), "price_fen": 100}
    town.partner("hebi-bike").ask("POST", "/partner/v1/redemptions", 403, sale)


ENDS: dict[str, Callable[[Town, Case, Any], None]] = {
    "till": use_at_a_till,
    "machine": use_at_a_machine,
    "order": use_by_an_order,
    "promise": keep_a_promise,
    "answer": have_one_told,
    "held": hold_it,
}


def assert_end(town: Town, case: Case, held: Any) -> None:
    """What is used up says so; a waiver or a place in a lane goes on."""
    state = town.resident(case.meant).ask("GET", f"/api/v1/entitlements/{held['id']}", 200)["state"]
    goes_on = case.end in ("order", "held") or not is_open(case)
    assert state == ("issued" if goes_on else "redeemed"), held["scenario"]
