"""A case is published when everybody in it has agreed to that very version and another person has reviewed it."""

from __future__ import annotations

import httpx
import pytest
from support.cases import (
    OTHER,
    TEXT,
    WANG,
    begin,
    decide,
    picture,
    public,
    published,
    review,
    send,
    submit,
    with_person,
)
from support.people import Caller, a_member_of_staff, a_resident
from support.scenes import id_of, post_form, read_page
from support.telling import kinds_told

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.identity.models import Account
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.models import CaseHand, CasePerson, CasePicture, CaseVersion

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("form", "zh", "en"),
    [("masked", "王*丽", "王*丽"), ("full", "王小丽", "王小丽"), ("hidden", "一位居民", "a resident")],
)
async def test_it_is_published_in_the_form_of_the_name_that_was_agreed_to(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller, form: str, zh: str, en: str
) -> None:
    base = await with_person(app_client, lin, {**WANG, "form": form})
    assert await kinds_told(id_of(wang)) == ["case.asked"]
    early = await review(app_client, zhou, base)
    assert (early.status_code, "1位当事人" in early.text) == (409, True)
    assert await public(app_client) == []
    page = (await read_page(app_client, wang, "/app/cases")).text
    assert zh in page
    assert "她在原地等了一个小时" in page
    assert await decide(app_client, wang, "agree") == 303
    assert (await review(app_client, lin, base)).status_code == 403
    assert (await review(app_client, zhou, base)).status_code == 303
    assert [(one["people"], one["people_en"]) for one in await public(app_client)] == [([zh], [en])]
    for language, name in (("zh", zh), ("en", en)):
        app_client.cookies.clear()
        shown = await app_client.get(f"/cases/{base.rpartition('/')[2]}", headers={"accept-language": language})
        assert "她在原地等了一个小时" in shown.text
        assert "no-store" in shown.headers["cache-control"]
        assert name in shown.text


