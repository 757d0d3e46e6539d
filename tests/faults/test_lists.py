"""Lists on real servers: nobody approves her own, and what ends is gone from everywhere that ever showed it."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from support.databases import PostgresDatabases
from support.hooks import Receiver, running
from support.instance import Instance
from support.lists import WHOLE, csv_sheet, person
from support.offices import approve, propose
from support.people import Caller, form_token

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.registry.uscc import make_uscc
from xinyi_platform.app import all_features, model_modules
from xinyi_platform.clock import SystemClock, local_date
from xinyi_platform.database import connect_database
from xinyi_platform.identity import create_account, create_partner, create_resident
from xinyi_platform.identity.residents import NewResident
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.identity.tokens import issue_partner_token, issue_resident_token
from xinyi_platform.ids import new_public_code
from xinyi_platform.keys import KeyRing
from xinyi_platform.outbox import subscribe
from xinyi_platform.principals import Role
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList, ListReview
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.recalls.offline import Verdict, read_snapshot, verify_offline
from xinyi_rewards.repairs.models import RepairRequest
from xinyi_scenarios.manifests import load_catalogue
from xinyi_scenarios.requirements.checking import check_table

pytestmark = [pytest.mark.race, pytest.mark.timeout(300)]
CITY, COMMUNITY = "410600", "410611001001"
REVIEWERS, ACCOUNTS, MAKERS, NEEDED = 8, 10, 20, 3
GONE_WITHIN_SECONDS = 60
ADDRESS_HEADER = "x-caller"
KINDS = ("red-good-neighbour", "black-enforcement")
BARRED_SCENE = "checkup"
RED, BLACK = 1, 2  # the persons, by the numbers of synthetic residents
WITH_RIGHTS = [Role.COMMUNITY_WORKER, Role.REVIEWER, Role.CREDIT_OFFICE]


async def staff(keys: KeyRing, name: str, person_name: str) -> Caller:
    identity, _ = await create_account(
        keys, kind="staff", username=name, password="a long demo password", display_name=name, person=person_name,
        at=SystemClock().now(), roles=[role.value for role in WITH_RIGHTS], division=CITY,
    )  # fmt: skip
    session = await open_session("console", identity, now=SystemClock().now())
    return Caller(name, identity, None, {cookie_name("console"): session})


class Console:
    """The staff's API of a running instance, in anybody's session."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self.client, self._token = client, token

    async def act(self, who: Caller, path: str, body: object = None, **sent: Any) -> httpx.Response:
        headers = who.headers(csrf=self._token)
        if sent:
            return await self.client.post(f"/staff/v1{path}", headers=headers, **sent)
        return await self.client.post(f"/staff/v1{path}", headers=headers, json=body)

    async def make_red(self, maker: Caller, numbers: range) -> str:
        sheet = csv_sheet([person(number) for number in numbers])
        form = {"kind": "red-good-neighbour", "title": "好人榜"}
        made = await self.act(maker, "/honor-lists", data=form, files={"sheet": sheet})
        assert made.status_code == 201, made.text
        listed = str(made.json()["id"])
        assert (await self.act(maker, f"/honor-lists/{listed}/submit")).status_code == 200
        return listed


def on_two_workers(
    databases: PostgresDatabases, redis_url: str, folder: Path, work: Callable[[Instance, Console], Awaitable[None]]
) -> None:
    """Run work against a server of two workers on PostgreSQL and Valkey."""
    database_url = databases.fresh()
    with Instance(folder, database_url, redis_url=redis_url, workers=2) as instance:
        instance.environment["XINYI_CLIENT_HEADER"] = ADDRESS_HEADER
        instance.start_server()

        async def run() -> None:
            limits = httpx.Limits(max_connections=40)
            async with (
                connect_database(database_url, model_modules(all_features())),
                httpx.AsyncClient(base_url=instance.url, timeout=60, limits=limits) as client,
            ):
                token = await form_token(client)
                client.cookies.clear()
                await work(instance, Console(client, token))

        asyncio.run(run())
    databases.drop(database_url)


def test_of_a_hundred_parallel_approvals_none_is_the_makers_and_each_person_counts_once(
    postgres_databases: PostgresDatabases, redis_url: str, tmp_path: Path
) -> None:
    async def race(instance: Instance, console: Console) -> None:
        keys = instance.keys
        maker = await staff(keys, "maker", "person-maker")
        doubles = [maker, *[await staff(keys, f"maker{n}", "person-maker") for n in range(1, MAKERS)]]
        others = [await staff(keys, f"r{p}-{a}", f"person-{p}") for p in range(REVIEWERS) for a in range(ACCOUNTS)]
        listed = await console.make_red(maker, range(1, 4))
        await HonorList.filter(id=listed).update(reviews_needed=NEEDED)
        everybody = [who for pair in zip(others[::4], doubles, strict=True) for who in pair]
        everybody += [who for place, who in enumerate(others) if place % 4]
        assert len(everybody) == 100
        path = f"/honor-lists/{listed}/approve"
        answers = await asyncio.gather(*(console.act(who, path, {"turn": 1}) for who in everybody))
        own = [answer.status_code for who, answer in zip(everybody, answers, strict=True) if who in doubles]
        assert own == [403] * MAKERS
        counted = Counter(answer.status_code for answer in answers)
        assert counted == Counter({200: NEEDED, 409: 100 - MAKERS - NEEDED, 403: MAKERS})
        approved = await ListReview.filter(honor_list_id=listed).values_list("person", flat=True)
        assert len(approved) == len(set(approved)) == NEEDED
        assert "person-maker" not in approved
        assert (await HonorList.get(id=listed)).state == "approved"

    on_two_workers(postgres_databases, redis_url, tmp_path, race)


