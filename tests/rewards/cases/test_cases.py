"""A case is published when everybody in it has agreed to that very version and another person has reviewed it."""

from __future__ import annotations

import io
from datetime import date
from uuid import UUID

import httpx
import pytest
from PIL import Image
from support.people import Caller, a_member_of_staff, a_resident, form_token
from support.scenes import id_of, post_form, read_page
from support.telling import kinds_told

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.identity.models import Account, ResidentAccount
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.models import CasePerson, CasePicture, CaseVersion

pytestmark = pytest.mark.anyio
TEXT = {"title": "拾到两万元", "body": "清晨她在长椅下发现一个布包,里面是两万元。\n她在原地等了一个小时,直到失主赶来。"}
OTHER = {**TEXT, "body": TEXT["body"] + "\n失主要酬谢,她摆摆手。"}


def picture() -> tuple[str, bytes, str]:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    return "page.jpg", out.getvalue(), "image/jpeg"


async def send(
    client: httpx.AsyncClient, who: Caller, path: str, text: dict[str, str], **files: tuple[str, bytes, str]
) -> httpx.Response:
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    sent = files or {"paper": ("", b"", "application/octet-stream")}
    return await client.post(path, headers=who.headers(csrf=token), data={**text, "_csrf_token": token}, files=sent)


async def begin(client: httpx.AsyncClient, who: Caller) -> str:
    made = await post_form(client, who, "/console/cases", TEXT)
    assert made.status_code == 303
    return str(made.headers["location"])


async def with_wang(client: httpx.AsyncClient, lin: Caller, form: str = "masked") -> str:
    """A case with 王小丽 in it, handed in."""
    base = await begin(client, lin)
    person = {"name": "王小丽", "number": synthetic_identity_number(1), "form": form}
    assert (await send(client, lin, f"{base}/people", person)).status_code == 303
    assert (await post_form(client, lin, base, {"act": "submit"})).status_code == 303
    return base


async def decide(client: httpx.AsyncClient, who: Caller, verdict: str, person: UUID | None = None) -> int:
    row = person or (await CasePerson.all().order_by("-id").first()).id  # type: ignore[union-attr]
    return (await post_form(client, who, f"/app/cases/{row}", {"verdict": verdict})).status_code


async def review(
    client: httpx.AsyncClient, who: Caller, base: str, act: str = "publish", **more: str
) -> httpx.Response:
    return await post_form(client, who, f"{base}/review", {"act": act, **more})


async def public(client: httpx.AsyncClient) -> list[dict[str, object]]:
    client.cookies.clear()
    found: list[dict[str, object]] = (await client.get("/api/v1/cases")).json()
    return found


@pytest.mark.parametrize(("form", "name"), [("masked", "王*丽"), ("full", "王小丽"), ("hidden", "一位居民")])
async def test_it_is_published_in_the_form_of_the_name_that_was_agreed_to(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller, form: str, name: str
) -> None:
    base = await with_wang(app_client, lin, form)
    assert await kinds_told(id_of(wang)) == ["case.asked"]
    early = await review(app_client, zhou, base)
    assert (early.status_code, "1位当事人" in early.text) == (409, True)
    assert await public(app_client) == []
    page = (await read_page(app_client, wang, "/app/cases")).text
    assert name in page
    assert "她在原地等了一个小时" in page
    assert await decide(app_client, wang, "agree") == 303
    assert (await review(app_client, lin, base)).status_code == 403
    assert (await review(app_client, zhou, base)).status_code == 303
    assert [one["people"] for one in await public(app_client)] == [[name]]
    shown = await app_client.get(f"/cases/{base.rpartition('/')[2]}")
    assert "她在原地等了一个小时" in shown.text
    assert "no-store" in shown.headers["cache-control"]
    assert name in shown.text