async def test_one_who_refuses_keeps_it_from_being_published(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await with_person(app_client, lin)
    assert await decide(app_client, await a_resident(runtime, 2), "agree") == 404
    assert await decide(app_client, wang, "refuse") == 303
    assert (await review(app_client, zhou, base)).status_code == 409
    assert await decide(app_client, wang, "agree") == 303
    assert (await review(app_client, zhou, base)).status_code == 303


async def test_a_changed_text_is_asked_about_anew_and_the_published_one_stays_meanwhile(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await published(app_client, lin, zhou, wang)
    assert (await post_form(app_client, lin, base, {"act": "begin"})).status_code == 303
    assert (await post_form(app_client, lin, base, {"act": "begin"})).status_code == 409
    assert (await post_form(app_client, lin, f"{base}/text", OTHER)).status_code == 303
    await submit(app_client, lin, base)
    assert [one["body"] for one in await public(app_client)] == [TEXT["body"]]
    page = (await read_page(app_client, zhou, base)).text
    assert "<ins>失主要酬谢,她摆摆手。</ins>" in page
    assert (await review(app_client, zhou, base)).status_code == 409
    newest = await CasePerson.filter(state="asked").get()
    assert await decide(app_client, wang, "agree", newest.id) == 303
    assert (await review(app_client, zhou, base)).status_code == 303
    assert [one["body"] for one in await public(app_client)] == [OTHER["body"]]
    assert sorted(await CaseVersion.all().values_list("state", flat=True)) == ["published", "superseded"]


async def test_sent_back_edited_and_agreed_again(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await with_person(app_client, lin)
    await decide(app_client, wang, "agree")
    assert (await review(app_client, zhou, base, "send_back", comment=" ")).status_code == 400
    assert (await review(app_client, zhou, base, "send_back", comment="写得太长")).status_code == 303
    assert "写得太长" in (await read_page(app_client, lin, base)).text
    await post_form(app_client, lin, f"{base}/text", OTHER)
    assert (await CasePerson.get()).state == "asked"
    short = await post_form(app_client, lin, f"{base}/text", {"title": "短", "body": "短"})
    assert short.status_code == 400


@pytest.mark.parametrize("hand", ["text", "picture", "person", "submit"])
async def test_whoever_had_a_hand_in_it_does_not_publish_it_by_any_of_her_accounts(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller, hand: str
) -> None:
    double = await a_member_of_staff(runtime, Role.REVIEWER, username="double")
    await Account.filter(id=double.id).update(person="person-zhou")
    base = await begin(app_client, lin)
    if hand == "text":
        await post_form(app_client, zhou, f"{base}/text", OTHER)
    if hand == "picture":
        await send(app_client, double, f"{base}/pictures", {"alt": "清晨的广场"}, picture=picture())
    if hand == "person":
        await send(app_client, double, f"{base}/people", WANG)
    await send(app_client, lin, f"{base}/pictures", {"alt": "一条街"}, picture=picture("red"))
    await submit(app_client, double if hand == "submit" else lin, base)
    if hand == "person":
        await decide(app_client, wang, "agree")
    for account in (zhou, double):
        refused = await review(app_client, account, base)
        assert refused.status_code == 403
        assert f"{base}/review" not in (await read_page(app_client, account, base)).text
    other = await a_member_of_staff(runtime, Role.REVIEWER, username="other")
    assert (await review(app_client, other, base)).status_code == 303


async def test_a_new_version_keeps_the_hands_of_the_text_that_it_takes_over(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await published(app_client, lin, zhou, wang)
    await post_form(app_client, zhou, base, {"act": "begin"})
    version = await CaseVersion.get(state="draft")
    hands = await CaseHand.filter(version_id=version.id).order_by("person").values_list("person", flat=True)
    assert list(hands) == ["person-lin", "person-zhou"]


async def test_somebody_taken_out_is_told_and_the_reviewer_sees_it(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await begin(app_client, lin)
    await send(app_client, lin, f"{base}/people", WANG)
    person = await CasePerson.get()
    path = f"{base}/people/{person.id}"
    assert (await post_form(app_client, lin, path, {"act": "remove"})).status_code == 303
    assert (await post_form(app_client, lin, path, {"act": "remove"})).status_code == 404
    assert await kinds_told(id_of(wang)) == ["case.removed"]
    await submit(app_client, lin, base)
    assert await kinds_told(id_of(wang)) == ["case.removed"]
    assert "本版本中已移除: 王*丽" in (await read_page(app_client, zhou, base)).text
    assert [row.detail["person"] for row in await AuditEntry.filter(action="case.remove_person")] == [str(person.id)]
    assert await decide(app_client, wang, "refuse", person.id) == 404
    assert (await review(app_client, zhou, base)).status_code == 303
    assert [one["people"] for one in await public(app_client)] == [[]]


async def test_pictures_have_words_and_are_seen_where_their_case_is(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await begin(app_client, lin)
    for text, status in (({"alt": ""}, 400), ({"alt": "清晨的广场"}, 303)):
        assert (await send(app_client, lin, f"{base}/pictures", text, picture=picture())).status_code == status
    assert (await send(app_client, lin, f"{base}/pictures", {"alt": "空"})).status_code == 400
    broken = await send(app_client, lin, f"{base}/pictures", {"alt": "坏图"}, picture=("x.jpg", b"x", "image/jpeg"))
    assert (broken.status_code, "坏图" in broken.text) == (422, True)
    row = await CasePicture.get()
    address = f"/cases/{base.rpartition('/')[2]}/pictures/{row.id}"
    assert (await app_client.get(address)).status_code == 404
    await submit(app_client, lin, base)
    assert (await review(app_client, zhou, base)).status_code == 303
    app_client.cookies.clear()
    assert (await app_client.get(address)).headers["content-type"] == "image/jpeg"
    assert "清晨的广场" in (await app_client.get("/cases")).text
    assert (await post_form(app_client, lin, base, {"act": "take_off"})).status_code == 303
    app_client.cookies.clear()
    assert (await app_client.get(address)).status_code == 404


async def test_another_area_has_no_such_case(app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller) -> None:
    base = await begin(app_client, lin)
    far = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="far")
    await Account.filter(id=far.id).update(division="410621001001")
    assert (await read_page(app_client, far, base)).status_code == 404
    assert (await post_form(app_client, far, base, {"act": "submit"})).status_code == 404
    assert TEXT["title"] not in (await read_page(app_client, far, "/console/cases")).text
