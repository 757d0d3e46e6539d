"""A fair's pages: the choice of a slot on the phone, and the desks in the console."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.fairs import BEGINS, SATURDAY, Fairground
from support.people import a_member_of_staff
from support.scenes import post_form, read_page, signed_in_anew

from xinyi_platform.principals import Role
from xinyi_scenarios.fairs.models import FairAward, FairTicket

pytestmark = pytest.mark.anyio


async def test_a_resident_chooses_changes_and_gives_back(fair: Fairground) -> None:
    who, held = await fair.resident(1)
    own, choose = f"/app/entitlements/{held['id']}", f"/app/fairs/{held['id']}"
    assert "选择时段" in (await read_page(fair.client, who, own)).text
    page = (await read_page(fair.client, who, choose)).text
    assert "09:00–12:00" in page
    assert "余2" in page
    done = await post_form(fair.client, who, choose, {"choice": f"{SATURDAY}/morning"})
    assert (done.status_code, done.headers["location"]) == (303, own)
    assert "改签" in (await read_page(fair.client, who, own)).text
    nothing = await post_form(fair.client, who, choose, {"choice": "some day"})
    assert (nothing.status_code, "请选择时段" in nothing.text) == (400, True)
    await post_form(fair.client, who, choose, {"choice": f"{SATURDAY}/afternoon"})
    assert (await FairTicket.get()).slot == "afternoon"
    await post_form(fair.client, who, f"{choose}/cancel", {})
    assert (await FairTicket.get()).state == "cancelled"


async def test_a_full_slot_is_said_on_the_page_and_the_ticket_stays(fair: Fairground) -> None:
    for number in (1, 2):
        await fair.ticket(number)
    who, held = await fair.resident(3)
    full = await post_form(fair.client, who, f"/app/fairs/{held['id']}", {"choice": f"{SATURDAY}/morning"})
    assert full.status_code == 409
    assert "已约满" in full.text
    assert await FairTicket.all().count() == 2


async def test_the_desks_let_in_stamp_and_hand_out(fair: Fairground) -> None:
    who, held = await fair.resident(1)
    await fair.book(who, held)
    fair.move_to(BEGINS + timedelta(minutes=10))
    clerk = await a_member_of_staff(fair.runtime, Role.COMMUNITY_WORKER)

    async def desk(act: str, place: str, code: str = held["code"]) -> str:
        form = {"act": act, "scene": "fair", "place": place, "code": code}
        return (await post_form(fair.client, clerk, "/console/fairs", form)).text

    assert "fair" in (await read_page(fair.client, clerk, "/console/fairs")).text
    assert "请先在入口验票入园" in await desk("stamp", "quiz")
    assert "准予入园" in await desk("enter", "east")
    assert "重复验票" in await desk("enter", "south")
    assert "已盖章" in await desk("stamp", "quiz")
    assert "奖品已登记" in await desk("prize", "badge")
    assert "每票限领一份" in await desk("prize", "badge")
    assert "没有这个入口" in await desk("enter", "moon")
    assert "无法识别" in await desk("enter", "east", "hello")
    shown = (await read_page(fair.client, clerk, "/console/fairs?scene=fair")).text
    assert "已入园1人" in shown
    assert "morning: 1/2" in shown
    own = (await read_page(fair.client, signed_in_anew(fair.runtime, who), f"/app/entitlements/{held['id']}")).text
    assert "印章 1/2" in own
    assert "已领取" in own
    assert await FairAward.all().count() == 1