class Places:
    """Every place that shows the entries: who asks for it, and whether it is still there."""

    def __init__(
        self, client: httpx.AsyncClient, shop: Merchant, reader: Caller, barred: str, hooks: Receiver,
        entries: list[UUID],
    ) -> None:  # fmt: skip
        self._client, self._shop, self._reader, self._barred = client, shop, reader, barred
        self._hooks, self._entries = hooks, entries

    async def showing(self) -> set[str]:
        """Return the places that still show one; each is asked several times, so that both workers answer."""
        places = (self._page, self._lists, self._search, self._partner, self._snapshot, self._decision)
        found = await asyncio.gather(*(one() for one in places for _ in range(4)))
        return {name for name in found if name} | self._untold()

    async def _get(self, path: str, **headers: str) -> httpx.Response:
        answer = await self._client.get(path, headers={ADDRESS_HEADER: secrets.token_hex(8), **headers})
        assert answer.status_code == 200, answer.text
        return answer

    async def _page(self) -> str:
        text = (await self._get(f"/m/{self._shop.code}")).text
        status = (await self._get(f"/api/v1/merchants/{self._shop.code}")).text
        assert WHOLE["document_no"] not in status, "a shop's status says nothing of lists"
        return "the shop's page" if WHOLE["document_no"] in text else ""

    async def _lists(self) -> str:
        rows = [(await self._get(f"/api/v1/honor-lists/{kind}/entries")).json() for kind in KINDS]
        pages = [(await self._get(f"/lists/{kind}")).text for kind in KINDS]
        return "the public lists" if any(rows) or any("list-group-item" in text for text in pages) else ""

    async def _search(self) -> str:
        found = []
        for number in (RED, BLACK):
            who = {"name": "王小丽", "last_four": synthetic_identity_number(number)[-4:]}
            headers = {ADDRESS_HEADER: secrets.token_hex(8)}
            found += (await self._client.post("/api/v1/honor-lists/search", json=who, headers=headers)).json()
        return "the public search" if found else ""

    async def _partner(self) -> str:
        paths = [f"/partner/v1/honor-lists/{kind}/entries" for kind in KINDS]
        rows = [(await self._get(path, **self._reader.headers())).json()["entries"] for path in paths]
        return "the partners' API" if any(rows) else ""

    async def _snapshot(self) -> str:
        keys, now = (await self._get("/.well-known/jwks.json")).json(), SystemClock().now()
        for kind in KINDS:
            token = (await self._get(f"/api/v1/honor-list-snapshots/{kind}")).json()["snapshot"]
            taken = read_snapshot(keys, token)
            if any(verify_offline(taken, entry, at=now)[0] is Verdict.LISTED for entry in self._entries):
                return "the offline snapshot"
        return ""

    async def _decision(self) -> str:
        path = f"/api/v1/scenarios/{BARRED_SCENE}/eligibility"
        findings = (await self._get(path, Authorization=f"Bearer {self._barred}")).json()["findings"]
        (asked,) = [finding for finding in findings if finding["type"] == "not_on_list"]
        return "decisions" if asked["outcome"] != "met" else ""

    def _untold(self) -> set[str]:
        told = [json.loads(got.body) for got in self._hooks.received]
        recalled = {row["data"]["entry"] for row in told if row["type"] == "honor_entry.recalled"}
        return set() if recalled >= {str(entry) for entry in self._entries} else {"a receiver that was not told"}


ALL_PLACES = {
    "the shop's page", "the public lists", "the public search", "the partners' API", "the offline snapshot",
    "decisions", "a receiver that was not told",
}  # fmt: skip


async def bar_from_a_scene(console: Console, proposer: Caller, decider: Caller) -> None:
    """Let a scene ask that one is on no black list."""
    for feature in all_features():
        feature.register_types()
    written = load_catalogue(check_table).get(BARRED_SCENE).written()
    manifest = {
        **written, "opens_on": local_date(SystemClock().now()).isoformat(), "closes_on": None,
        "requires": [{"type": "not_on_list", "colour": "black"}],
    }  # fmt: skip
    change = await propose(console.client, proposer, BARRED_SCENE, "versions", manifest=msgspec.to_builtins(manifest))
    assert (await approve(console.client, decider, change)).status_code == 200
    await asyncio.sleep(2)


