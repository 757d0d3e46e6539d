"""Each of the 32 scenes is claimed and used to its end by somebody for whom it is meant, and refused with a reason.

Over HTTP on both databases, with the demo's own partners; a scene that has no case fails.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib.resources import files
from typing import Any

import httpx
import pytest
from support.lists import approve, make, person
from support.people import Caller, a_member_of_staff
from support.promises import sign
from support.scenes import Shop, a_consenting_resident, a_shop, ask, claim, id_of, post_form

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.consents import grant, purpose_of
from xinyi_platform.features import CityPlan
from xinyi_platform.identity import create_partner, partners_with
from xinyi_platform.identity.tokens import issue_partner_token
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.fairs.terms import Fair
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.flows import FastTrack, Voucher, Waiver
from xinyi_scenarios.seeding import seed_partners

pytestmark = pytest.mark.anyio
SLUGS = sorted(f.name[:-5] for f in files("xinyi_scenarios.catalogue").iterdir() if f.name.endswith(".toml"))
GROWN_UP, ELDER = 1_200, 1  # born in 1988 and in 1946
Held = dict[str, Any]


class City:
    """One city with the partners that the demo has, its shops, and whoever comes."""

    def __init__(self, client: httpx.AsyncClient, runtime: Runtime) -> None:
        self.client, self.runtime = client, runtime

    async def partner(self, *scopes: str) -> Caller:
        """The demo's partner that holds the scopes."""
        found = (await partners_with(*scopes))[0]
        token = issue_partner_token(self.runtime.keys, found.id, sorted(found.scopes), self.runtime.clock.now()).token
        return Caller(found.name, found.id, token)

    async def post(self, who: Caller, path: str, body: object = None, *, status: int = 200) -> Any:
        answer = await ask(self.client, who, path, body)
        assert answer.status_code == status, f"{path}: {answer.text}"
        return answer.json()

    async def get(self, who: Caller, path: str) -> Any:
        answer = await self.client.get(path, headers=who.headers())
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()


@pytest.fixture
async def city(app_client: httpx.AsyncClient, runtime: Runtime) -> City:
    await seed_partners(runtime, CityPlan(residents=0, merchants=0, shared={"logins": []}), lambda *_: None)
    scopes = ("orders", "webhooks")
    await create_partner(client_id="orders", name="服务方", secret="secret", scopes=scopes, at=runtime.clock.now())
    return City(app_client, runtime)


async def join(city: City, shop: Shop, held: Held) -> None:
    """The code is refused until the shop has joined the scene."""
    sale = {"code": held["code"], "price": "50"}
    refused = await post_form(city.client, shop.operator, "/portal/redeem", sale)
    assert refused.status_code in (403, 409), refused.text
    terms = {"version": str(city.runtime.part(Catalogue).get(held["scenario"]).version), "agreed": "true"}
    joined = await post_form(city.client, shop.operator, f"/portal/scenes/{held['scenario']}/join", terms)
    assert joined.status_code == 303, joined.text


async def use_voucher(city: City, who: Caller, held: Held, terms: Voucher) -> str:
    """At a till of the right trade, or by the provider's own system."""
    if terms.partners_only:
        price = {"price_fen": 5_000} if terms.percent_off or terms.value_fen else {}
        till = await city.partner("redemptions")
        await city.post(till, "/partner/v1/redemptions/", {"code": held["code"], **price}, status=201)
        return "redeemed"
    shop: Shop = await a_shop(city.runtime, terms.trades[0], honest_days=30)
    if terms.sign_up:
        await join(city, shop, held)
    done = await post_form(city.client, shop.operator, "/portal/redeem", {"code": held["code"], "price": "50"})
    assert done.status_code == 303, done.text
    return "redeemed"


async def use_waiver(city: City, who: Caller, held: Held, terms: Waiver) -> str:
    """An order that is confirmed where that is asked, started, completed and paid."""
    provider = await city.partner("orders")
    deposit = min(terms.deposit_cap_fen, 10_000)
    body = {"out_order_no": "R1", "code": held["code"], "deposit_fen": deposit, "expected_hours": 2}
    order = await city.post(provider, "/partner/v1/orders/", body, status=201)
    path = f"/partner/v1/orders/{order['id']}"
    if terms.needs_confirmation:
        assert (await ask(city.client, provider, f"{path}/start")).json()["code"] == "order_not_confirmed"
        await city.post(who, f"/api/v1/me/orders/{order['id']}/confirm")
    await city.post(provider, f"{path}/start")
    done = await city.post(provider, f"{path}/complete", {"amount_fen": 300})
    assert done["collection"] == "user_paying"
    paid = await city.post(provider, f"{path}/sync", {"paid_at": city.runtime.clock.now().isoformat()})
    assert (paid["state"], paid["collection"]) == ("done", "user_paid")
    return "issued"


async def use_fast_track(city: City, who: Caller, held: Held, terms: FastTrack) -> str:
    """Every pass: a number, check-in, served, and paid later where the scene lets it be."""
    office = await city.partner("passes", f"scene:{held['scenario']}")
    today = city.runtime.clock.now().date().isoformat()
    for _ in range(terms.passes):
        body = {"counter": terms.counters[0].key, "day": today}
        await city.post(who, f"/api/v1/entitlements/{held['id']}/passes", body, status=201)
        arrived = await city.post(office, "/partner/v1/passes/check-in", {"code": held["code"]})
        path, unpaid = f"/partner/v1/passes/{arrived['id']}", min(terms.pay_cap_fen, 5_000)
        served = await city.post(office, f"{path}/serve", {"unpaid_fen": unpaid})
        if unpaid:
            assert served["state"] == "owing"
            served = await city.post(office, f"{path}/pay")
        assert served["state"] == ("settled" if unpaid else "served")
    return "redeemed"


