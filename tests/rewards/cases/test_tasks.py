"""Cases and gatherings that wait for somebody stand among her tasks, and visitors find what is published."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from support.cases import TEXT, begin, published, review, submit
from support.people import DIVISION, Caller, a_member_of_staff
from support.scenes import post_form, read_page

from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.models import Account
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases import tasks as case_tasks
from xinyi_rewards.gatherings.holding import finish_due
from xinyi_rewards.gatherings.models import Gathering

pytestmark = pytest.mark.anyio


async def tasks(client: httpx.AsyncClient, who: Caller) -> list[tuple[str, str | None]]:
    client.cookies.clear()
    found = (await client.get("/staff/v1/tasks", headers=who.headers())).json()
    return [(task["kind_en"], task["due_on"]) for task in found]


async def test_a_case_waits_for_reviewers_without_a_hand_in_it_and_sent_back_for_its_makers(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    double = await a_member_of_staff(runtime, Role.REVIEWER, username="double")
    await Account.filter(id=double.id).update(person="person-lin")
    base = await begin(app_client, lin)
    assert await tasks(app_client, zhou) == await tasks(app_client, lin) == []
    await submit(app_client, lin, base)
    assert await tasks(app_client, zhou) == [("Review a case", None)]
    assert await tasks(app_client, double) == await tasks(app_client, lin) == []
    await review(app_client, zhou, base, "send_back", comment="太长")
    assert await tasks(app_client, lin) == [("Correct a case that was sent back", None)]
    assert await tasks(app_client, zhou) == []


async def test_what_waits_for_others_keeps_no_case_off_her_tasks(
    app_client: httpx.AsyncClient, clock: FixedClock, lin: Caller, zhou: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_tasks, "MOST_SHOWN", 1)
    await begin(app_client, lin)  # a draft that waits for nobody else
    clock.advance(timedelta(minutes=1))
    await submit(app_client, lin, await begin(app_client, lin))
    assert await tasks(app_client, zhou) == [("Review a case", None)]


async def test_a_gathering_that_was_held_waits_for_its_numbers(
    app_client: httpx.AsyncClient, clock: FixedClock, lin: Caller
) -> None:
    at = clock.now()
    held = await Gathering.create(
        id=new_id(), division=DIVISION, title="宣讲", place="活动室", state="planned", starts_at=at,
        ends_at=at + timedelta(hours=1), capacity=9, made_by=new_id(), created_at=at,
    )  # fmt: skip
    assert await tasks(app_client, lin) == []
    clock.advance(timedelta(hours=2))
    await finish_due(clock.now())
    assert await tasks(app_client, lin) == [("Put down what a gathering reached", "2026-11-30")]
    numbers = {"act": "settle", "heads": "0", "materials": "0"}
    await post_form(app_client, lin, f"/console/gatherings/{held.id}", numbers)
    assert await tasks(app_client, lin) == []


@pytest.mark.parametrize(("language", "label"), [("zh", "诚信典型案例"), ("en", "Exemplary cases")])
async def test_a_visitor_finds_the_cases_from_the_landing_page(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller, language: str, label: str
) -> None:
    await published(app_client, lin, zhou, wang)
    app_client.cookies.clear()
    landing = await app_client.get("/", headers={"accept-language": language})
    assert f'<a href="/cases">{label}</a>' in landing.text
    page = await app_client.get("/cases", headers={"accept-language": language})
    assert f"<h1>{label}</h1>" in page.text
    assert TEXT["title"] in page.text
    assert 'href="/cases"' not in (await read_page(app_client, wang, "/app")).text