async def repair(console: Console, office: Caller, entry_id: UUID, **subject: UUID) -> None:
    """Let the credit office enter the unit's decision on a request that was passed on."""
    now = SystemClock().now()
    row = await RepairRequest.create(
        entry_id=entry_id, slot="open", **subject, division=COMMUNITY, state="passed_on", statement="已履行",
        commitment_version="2026-1", filed_at=now, pass_on_by=local_date(now), passed_on_at=now, changed_at=now,
        decide_by=local_date(now),
    )  # fmt: skip
    granted = {"act": "grant", "document": "演修1号", "decided_on": str(local_date(now)), "reason": "已履行"}
    assert (await console.act(office, f"/repair-requests/{row.id}", granted)).status_code == 204


async def two_residents(keys: KeyRing) -> list[UUID]:
    return [
        await create_resident(
            keys,
            NewResident("王小丽", f"1380000000{number}", synthetic_identity_number(number), COMMUNITY),
            at=SystemClock().now(),
        )
        for number in (RED, BLACK)
    ]


async def a_shop() -> Merchant:
    now = SystemClock().now()
    return await Merchant.create(
        code=new_public_code(), uscc=make_uscc("00000001", division=COMMUNITY), name="演示店", trade="catering",
        division=COMMUNITY, address="示范路", phone="0392-5550000", licence_date=now.date(), status="open",
        created_at=now, changed_at=now,
    )  # fmt: skip


async def publish_three(console: Console, maker: Caller, reviewer: Caller, shop: Merchant) -> list[UUID]:
    """Publish a red entry about one person, and black ones about the shop and about another person."""
    today = local_date(SystemClock().now())
    days = {"determined_on": 120, "notified_on": 30, "objection_until": 2}
    decision = {**WHOLE, **{name: str(today - timedelta(days=ago)) for name, ago in days.items()}}
    made = [await console.make_red(maker, range(RED, RED + 1))]
    about: list[dict[str, str]] = [
        {"subject_kind": "merchant", "name": shop.name, "number": shop.uscc},
        {"number": synthetic_identity_number(BLACK)},
    ]
    for subject in about:
        mirrored = await console.act(maker, "/honor-lists/mirrored", {**decision, **subject})
        made.append(mirrored.json()["id"])
    for listed in made:
        assert (await console.act(reviewer, f"/honor-lists/{listed}/approve", {"turn": 1})).status_code == 200
    return [(await HonorEntry.get(honor_list_id=listed)).id for listed in made]


async def contest(console: Console, reviewer: Caller, token: str, entry_id: UUID) -> None:
    """Let a person object to her entry, and uphold it."""
    objected = await console.client.post(
        f"/api/v1/me/honors/{entry_id}/objections",
        headers={"Authorization": f"Bearer {token}"},
        json={"reason": "不愿公示"},
    )
    assert objected.status_code == 201
    objection = (await console.client.get("/staff/v1/objections", headers=reviewer.headers())).json()[0]["id"]
    upheld = {"verdict": "uphold", "reason": "尊重本人意愿"}
    assert (await console.act(reviewer, f"/objections/{objection}/decide", upheld)).status_code == 204


def test_what_ends_is_gone_from_everywhere_within_a_minute(
    postgres_databases: PostgresDatabases, redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def measure(instance: Instance, console: Console) -> None:
        keys, now = instance.keys, SystemClock().now()
        maker, reviewer = await staff(keys, "maker", "person-maker"), await staff(keys, "rev", "person-rev")
        persons, shop = await two_residents(keys), await a_shop()
        red_token, black_token = (issue_resident_token(keys, person, now).token for person in persons)
        partner = await create_partner(client_id="reader", name="接收方", secret="secret", scopes=["lists"], at=now)
        reader = Caller("reader", partner, issue_partner_token(keys, partner, ["lists"], now).token)
        await bar_from_a_scene(console, maker, reviewer)
        with running() as hooks:
            await subscribe(keys, audience=f"partner:{partner}", url=hooks.url, topics=[], strict=False, at=now)
            red, black_shop, black_person = entries = await publish_three(console, maker, reviewer, shop)
            places = Places(console.client, shop, reader, black_token, hooks, entries)
            assert await places.showing() == ALL_PLACES
            started = time.monotonic()
            await contest(console, reviewer, red_token, red)
            await repair(console, reviewer, black_shop, merchant_id=shop.id)
            await repair(console, reviewer, black_person, resident_id=persons[1])
            when: dict[str, float] = {}
            while (left := await places.showing()) and time.monotonic() - started < GONE_WITHIN_SECONDS:
                when |= dict.fromkeys(left, time.monotonic() - started)
                await asyncio.sleep(0.2)
            assert not left
            assert await Recall.filter(entry_id__in=entries).count() == len(entries)
        with capsys.disabled():
            seen = {name: round(when.get(name, 0.0), 1) for name in sorted(ALL_PLACES)}
            print("\nlast seen after the end, seconds:", seen)

    on_two_workers(postgres_databases, redis_url, tmp_path, measure)
