"""The message centre: one's own, newest first, read when one says so, and by the ways that one chose."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from support.people import Caller, a_resident
from support.scenes import id_of, post_form, problem_code, read_page
from support.telling import LOSS, OTHER, news_for

from xinyi_platform.audit import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.ids import new_id
from xinyi_platform.notices import notify, notify_many
from xinyi_platform.notices.models import Notice, NoticeChoice, NoticeDelivery
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
PATH = "/api/v1/me/notices"


@pytest.fixture
async def wang(app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock) -> Caller:
    """A resident who was told two things, a minute apart."""
    who = await a_resident(runtime)
    for name, kind in (("1", OTHER), ("2", LOSS)):
        await notify(news_for(id_of(who), name, kind=kind), at=clock.now())
        clock.advance(timedelta(minutes=1))
    return who


async def listed(client: httpx.AsyncClient, who: Caller, *, language: str = "zh", number: int = 1) -> dict[str, object]:
    client.cookies.clear()
    headers = {**who.headers(), "Accept-Language": language}
    found: dict[str, object] = (await client.get(PATH, headers=headers, params={"page": number})).json()
    return found


async def test_the_newest_comes_first_in_the_readers_language(app_client: httpx.AsyncClient, wang: Caller) -> None:
    mine = (await app_client.get(PATH, headers=wang.headers())).json()
    assert mine["unread"] == 2
    assert [(row["title"], row["about_loss"], row["read_at"]) for row in mine["notices"]] == [
        ("消息2", True, None),
        ("消息1", False, None),
    ]
    english = (await app_client.get(PATH, headers={**wang.headers(), "Accept-Language": "en"})).json()
    assert [(row["title"], row["body"], row["link"]) for row in english["notices"]] == [
        ("News 2", "Why, and what helps.", "/app/credit"),
        ("News 1", "Why, and what helps.", "/app/credit"),
    ]


async def test_pages_hold_thirty_and_the_number_counts_all(
    app_client: httpx.AsyncClient, wang: Caller, clock: FixedClock
) -> None:
    await notify_many([news_for(id_of(wang), f"n{n}") for n in range(40)], at=clock.now())
    seen = []
    for number, size in ((1, 30), (2, 12), (3, 0)):
        answer = await listed(app_client, wang, number=number)
        rows = answer["notices"]
        assert isinstance(rows, list)
        assert (answer["unread"], len(rows)) == (42, size)
        seen += [row["id"] for row in rows]
    assert len(set(seen)) == 42


async def test_reading_is_kept_with_its_first_time(
    app_client: httpx.AsyncClient, wang: Caller, clock: FixedClock
) -> None:
    newest = (await app_client.get(PATH, headers=wang.headers())).json()["notices"][0]
    first = await app_client.post(f"{PATH}/{newest['id']}/read", headers=wang.headers())
    assert (first.status_code, first.json()["title"]) == (200, "消息2")
    clock.advance(timedelta(minutes=5))
    again = await app_client.post(f"{PATH}/{newest['id']}/read", headers=wang.headers())
    assert again.json()["read_at"] == first.json()["read_at"]
    assert (await app_client.get(PATH, headers=wang.headers())).json()["unread"] == 1
    assert (await app_client.post(f"{PATH}/read-all", headers=wang.headers())).json() == {"unread": 0}


async def test_anothers_message_is_not_there(app_client: httpx.AsyncClient, wang: Caller, runtime: Runtime) -> None:
    other = await a_resident(runtime, 2)
    hers = (await Notice.all().first()) or pytest.fail("nothing was told")
    for notice_id in (hers.id, new_id()):
        answer = await app_client.post(f"{PATH}/{notice_id}/read", headers=other.headers())
        assert (answer.status_code, problem_code(answer)) == (404, "not_found")
        assert (await read_page(app_client, other, f"/app/notices/{notice_id}")).status_code == 404
    await app_client.post(f"{PATH}/read-all", headers=other.headers())
    assert await Notice.filter(read_at=None).count() == 2
    assert (await listed(app_client, other)) == {"unread": 0, "notices": []}


async def test_the_ways_are_chosen_and_news_follows_them(
    app_client: httpx.AsyncClient, wang: Caller, clock: FixedClock
) -> None:
    choices = f"{PATH}/choices"
    assert (await app_client.get(choices, headers=wang.headers())).json() == {"sms_losses": True, "sms_news": False}
    for document in ({"sms_losses": False, "sms_news": True}, {"sms_losses": False, "sms_news": False}):
        for _ in range(2):
            answer = await app_client.put(choices, headers=wang.headers(), json=document)
            assert (answer.status_code, answer.json()) == (200, document)
        assert (await app_client.get(choices, headers=wang.headers())).json() == document
        before = await NoticeDelivery.all().count()
        name = str(document)[-30:]
        await notify_many([news_for(id_of(wang), f"{name} {k.code}", kind=k) for k in (LOSS, OTHER)], at=clock.now())
        assert await NoticeDelivery.all().count() - before == sum(document.values())
    assert await NoticeChoice.all().count() == 1
    assert await AuditEntry.filter(action="notices.choose").count() == 4
    for broken in ({}, {"sms_losses": True}, {"sms_losses": "yes", "sms_news": True}, {"mail": True}):
        assert (await app_client.put(choices, headers=wang.headers(), json=broken)).status_code == 400


async def test_the_copy_of_my_data_has_my_messages(app_client: httpx.AsyncClient, wang: Caller) -> None:
    copy = (await app_client.get("/api/v1/me/export", headers=wang.headers())).json()
    assert [row["title"]["zh"] for row in copy["notices"]] == ["消息2", "消息1"]


async def test_the_page_marks_what_is_unread_and_opening_reads(app_client: httpx.AsyncClient, wang: Caller) -> None:
    index = await read_page(app_client, wang, "/app/notices")
    assert index.status_code == 200
    assert index.text.index("消息2") < index.text.index("消息1")
    assert index.text.count('tag-warn">未读</span>') == 2
    newest = await Notice.get(dedupe="2")
    opened = await read_page(app_client, wang, f"/app/notices/{newest.id}")
    for part in ("消息2", "原因与办法。", 'href="/app/credit"'):
        assert part in opened.text
    assert (await Notice.get(id=newest.id)).read_at
    assert (await read_page(app_client, wang, "/app/notices")).text.count('tag-warn">未读</span>') == 1


async def test_the_number_stands_in_the_navigation_and_on_the_home_until_all_is_read(
    app_client: httpx.AsyncClient, wang: Caller
) -> None:
    for path in ("/app", "/app/consents", "/app/notices"):
        assert '>2<span class="visually-hidden"> 项待查看' in (await read_page(app_client, wang, path)).text, path
    home = (await read_page(app_client, wang, "/app")).text
    assert "2条未读消息" in home
    newest = await Notice.get(dedupe="2")
    opened = await read_page(app_client, wang, f"/app/notices/{newest.id}")
    assert '>1<span class="visually-hidden"> 项待查看' in opened.text, "this one no longer counts"
    done = await post_form(app_client, wang, "/app/notices/read-all")
    assert (done.status_code, done.headers["location"]) == (303, "/app/notices")
    home = (await read_page(app_client, wang, "/app")).text
    assert "条未读" not in home


async def test_the_form_of_choices_comes_ticked_as_chosen(app_client: httpx.AsyncClient, wang: Caller) -> None:
    form = (await read_page(app_client, wang, "/app/notices/choices")).text
    assert form.count(" checked") == 1
    done = await post_form(app_client, wang, "/app/notices/choices", {"sms_news": "true"})
    assert done.status_code == 303
    chosen = await NoticeChoice.get()
    assert (chosen.sms_losses, chosen.sms_news) == (False, True)
    await post_form(app_client, wang, "/app/notices/choices")
    assert (await read_page(app_client, wang, "/app/notices/choices")).text.count(" checked") == 0


async def test_who_was_told_nothing_sees_so(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    other = await a_resident(runtime, 2)
    assert "还没有消息" in (await read_page(app_client, other, "/app/notices")).text
    assert "条未读" not in (await read_page(app_client, other, "/app")).text
