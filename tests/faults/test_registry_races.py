"""Confirmations and imports against each other, through real server and command processes on PostgreSQL."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.databases import PostgresDatabases
from support.instance import Instance
from support.people import Caller, form_token

from xinyi_merchants.operators.inviting import new_token
from xinyi_merchants.operators.models import MerchantInvitation
from xinyi_merchants.registry.history import Maker, change_row, enter_change
from xinyi_merchants.registry.models import Merchant, MerchantChange
from xinyi_merchants.registry.uscc import make_uscc
from xinyi_merchants.sheets.reading import COLUMNS
from xinyi_merchants.sign_ups.filing import Applied, file_application
from xinyi_merchants.sign_ups.models import MerchantApplication
from xinyi_platform.app import all_features, model_modules
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import SystemClock
from xinyi_platform.database import connect_database
from xinyi_platform.identity import create_account
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.keys import KeyRing
from xinyi_platform.principals import Role
from xinyi_platform.spreadsheets import csv_text

pytestmark = [pytest.mark.race, pytest.mark.timeout(300)]
PLACE = "410611001001"
SIGN_UPS, STAFF, SHOPS = 6, 4, 400


def code_of(number: int) -> str:
    return make_uscc(f"{number:08d}", division=PLACE)


def a_row(number: int, name: str) -> tuple[str, ...]:
    return (code_of(number), name, "餐饮", PLACE, f"示范路{number}号", "0392-5550000", "2020-03-08")


async def staff(keys: KeyRing, number: int) -> Caller:
    now = SystemClock().now()
    identity, _ = await create_account(
        keys, kind="staff", username=f"lin{number}", password="a long demo password", display_name="林",
        person=f"person-{number}", at=now, roles=[Role.COMMUNITY_WORKER.value], division="410600",
    )  # fmt: skip
    session = await open_session("console", identity, now=now)
    return Caller(f"lin{number}", identity, None, {cookie_name("console"): session})


async def lay_out(keys: KeyRing) -> list[Caller]:
    """Let shops sign up, and one that is there propose another name."""
    now = SystemClock().now()
    for number in range(SIGN_UPS):
        facts = {
            "uscc": code_of(9_000 + number), "name": f"新店{number}", "trade": "catering", "division": PLACE,
            "address": "示范路1号", "phone": "0392-5550000", "licence_date": "2020-03-08",
        }  # fmt: skip
        await file_application(keys, Applied(facts, "店主", new_token()), now=now)
    merchant = await Merchant.create(
        code="RACE00001", uscc=code_of(8_000), name="旧名", trade="catering", division=PLACE, address="示范路",
        phone="0392-5550000", licence_date=now.date(), status="open", created_at=now, changed_at=now,
    )  # fmt: skip
    change = change_row(
        merchant, {"name": "旧名"}, {"name": "新名"}, Maker("portal", "x", "x"), at=now, is_proposal=True
    )
    assert await enter_change(change)
    return [await staff(keys, number) for number in range(STAFF)]


async def decide_everything(url: str, people: list[Caller]) -> dict[str, Counter[int]]:
    """Everybody decides everything at once, half of them to decline."""
    limits = httpx.Limits(max_connections=40)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        token = await form_token(client)
        client.cookies.clear()
        waiting = [f"/staff/v1/merchant-applications/{row.id}" for row in await MerchantApplication.all()]
        waiting += [f"/staff/v1/merchant-changes/{row.id}" for row in await MerchantChange.filter(slot="open")]

        async def decide(path: str, who: Caller, confirmed: bool) -> tuple[str, int]:
            body = {"is_confirmed": confirmed, "reason": "核对执照。"}
            answer = await client.post(path, headers=who.headers(csrf=token), json=body)
            return path, answer.status_code

        tries = [(path, who, bool(n % 2)) for path in waiting for n, who in enumerate(people * 5)]
        found: dict[str, Counter[int]] = {path: Counter() for path in waiting}
        for path, status in await asyncio.gather(*(decide(*one) for one in tries)):
            found[path][status] += 1
        return found


def test_every_confirmation_happens_once_on_two_workers(
    postgres_databases: PostgresDatabases, redis_url: str, tmp_path: Path
) -> None:
    database_url = postgres_databases.fresh()
    with Instance(tmp_path, database_url, redis_url=redis_url, workers=2) as instance:
        instance.start_server()

        async def race() -> None:
            async with connect_database(database_url, model_modules(all_features())):
                found = await decide_everything(instance.url, await lay_out(instance.keys))
                assert set(map(str, found.values())) == {str(Counter({409: STAFF * 5 - 1, 200: 1}))}
                await require_exact()

        asyncio.run(race())


async def require_exact() -> None:
    applications = await MerchantApplication.all()
    confirmed = {row.merchant_id for row in applications if row.state == "confirmed"}
    made = set(await Merchant.exclude(uscc=code_of(8_000)).values_list("id", flat=True))
    invited = set(await MerchantInvitation.all().values_list("merchant_id", flat=True))
    assert confirmed == made == invited
    assert await MerchantInvitation.all().count() == len(confirmed)
    change = await MerchantChange.get(source="portal")
    assert (await Merchant.get(uscc=code_of(8_000))).name == ("新名" if change.state == "confirmed" else "旧名")
    acts = await AuditEntry.filter(action__in=["merchant.change_confirmed", "merchant.change_declined"]).count()
    decided = ["merchant_application.confirmed", "merchant_application.declined"]
    assert (acts, await AuditEntry.filter(action__in=decided).count()) == (1, SIGN_UPS)


def test_imports_of_one_sheet_by_three_processes_enter_each_shop_once(
    postgres_databases: PostgresDatabases, tmp_path: Path
) -> None:
    database_url = postgres_databases.fresh()
    sheets = [tmp_path / f"{number}.csv" for number in range(3)]
    for number, path in enumerate(sheets):
        rows = [a_row(shop, f"名录店{shop}版本{number}") for shop in range(SHOPS)]
        path.write_text(csv_text([list(COLUMNS), *(rows if number % 2 else rows[::-1])], first=True), encoding="utf-8")
    with Instance(tmp_path, database_url) as instance:
        running = [start(instance, path) for path in sheets]
        assert [one.wait(timeout=120) for one in running] == [0, 0, 0]

    async def read() -> Any:
        async with connect_database(database_url, model_modules(all_features())):
            history = await MerchantChange.all().order_by("merchant_id", "id")
            return {shop.id: shop.name for shop in await Merchant.all()}, history

    names, history = asyncio.run(read())
    assert len(names) == SHOPS
    assert len(history) == SHOPS * 3
    entered = Counter(row.merchant_id for row in history if not row.before)
    assert set(entered.values()) == {1}
    chain: dict[Any, set[str]] = {}
    for row in history:
        chain.setdefault(row.merchant_id, set()).add(row.after["name"])
    assert all(len(told) == 3 and names[shop] in told for shop, told in chain.items()), "no change was lost"
    assert all({row.before["name"]} <= chain[row.merchant_id] for row in history if row.before)


def start(instance: Instance, path: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "xinyi_platform.cli", "merchant", "import", str(path)]
    return subprocess.Popen(command, env=instance._environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
