"""The pages of a promise: read, tick and sign on a phone; judge in the console."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.people import Caller, a_member_of_staff
from support.promises import DUE_DAYS, REPAIR_DAYS, a_held_promise, a_picture
from support.scenes import a_consenting_resident, post_form, read_page
from support.visitor import field_of, text_of

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.commitments.models import CommitmentPaper, SignedCommitment
from xinyi_scenarios.commitments.sweeping import settle_due
from xinyi_scenarios.entitlements.models import Entitlement

pytestmark = pytest.mark.anyio


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    """Of the credit office."""
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE)


async def back(runtime: Runtime, who: Caller, surface: str = "app") -> Caller:
    """The same person with a session of today."""
    assert who.id is not None
    session = await open_session(surface, who.id, now=runtime.clock.now())
    return Caller(who.name, who.id, who.token, {cookie_name(surface): session})


async def test_a_resident_reads_ticks_signs_and_hands_in(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    held = await a_held_promise(app_client, runtime, wang)
    assert "阅读并签署" in (await read_page(app_client, wang, f"/app/entitlements/{held['id']}")).text
    path = f"/app/commitments/sign/{held['id']}"
    shown = await read_page(app_client, wang, path)
    assert "checked" not in shown.text
    assert "本人承诺所提供的信息真实。" in shown.text
    digest = field_of(shown.text, "digest")
    refused = await post_form(app_client, wang, path, {"digest": digest})
    assert (refused.status_code, "请阅读全文并勾选" in refused.text) == (422, True)
    made = await post_form(app_client, wang, path, {"digest": digest, "agree": "true"})
    assert made.status_code == 303
    page = made.headers["location"]
    again = await read_page(app_client, wang, path)
    assert (again.status_code, again.headers["location"]) == (303, page)
    one = text_of((await read_page(app_client, wang, page)).text)
    for words in (
        "履行中",
        f"还剩{DUE_DAYS}天",
        "场地租赁合同",
        "待补交",
        f"{REPAIR_DAYS}天内补齐可以修复",
        "撤回承诺",
    ):
        assert words in one
    files = {"picture": ("x.png", b"no picture", "image/png")}
    refused = await post_form(app_client, wang, f"{page}/papers/lease", files=files)
    assert (refused.status_code, "无法识别该图片" in refused.text) == (422, True)
    files = {"picture": ("x.png", a_picture(), "image/png")}
    assert (await post_form(app_client, wang, f"{page}/papers/lease", files=files)).status_code == 303
    picture = await read_page(app_client, wang, f"{page}/papers/lease/picture")
    assert (picture.status_code, picture.headers["cache-control"]) == (200, "private, no-store")
    assert "已提交,待确认" in (await read_page(app_client, wang, page)).text
    for where in ("/app", "/app/commitments", f"/app/entitlements/{held['id']}"):
        assert "信易批(测试)" in (await read_page(app_client, wang, where)).text
        assert f"还剩{DUE_DAYS}天" in (await read_page(app_client, wang, where)).text
    receipt = await read_page(app_client, wang, f"{page}/receipt")
    assert receipt.text == (await SignedCommitment.all().first()).receipt  # type: ignore[union-attr]


async def test_a_broken_promise_says_how_to_make_it_good_until_it_cannot(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, signed: dict[str, Any], clock: FixedClock
) -> None:
    page = f"/app/commitments/{signed['id']}"
    clock.advance(timedelta(days=DUE_DAYS + 1))
    await settle_due(runtime)
    shown = text_of((await read_page(app_client, await back(runtime, wang), page)).text)
    for words in ("已逾期", "权益已暂停", f"还剩{REPAIR_DAYS - 1}天", "恢复并记为已修复", "逾期未补齐"):
        assert words in shown
    assert "撤回承诺" not in shown
    clock.advance(timedelta(days=REPAIR_DAYS))
    late = (await read_page(app_client, await back(runtime, wang), page)).text
    assert "修复期已过" in late
    assert 'type="file"' not in late


async def test_a_promise_is_taken_back_on_its_page(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, signed: dict[str, Any]
) -> None:
    page = f"/app/commitments/{signed['id']}"
    await SignedCommitment.filter(id=signed["id"]).update(granted_at=runtime.clock.now())
    refused = await post_form(app_client, wang, f"{page}/withdraw")
    assert (refused.status_code, "已按承诺先行办理" in refused.text) == (409, True)
    await SignedCommitment.filter(id=signed["id"]).update(granted_at=None)
    assert (await post_form(app_client, wang, f"{page}/withdraw")).status_code == 303
    assert (await Entitlement.get(id=signed["entitlement_id"])).state == "cancelled"


async def test_anothers_promise_is_not_there(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, signed: dict[str, Any]
) -> None:
    zhang = await a_consenting_resident(runtime, bureau, 2)
    page = f"/app/commitments/{signed['id']}"
    for path in (page, f"{page}/receipt", f"{page}/papers/lease/picture"):
        assert (await read_page(app_client, zhang, path)).status_code == 404
    files = {"picture": ("x.png", a_picture(), "image/png")}
    assert (await post_form(app_client, zhang, f"{page}/papers/lease", files=files)).status_code == 404
    assert (await post_form(app_client, zhang, f"{page}/withdraw")).status_code == 404
    assert "还没有签署承诺" in (await read_page(app_client, zhang, "/app/commitments")).text


async def test_staff_see_what_is_due_soon_first_and_judge_it(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, signed: dict[str, Any], xu: Caller
) -> None:
    listed = (await read_page(app_client, xu, "/console/commitments")).text
    assert signed["code"] in listed
    assert "王小丽" not in listed
    page = f"/console/commitments/{signed['id']}"
    for act, more, status in (
        ("grant", {}, 303),
        ("extend", {"days": "x", "reason": "系统故障"}, 422),
        ("extend", {"days": "5", "reason": " "}, 400),
        ("extend", {"days": "5", "reason": "系统故障"}, 303),
        ("receive", {"paper": "lease"}, 303),
        ("refuse", {"paper": "lease", "reason": ""}, 400),
        ("refuse", {"paper": "lease", "reason": "缺页"}, 303),
        ("confirm", {"paper": "lease"}, 409),
        ("fulfil", {}, 409),
        ("receive", {"paper": "lease"}, 303),
        ("receive", {"paper": "health"}, 303),
        ("confirm", {"paper": "lease"}, 303),
        ("fulfil", {}, 303),
        ("dance", {}, 404),
    ):
        answer = await post_form(app_client, xu, page, {"act": act, **more})
        assert answer.status_code == status, (act, more, answer.text[:300])
    row = await SignedCommitment.get(id=signed["id"])
    assert (row.state, row.extended_by) == ("fulfilled", f"staff:{xu.id}")
    assert await CommitmentPaper.filter(commitment_id=row.id, judged_by=f"staff:{xu.id}").count() == 2
    one = text_of((await read_page(app_client, xu, page)).text)
    for words in ("已履行", "先行办理", "期限已延长", "系统故障", "缺页"):
        assert words in one
    assert signed["code"] not in (await read_page(app_client, xu, "/console/commitments")).text
    assert signed["code"] in (await read_page(app_client, xu, "/console/commitments?state=fulfilled")).text


async def test_pages_are_read_in_english_too(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, signed: dict[str, Any], xu: Caller
) -> None:
    for who, path, words in (
        (wang, f"/app/commitments/{signed['id']}", ["Papers to hand in", "The lease", f"{DUE_DAYS} days left"]),
        (wang, "/app/commitments", ["My promises", "Papers later"]),
        (xu, f"/console/commitments/{signed['id']}", ["Received at the counter", "The lease"]),
        (xu, "/console/commitments", ["Commitments", "All that run"]),
    ):
        app_client.cookies.clear()
        headers = {"Cookie": who.headers()["Cookie"], "Accept-Language": "en"}
        shown = (await app_client.get(path, headers=headers)).text
        for word in words:
            assert word in shown, (path, word)
