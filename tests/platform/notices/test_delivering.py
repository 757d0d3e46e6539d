"""Notices reach the phone through a gateway that fails, stalls and forgets: never twice once acknowledged."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from support.people import a_resident
from support.scenes import id_of
from support.sms import SmsGatewaySimulator
from support.telling import news_for, with_gateway

from xinyi_platform.clock import FixedClock
from xinyi_platform.errors import Unavailable
from xinyi_platform.identity.models import ResidentAccount
from xinyi_platform.notices import notify, notify_many
from xinyi_platform.notices.choosing import Choices, choose
from xinyi_platform.notices.delivering import RETRY_SECONDS, deliver_notices
from xinyi_platform.notices.models import Notice, NoticeDelivery
from xinyi_platform.notices.reading import read_all
from xinyi_platform.runtime import Runtime
from xinyi_platform.sms import SmsGateway

pytestmark = pytest.mark.anyio
PHONE = "13800000001"
LEASE = timedelta(minutes=2)


@pytest.fixture
async def wang(runtime: Runtime, sms_gateway: SmsGatewaySimulator, tmp_path: Path) -> UUID:
    with_gateway(runtime, sms_gateway, tmp_path)
    return id_of(await a_resident(runtime))


async def test_the_phone_gets_the_title_and_where_to_read_on(
    runtime: Runtime, clock: FixedClock, wang: UUID, sms_gateway: SmsGatewaySimulator
) -> None:
    await notify(news_for(wang), at=clock.now())
    assert [await deliver_notices(runtime), await deliver_notices(runtime)] == [1, 0]
    notice, delivery = await Notice.get(), await NoticeDelivery.get()
    text = f"【信易+】消息1。详情与办法:http://city.test/app/notices/{notice.id}"
    assert sms_gateway.texts == [(PHONE, text)]
    assert sms_gateway.requests[0].key == str(delivery.id)
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("sent", 1, 202)
    assert delivery.settled_at == clock.now()


async def test_a_failing_gateway_is_tried_on_schedule_with_one_key_and_then_given_up(
    runtime: Runtime, clock: FixedClock, wang: UUID, sms_gateway: SmsGatewaySimulator
) -> None:
    sms_gateway.moods.extend(["fail"] * 50)
    await notify(news_for(wang), at=clock.now())
    assert await deliver_notices(runtime) == 1
    for tried, wait in enumerate(RETRY_SECONDS, 1):
        assert len(sms_gateway.requests) == tried
        clock.advance(timedelta(seconds=wait - 1))
        assert await deliver_notices(runtime) == 0, f"too early for try {tried + 1}"
        clock.advance(timedelta(seconds=1))
        assert await deliver_notices(runtime) == 1
    clock.advance(timedelta(days=30))
    assert await deliver_notices(runtime) == 0
    assert len(sms_gateway.requests) == len(RETRY_SECONDS) + 1
    assert len({arrived.key for arrived in sms_gateway.requests}) == 1
    delivery = await NoticeDelivery.get()
    assert (delivery.state, delivery.last_status) == ("dead", 500)


async def test_a_lost_answer_is_asked_for_again_and_the_phone_has_it_once(
    runtime: Runtime, clock: FixedClock, wang: UUID, sms_gateway: SmsGatewaySimulator
) -> None:
    sms_gateway.moods.extend(["lose_the_answer", "lose_the_answer"])
    await notify(news_for(wang), at=clock.now())
    for wait in (0, *RETRY_SECONDS[:2]):
        clock.advance(timedelta(seconds=wait))
        assert await deliver_notices(runtime) == 1
    assert len(sms_gateway.requests) == 3
    assert len(sms_gateway.texts) == 1
    assert (await NoticeDelivery.get()).state == "sent"


async def test_a_worker_that_dies_before_it_writes_is_followed_up_after_its_lease(
    runtime: Runtime, clock: FixedClock, wang: UUID, sms_gateway: SmsGatewaySimulator
) -> None:
    sms_gateway.moods.append("hang")
    await notify(news_for(wang), at=clock.now())
    dying = asyncio.create_task(deliver_notices(runtime))
    await asyncio.to_thread(sms_gateway.called.wait, 30)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    clock.advance(LEASE - timedelta(seconds=1))
    assert await deliver_notices(runtime) == 0
    clock.advance(timedelta(seconds=1))
    assert await deliver_notices(runtime) == 1
    assert len(sms_gateway.texts) == 1
    delivery = await NoticeDelivery.get()
    assert (delivery.state, delivery.attempts) == ("sent", 2)


async def test_a_gateway_that_does_not_answer_in_time_is_not_waited_for(
    sms_gateway: SmsGatewaySimulator, clock: FixedClock
) -> None:
    sms_gateway.moods.append("hang")
    gateway = SmsGateway(sms_gateway.url, sms_gateway.secret, timeout_seconds=0.2)
    answer = await gateway.post(PHONE, "text", key="k", at=clock.now())
    assert (answer.outcome, answer.status) == ("later", None)


async def test_a_busy_gateway_says_when_and_is_heard(
    runtime: Runtime, clock: FixedClock, wang: UUID, sms_gateway: SmsGatewaySimulator
) -> None:
    sms_gateway.moods.append("busy")
    sms_gateway.retry_after = "900"
    await notify(news_for(wang), at=clock.now())
    await deliver_notices(runtime)
    assert (await NoticeDelivery.get()).next_at == clock.now() + timedelta(seconds=900)
    clock.advance(timedelta(seconds=900))
    await deliver_notices(runtime)
    assert (await NoticeDelivery.get()).state == "sent"


async def test_what_the_gateway_refuses_for_good_is_not_tried_again(
    runtime: Runtime, clock: FixedClock, wang: UUID, sms_gateway: SmsGatewaySimulator
) -> None:
    sms_gateway.moods.append("refuse")
    await notify(news_for(wang), at=clock.now())
    await deliver_notices(runtime)
    clock.advance(timedelta(days=30))
    assert await deliver_notices(runtime) == 0
    assert (await NoticeDelivery.get()).state == "dead"
    assert await Notice.all().count() == 1, "the app has it all the same"


async def test_an_unsigned_request_is_not_taken(sms_gateway: SmsGatewaySimulator, clock: FixedClock) -> None:
    answer = await SmsGateway(sms_gateway.url).post(PHONE, "text", key="k", at=clock.now())
    assert (answer.outcome, answer.status) == ("refused", 401)
    with pytest.raises(Unavailable):
        await SmsGateway(sms_gateway.url).send(PHONE, "text", key="k", at=clock.now())
    assert sms_gateway.texts == []


async def test_two_workers_and_a_gateway_that_fails_every_other_time_send_each_text_once(
    runtime: Runtime, clock: FixedClock, wang: UUID, sms_gateway: SmsGatewaySimulator
) -> None:
    sms_gateway.moods.extend(["fail", "take", "lose_the_answer", "busy", "take"] * 6)
    await notify_many([news_for(wang, str(n)) for n in range(20)], at=clock.now())
    for _ in range(len(RETRY_SECONDS)):
        await asyncio.gather(*(deliver_notices(runtime) for _ in range(3)))
        clock.advance(timedelta(hours=12))
    assert {row.state for row in await NoticeDelivery.all()} == {"sent"}
    assert len(sms_gateway.texts) == 20
    acknowledged = sms_gateway.acknowledged
    assert len(acknowledged) == len(set(acknowledged)) == 20, "nothing is sent after its acknowledgement"


async def test_what_was_read_or_switched_off_meanwhile_is_not_sent(
    runtime: Runtime, clock: FixedClock, wang: UUID, sms_gateway: SmsGatewaySimulator
) -> None:
    await notify(news_for(wang, "read"), at=clock.now())
    await read_all(wang, at=clock.now())
    await deliver_notices(runtime)
    await notify(news_for(wang, "off"), at=clock.now())
    await choose(wang, Choices(sms_losses=False), at=clock.now())
    await deliver_notices(runtime)
    assert [row.state for row in await NoticeDelivery.all()] == ["skipped", "skipped"]
    assert sms_gateway.requests == []


async def test_who_has_left_gets_nothing(
    runtime: Runtime, clock: FixedClock, wang: UUID, sms_gateway: SmsGatewaySimulator
) -> None:
    await notify(news_for(wang), at=clock.now())
    await ResidentAccount.filter(id=wang).update(active=False)
    await deliver_notices(runtime)
    assert (await NoticeDelivery.get()).state == "skipped"
    assert sms_gateway.requests == []


async def test_at_night_it_waits_for_the_morning(
    runtime: Runtime, clock: FixedClock, wang: UUID, sms_gateway: SmsGatewaySimulator
) -> None:
    clock.advance(timedelta(hours=13))
    await notify(news_for(wang), at=clock.now())
    assert await deliver_notices(runtime) == 0
    clock.advance(timedelta(hours=9))
    assert await deliver_notices(runtime) == 1


async def test_the_demo_without_a_gateway_logs_that_it_would_be_sent_and_no_phone(
    runtime: Runtime, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await notify(news_for(id_of(await a_resident(runtime))), at=clock.now())
    assert await deliver_notices(runtime) == 1
    assert (await NoticeDelivery.get()).state == "shown"
    assert PHONE not in caplog.text
