"""Telling joins the act: once for each piece of news, with its way out and its event, or not at all."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from support.people import a_partner, a_resident
from support.scenes import id_of
from support.telling import LOSS, OTHER, news_for

from xinyi_platform.clock import FixedClock
from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.notices import News, Reminder, notify, notify_many, remind
from xinyi_platform.notices.models import Notice, NoticeDelivery, ReminderMark
from xinyi_platform.notices.reminding import STRIDE
from xinyi_platform.notices.telling import waking_hour
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio


async def test_the_same_news_is_told_once_to_each(runtime: Runtime, clock: FixedClock) -> None:
    first, second = new_id(), new_id()
    assert await notify(news_for(first), at=clock.now())
    assert not await notify(news_for(first), at=clock.now() + timedelta(days=1))
    told = await notify_many(
        [news_for(first), news_for(second), news_for(second), news_for(first, "2")], at=clock.now()
    )
    assert told == 2
    assert await Notice.all().count() == 3
    assert await NoticeDelivery.all().count() == 3
    assert await OutboxEvent.filter(topic="notice.created").count() == 3


async def test_of_parallel_tellers_one_tells(runtime: Runtime, clock: FixedClock) -> None:
    who = new_id()
    told = await asyncio.gather(*(notify(news_for(who), at=clock.now()) for _ in range(6)))
    assert sorted(told) == [False] * 5 + [True]
    assert await NoticeDelivery.all().count() == 1


async def test_what_is_rolled_back_was_never_told(runtime: Runtime, clock: FixedClock) -> None:
    async def fail() -> None:
        async with transaction():
            await notify(news_for(new_id()), at=clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    for model in (Notice, NoticeDelivery, OutboxEvent):
        assert await model.all().count() == 0


async def test_by_default_only_what_could_cost_her_something_goes_by_sms(runtime: Runtime, clock: FixedClock) -> None:
    who = new_id()
    await notify_many([news_for(who, "loss", kind=LOSS), news_for(who, "news", kind=OTHER)], at=clock.now())
    delivery = await NoticeDelivery.get().prefetch_related("notice")
    assert delivery.notice.dedupe == "loss"


async def test_a_partner_with_the_scope_hears_that_there_is_something_but_not_what(
    runtime: Runtime, clock: FixedClock
) -> None:
    vendor = await a_partner(runtime, "webhooks", "notices", client_id="city-app")
    await a_partner(runtime, "webhooks", client_id="bike")
    resident = await a_resident(runtime)
    await notify(news_for(id_of(resident)), at=clock.now())
    events = {row.audience: row.payload for row in await OutboxEvent.filter(topic="notice.created")}
    notice = await Notice.get()
    assert events == {
        audience: {"notice": str(notice.id), "resident": str(resident.id)}
        for audience in (f"resident:{resident.id}", f"partner:{vendor.id}")
    }


def test_a_link_stays_in_the_app() -> None:
    for link in ("https://elsewhere.test", "//elsewhere.test", "/console"):
        with pytest.raises(ValueError, match="a page of the app"):
            news_for(new_id(), link=link)


@pytest.mark.parametrize(
    ("hour", "minute", "goes"),
    [(7, 59, (23, 8)), (8, 0, None), (20, 59, None), (21, 0, (24, 8)), (23, 30, (24, 8)), (0, 0, (23, 8))],
)
def test_nobody_is_woken(hour: int, minute: int, goes: tuple[int, int] | None) -> None:
    local = datetime(2026, 11, 23, hour, minute, tzinfo=UTC) - timedelta(hours=8)
    expected = local if goes is None else datetime(2026, 11, goes[0], goes[1], tzinfo=UTC) - timedelta(hours=8)
    assert waking_hour(local) == expected


async def test_a_reminder_goes_on_where_it_stopped_and_misses_nothing(runtime: Runtime, clock: FixedClock) -> None:
    who, start = new_id(), clock.now()
    dues = [start + timedelta(days=day, minutes=day) for day in range(1, 9)]
    looked: list[tuple[datetime, datetime]] = []

    async def find(after: datetime, until: datetime) -> list[News]:
        looked.append((after, until))
        return [news_for(who, str(due)) for due in dues if after < due <= until]

    reminder = Reminder(name="test", ahead=timedelta(days=2), find=find)
    assert await remind(reminder, at=start) == 0, "what was within reach before the first run is not told"
    assert await remind(reminder, at=start) == 0
    clock.advance(timedelta(days=3))
    first, second = await asyncio.gather(remind(reminder, at=clock.now()), remind(reminder, at=clock.now()))
    assert first + second == 3
    assert await Notice.all().count() == 3, "of the days two to four; the first was within reach when it was made"
    assert all(until - after <= STRIDE for after, until in looked)
    assert (await ReminderMark.get()).until == clock.now()
    clock.advance(timedelta(days=30))
    await remind(reminder, at=clock.now())
    assert await Notice.all().count() == 7
