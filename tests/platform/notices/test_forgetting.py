"""What was read long ago is deleted; the unread stays, and so does what is still on its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.people import a_resident
from support.scenes import id_of
from support.telling import news_for

from xinyi_platform.clock import FixedClock
from xinyi_platform.notices import notify
from xinyi_platform.notices.forgetting import forget_notices
from xinyi_platform.notices.models import Notice, NoticeDelivery
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio


async def test_a_notice_that_was_read_goes_after_its_days(runtime: Runtime, clock: FixedClock) -> None:
    who = id_of(await a_resident(runtime))
    for name in ("read", "unread", "going"):
        await notify(news_for(who, name), at=clock.now())
    await Notice.filter(dedupe__in=["read", "going"]).update(read_at=clock.now())
    assert await NoticeDelivery.all().count() == 3
    settled = NoticeDelivery.filter(notice__dedupe__in=["read", "unread"])
    ids = [row.id for row in await settled]
    await NoticeDelivery.filter(id__in=ids).update(state="shown", settled_at=clock.now())
    clock.advance(timedelta(days=180))
    assert await forget_notices(runtime) == 0
    clock.advance(timedelta(seconds=1))
    runtime.settings = replace(runtime.settings, notice_days=0)
    assert await forget_notices(runtime) == 0
    runtime.settings = replace(runtime.settings, notice_days=180)
    assert await forget_notices(runtime) == 1
    assert sorted(await Notice.all().values_list("dedupe", flat=True)) == ["going", "unread"]
    assert await NoticeDelivery.all().count() == 2
    assert await forget_notices(runtime) == 0