async def use_fair(city: City, who: Caller, held: Held, terms: Fair) -> str:
    """A ticket for the next slot, let in at a gate, a stamp at each booth, and a prize."""
    clock = city.runtime.clock
    assert isinstance(clock, FixedClock)
    own, office = f"/api/v1/entitlements/{held['id']}", f"/partner/v1/fairs/{held['scenario']}"
    slot = (await city.get(who, f"{own}/fair-slots"))[0]
    ticket = await city.post(who, f"{own}/fair-ticket", {"day": slot["day"], "slot": slot["slot"]})
    at = ticket["begins_at"]
    clock.advance(datetime.fromisoformat(at) - clock.now())
    park = await city.partner("fairs", f"scene:{held['scenario']}")
    scan = {"id": str(new_id()), "gate": terms.gates[0].key, "code": held["code"], "scanned_at": at}
    (settled,) = await city.post(park, f"{office}/scans", {"scans": [scan]})
    assert settled["outcome"] == "admitted"
    for booth in terms.booths:
        await city.post(park, f"{office}/stamps", {"code": held["code"], "booth": booth.key})
    await city.post(park, f"{office}/prizes", {"code": held["code"], "prize": terms.prizes[-1].key})
    return "redeemed"


async def use_commitment(city: City, who: Caller, held: Held, _: object) -> str:
    """Signed, every paper received and confirmed, the promise kept."""
    office = await city.partner("commitments", f"scene:{held['scenario']}")
    signed = await sign(city.client, who, held)
    assert signed.status_code == 201, signed.text
    promise = signed.json()
    for paper in promise["papers"]:
        await city.post(office, f"/partner/v1/commitments/{promise['id']}/papers/{paper['key']}/receive")
    kept = await city.post(office, f"/partner/v1/commitments/{promise['id']}/fulfil")
    assert kept["state"] == "fulfilled"
    return "redeemed"


async def use_referral(city: City, who: Caller, held: Held, _: object) -> str:
    """Told to one receiver of her choice, and acknowledged there."""
    (receiver,) = await city.get(who, f"/api/v1/entitlements/{held['id']}/referral-receivers")
    body = {"receiver": receiver["id"], "consent_version": purpose_of(receiver["consent"]).version, "agree": True}
    told = await city.post(who, f"/api/v1/entitlements/{held['id']}/referral", body, status=201)
    assert told["verdict"] == "yes"
    bank = next(one for one in await partners_with("referrals") if str(one.id) == receiver["id"])
    token = issue_partner_token(city.runtime.keys, bank.id, sorted(bank.scopes), city.runtime.clock.now()).token
    caller = Caller(bank.name, bank.id, token)
    taken = await city.get(caller, f"/partner/v1/referrals/{told['id']}")
    assert taken["answer"].count(".") == 2
    acknowledged = await city.post(caller, f"/partner/v1/referrals/{told['id']}/ack")
    assert acknowledged["state"] == "acknowledged"
    return "redeemed"


USES: dict[str, Callable[[City, Caller, Held, Any], Awaitable[str]]] = {
    "voucher": use_voucher,
    "waiver": use_waiver,
    "fast_track": use_fast_track,
    "commitment": use_commitment,
    "fair": use_fair,
    "referral": use_referral,
}


async def put_on_a_red_list(city: City, number: int) -> None:
    maker = await a_member_of_staff(city.runtime, Role.COMMUNITY_WORKER, username="maker")
    reviewer = await a_member_of_staff(city.runtime, Role.REVIEWER, username="reviewer")
    await approve(city.client, maker, reviewer, await make(city.client, maker, [person(number)]))


async def get_hold_of(city: City, who: Caller, slug: str) -> Held:
    """Claim a scene; the check-up came by itself with the red list, among other rewards."""
    if slug == "checkup":
        rewards = await city.get(who, "/api/v1/me/entitlements")
        (held,) = (one for one in rewards if one["scenario"] == slug)
    else:
        claimed = await claim(city.client, who, slug)
        assert claimed.status_code == 201, claimed.text
        held = claimed.json()
    assert held["state"] == "issued"
    return dict(held)


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_scene_is_used_to_its_end_by_one_it_is_meant_for(city: City, bureau: Simulator, slug: str) -> None:
    number = ELDER if slug == "elder-care" else GROWN_UP
    who = await a_consenting_resident(city.runtime, bureau, number)
    if slug == "checkup":
        await put_on_a_red_list(city, number)
    if slug == "medical":
        later = "medical.pay_later"
        await grant(id_of(who), later, version=purpose_of(later).version, at=city.runtime.clock.now())
    held = await get_hold_of(city, who, slug)
    scene = city.runtime.part(Catalogue).get(slug)
    state = await USES[scene.flow](city, who, held, scene.gives)
    assert (await Entitlement.get(id=held["id"])).state == state


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_scene_is_refused_with_a_reason_and_a_way(city: City, bureau: Simulator, slug: str) -> None:
    who = await a_consenting_resident(city.runtime, bureau, GROWN_UP, "serious")
    for language in ("zh", "en"):
        refused = await claim(city.client, who, slug, language=language)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_eligible"), refused.text
        reasons = refused.json()["reasons"]
        assert any(row["would_change"] for row in reasons)
        assert all(row["reason"].isascii() == (language == "en") for row in reasons)
    assert await Entitlement.all().count() == 0


def test_there_are_thirty_two() -> None:
    assert len(SLUGS) == 32
