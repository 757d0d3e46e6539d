"""The synthetic people of the demo, and the command that prints their one-time codes."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import httpx
import pyotp
import pytest
from click.testing import CliRunner

from xinyi_platform.clock import SystemClock
from xinyi_platform.database import connect_database
from xinyi_platform.features import CityPlan
from xinyi_platform.identity import create_account, find_resident_by_identity, resident_profile
from xinyi_platform.identity.commands import totp
from xinyi_platform.identity.models import Account, ResidentAccount
from xinyi_platform.identity.numbers import is_identity_number
from xinyi_platform.identity.seeding import DEMO_TOTP, seed_residents, seed_staff, synthetic_resident
from xinyi_platform.keys import KeyRing
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio


def quiet(label: str, done: int, total: int) -> None:
    """Report to nobody."""


def test_identity_numbers_are_valid_unissued_and_distinct() -> None:
    people = [synthetic_resident(place, random.Random(place)) for place in range(1, 5_001)]
    numbers = {person.identity_number for person in people}
    assert len(numbers) == len({person.phone for person in people}) == 5_000
    assert all(number[14:17] == "000" and is_identity_number(number, today=date(2026, 11, 23)) for number in numbers)
    assert len({number[:6] for number in numbers}) == 5
    assert len({number[6:14] for number in numbers}) > 4_000


async def test_two_thousand_residents_are_found_by_who_they_are(runtime: Runtime) -> None:
    plan = CityPlan(residents=2_000, merchants=0, shared={"logins": []})
    await seed_residents(runtime, plan, quiet)
    assert await ResidentAccount.all().count() == len(plan.shared["residents"]) == 2_000
    first = await resident_profile(runtime, plan.shared["residents"][0])
    assert first.phone == plan.shared["logins"][0]["name"] == "13800000001"
    assert await find_resident_by_identity(runtime, first.name, first.identity_number.lower()) == first.id
    assert await find_resident_by_identity(runtime, first.name + "x", first.identity_number) is None


async def test_every_role_and_a_partner_can_sign_in(
    app_client: httpx.AsyncClient, runtime: Runtime, post_form: Callable[..., Awaitable[httpx.Response]]
) -> None:
    plan = CityPlan(residents=0, merchants=0, shared={"logins": []})
    await seed_staff(runtime, plan, quiet)
    *staff, partner = plan.shared["logins"]
    for login in staff:
        code = pyotp.TOTP(login["totp"]).at(runtime.clock.now())
        fields = {"username": login["name"], "password": login["secret"], "totp": code}
        assert (await post_form("/console/sign-in", fields)).status_code == 303, login["name"]
    assert {role for account in await Account.all() for role in account.roles} == set(Role)
    answer = await app_client.post("/partner/v1/token", auth=(partner["name"], partner["secret"]))
    assert answer.status_code == 200


@pytest.fixture
def environment(database_url: str, key_ring_file: Path) -> dict[str, str]:
    """What the command reads, and in it the account of lin."""

    async def make() -> None:
        async with connect_database(database_url, ["xinyi_platform.identity.models"]):
            await create_account(
                KeyRing.load(key_ring_file),
                kind="staff",
                username="lin",
                password="irrelevant",
                display_name="林社区",
                person="person-lin",
                at=SystemClock().now(),
                totp_secret=DEMO_TOTP,
            )

    asyncio.run(make())
    return {"XINYI_DATABASE_URL": database_url, "XINYI_SECRET_FILE": os.fspath(key_ring_file)}


def test_the_command_prints_the_code_of_a_demo_account(environment: dict[str, str]) -> None:
    result = CliRunner().invoke(totp, ["lin"], env=environment)
    assert result.exit_code == 0, result.output
    assert pyotp.TOTP(DEMO_TOTP).verify(result.output[:6], valid_window=1)


def test_the_command_says_when_there_is_no_such_account(environment: dict[str, str]) -> None:
    result = CliRunner().invoke(totp, ["nobody"], env=environment)
    assert (result.exit_code, "nobody" in result.output) == (1, True)


def test_the_command_refuses_in_production(environment: dict[str, str]) -> None:
    result = CliRunner().invoke(totp, ["lin"], env={**environment, "XINYI_PROFILE": "production"})
    assert (result.exit_code, "production" in result.output) == (1, True)