async def test_with_a_consent_taken_back_it_is_gone_at_once(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await with_wang(app_client, lin)
    await decide(app_client, wang, "agree")
    await review(app_client, zhou, base)
    address = f"/cases/{base.rpartition('/')[2]}"
    assert (await app_client.get(address)).status_code == 200
    assert await decide(app_client, wang, "refuse") == 303
    assert (await app_client.get(address)).status_code == 404
    assert await public(app_client) == []
    assert (await CaseVersion.get()).state == "withdrawn"
    assert await AuditEntry.filter(action="case.consent_withdraw").count() == 1
    assert await decide(app_client, wang, "agree") == 404


async def test_one_who_refuses_keeps_it_from_being_published(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await with_wang(app_client, lin)
    assert await decide(app_client, await a_resident(runtime, 2), "agree") == 404
    assert await decide(app_client, wang, "refuse") == 303
    assert (await review(app_client, zhou, base)).status_code == 409
    assert await decide(app_client, wang, "agree") == 303
    assert (await review(app_client, zhou, base)).status_code == 303


async def test_a_changed_text_is_asked_about_anew_and_the_published_one_stays_meanwhile(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await with_wang(app_client, lin)
    await decide(app_client, wang, "agree")
    await review(app_client, zhou, base)
    assert (await post_form(app_client, lin, base, {"act": "begin"})).status_code == 303
    assert (await post_form(app_client, lin, base, {"act": "begin"})).status_code == 409
    assert (await post_form(app_client, lin, f"{base}/text", OTHER)).status_code == 303
    await post_form(app_client, lin, base, {"act": "submit"})
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
    base = await with_wang(app_client, lin)
    await decide(app_client, wang, "agree")
    assert (await review(app_client, zhou, base, "send_back", comment=" ")).status_code == 400
    assert (await review(app_client, zhou, base, "send_back", comment="写得太长")).status_code == 303
    assert "写得太长" in (await read_page(app_client, lin, base)).text
    await post_form(app_client, lin, f"{base}/text", OTHER)
    assert (await CasePerson.get()).state == "asked"
    short = await post_form(app_client, lin, f"{base}/text", {"title": "短", "body": "短"})
    assert short.status_code == 400


async def test_a_minor_is_asked_by_her_confirmed_guardian_and_others_agree_on_paper(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await ResidentAccount.filter(id=wang.id).update(birth_date=date(2014, 1, 1))
    base = await begin(app_client, lin)
    child = {"name": "王小丽", "number": synthetic_identity_number(1)}
    assert (await send(app_client, lin, f"{base}/people", child)).status_code == 422
    stranger = await send(app_client, lin, f"{base}/people", {"name": "路人甲"})
    assert (stranger.status_code, "路人甲" in stranger.text) == (422, True)
    mother = await a_resident(runtime, 2)
    now = runtime.clock.now()
    await Guardianship.create(
        guardian_id=mother.id, ward_id=wang.id, relation="parent", state="confirmed", division="410611",
        asked_at=now, decided_at=now, decided_by=new_id(),
    )  # fmt: skip
    assert (await send(app_client, lin, f"{base}/people", child)).status_code == 303
    assert (await send(app_client, lin, f"{base}/people", {"name": "路人甲"}, paper=picture())).status_code == 303
    await post_form(app_client, lin, base, {"act": "submit"})
    assert await kinds_told(id_of(mother)) == ["case.asked"]
    asked, signed = await CasePerson.get(asked_id=mother.id), await CasePerson.get(asked_id=None)
    assert await decide(app_client, wang, "agree", asked.id) == 404
    assert await decide(app_client, mother, "agree", asked.id) == 303
    assert (await review(app_client, zhou, base)).status_code == 303
    case = base.rpartition("/")[2]
    paper = await read_page(app_client, lin, f"/console/cases/{case}/papers/{signed.id}")
    assert paper.headers["content-type"] == "image/jpeg"
    back = await post_form(app_client, lin, f"{base}/people/{signed.id}", {"act": "withdraw_paper"})
    assert back.status_code == 303
    assert await public(app_client) == []


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
    await post_form(app_client, lin, base, {"act": "submit"})
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
