"""Consents: in the app or on paper, a minor's by her guardian of that day, reset by any change, taken back any time."""

from __future__ import annotations

import asyncio
from datetime import date

import httpx
import pytest
from support.cases import (
    OTHER,
    WANG,
    begin,
    case_id_of,
    decide,
    guard,
    mine,
    picture,
    public,
    published,
    review,
    send,
    submit,
    with_person,
)
from support.people import Caller, a_resident
from support.scenes import id_of, post_form, read_page
from support.telling import kinds_told

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.database import is_postgres, transaction
from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.identity.models import Account, ResidentAccount
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.asking import ask_anew
from xinyi_rewards.cases.consenting import answer, withdraw_unagreed
from xinyi_rewards.cases.deciding import publish_case
from xinyi_rewards.cases.models import CasePerson, CaseVersion
from xinyi_rewards.honor_lists import asking

pytestmark = pytest.mark.anyio
STRANGER = {"name": "路人甲"}
SOON = 1.0


async def as_staff(who: Caller) -> Staff:
    account = await Account.get(id=who.id)
    return Staff(id_of(who), new_id(), account.person, frozenset({Role.REVIEWER}), account.division)


async def test_with_a_consent_taken_back_it_is_gone_at_once(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await published(app_client, lin, zhou, wang)
    address = f"/cases/{case_id_of(base)}"
    assert (await app_client.get(address)).status_code == 200
    assert await decide(app_client, wang, "refuse") == 303
    assert (await app_client.get(address)).status_code == 404
    assert await public(app_client) == []
    assert (await CaseVersion.get()).state == "withdrawn"
    assert await AuditEntry.filter(action="case.consent_withdraw").count() == 1
    assert await decide(app_client, wang, "agree") == 404


async def test_a_consent_taken_back_while_it_is_being_published_keeps_it_off(
    app_client: httpx.AsyncClient, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    """The withdrawal has begun and waits for her row; publishing runs meanwhile. On SQLite writers wait."""
    if not is_postgres():
        pytest.skip("one writer at a time")
    base = await with_person(app_client, lin)
    await decide(app_client, wang, "agree")
    person, reviewer = await CasePerson.get(), await as_staff(zhou)
    held, go_on = asyncio.Event(), asyncio.Event()

    async def hold_her_row() -> None:
        async with transaction():
            await CasePerson.filter(id=person.id).update(name_shown=person.name_shown)
            held.set()
            await go_on.wait()

    holder = asyncio.create_task(hold_her_row())
    await held.wait()
    back = asyncio.create_task(answer(person.id, id_of(wang), agrees=False, at=clock.now()))
    await asyncio.wait([back], timeout=SOON)
    publishing = asyncio.create_task(publish_case(case_id_of(base), reviewer, at=clock.now()))
    await asyncio.wait([publishing], timeout=SOON)
    go_on.set()
    await asyncio.gather(holder, back, publishing, return_exceptions=True)
    assert (await CasePerson.get()).state == "refused"
    assert (await CaseVersion.get()).state != "published"
    assert await public(app_client) == []


async def test_however_both_fall_together_nothing_is_public_without_consent(
    app_client: httpx.AsyncClient, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    reviewer, seen = await as_staff(zhou), set()
    for _ in range(6):
        base = await with_person(app_client, lin)
        await decide(app_client, wang, "agree")
        person = await CasePerson.all().order_by("-id").first()
        assert person is not None
        await asyncio.gather(
            publish_case(case_id_of(base), reviewer, at=clock.now()),
            answer(person.id, id_of(wang), agrees=False, at=clock.now()),
            return_exceptions=True,
        )
        now, version = await CasePerson.get(id=person.id), await CaseVersion.get(id=person.version_id)
        seen.add((now.state, version.state))
    assert seen <= {("refused", "in_review"), ("refused", "withdrawn")}


async def test_the_net_takes_off_what_is_published_without_a_consent(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await published(app_client, lin, zhou, wang)
    assert await withdraw_unagreed(runtime) == 0
    await CasePerson.all().update(state="refused")
    assert await withdraw_unagreed(runtime) == 1
    assert await public(app_client) == []
    assert (await AuditEntry.get(action="case.withdraw")).actor == "job:cases"


@pytest.mark.parametrize("change", ["text", "picture", "picture_out", "version"])
async def test_whatever_changes_a_paper_is_signed_anew_and_nobody_vanishes(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, change: str
) -> None:
    base = await begin(app_client, lin)
    await send(app_client, lin, f"{base}/pictures", {"alt": "广场"}, picture=picture())
    await send(app_client, lin, f"{base}/people", STRANGER, paper=picture())
    assert (await CasePerson.get()).state == "agreed"
    if change == "text":
        await post_form(app_client, lin, f"{base}/text", OTHER)
    elif change == "picture":
        await send(app_client, lin, f"{base}/pictures", {"alt": "正脸照"}, picture=picture("red"))
    elif change == "picture_out":
        shown = (await read_page(app_client, lin, base)).text.partition("/pictures/")[2].partition('"')[0]
        assert (await post_form(app_client, lin, f"{base}/pictures/{shown}")).status_code == 303
    else:
        await submit(app_client, lin, base)
        assert (await review(app_client, zhou, base)).status_code == 303
        await post_form(app_client, lin, base, {"act": "begin"})
    person = await CasePerson.all().order_by("-id").first()
    assert person is not None
    assert (person.state, person.paper_file_id) == ("asked", None)
    await submit(app_client, lin, base)
    assert (await review(app_client, zhou, base)).status_code == 409
    path = f"{base}/people/{person.id}/paper"
    assert (await send(app_client, lin, path, {"signer": "self"})).status_code == 400
    assert (await send(app_client, lin, path, {"signer": "self"}, paper=picture())).status_code == 303
    assert (await send(app_client, lin, path, {"signer": "self"}, paper=picture())).status_code == 409
    assert (await review(app_client, zhou, base)).status_code == 303


async def test_who_attaches_a_paper_does_not_publish(app_client: httpx.AsyncClient, lin: Caller, zhou: Caller) -> None:
    base = await begin(app_client, lin)
    await send(app_client, lin, f"{base}/people", STRANGER, paper=picture())
    await post_form(app_client, lin, f"{base}/text", OTHER)
    await submit(app_client, lin, base)
    person = await CasePerson.get()
    await send(app_client, zhou, f"{base}/people/{person.id}/paper", {"signer": "self"}, paper=picture())
    assert (await review(app_client, zhou, base)).status_code == 403


async def test_a_consent_on_paper_is_taken_back_by_staff_in_every_state(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller
) -> None:
    base = await begin(app_client, lin)
    assert (await send(app_client, lin, f"{base}/people", STRANGER)).status_code == 422
    await send(app_client, lin, f"{base}/people", STRANGER, paper=picture())
    person = await CasePerson.get()
    path, back = f"{base}/people/{person.id}", {"act": "withdraw_paper"}
    paper = await read_page(app_client, lin, f"{base}/papers/{person.id}")
    assert paper.headers["content-type"] == "image/jpeg"
    assert await AuditEntry.filter(action="case.paper_read").count() == 1
    assert (await post_form(app_client, lin, path, back)).status_code == 303
    await send(app_client, lin, f"{path}/paper", {"signer": "self"}, paper=picture())
    await submit(app_client, lin, base)
    assert (await post_form(app_client, lin, path, back)).status_code == 303
    assert (await review(app_client, zhou, base)).status_code == 409
    await send(app_client, lin, f"{path}/paper", {"signer": "self"}, paper=picture())
    assert (await review(app_client, zhou, base)).status_code == 303
    assert (await post_form(app_client, lin, path, back)).status_code == 303
    assert await public(app_client) == []


async def test_with_an_account_a_paper_stands_for_the_tap_and_she_is_told_and_can_take_it_back(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await with_person(app_client, lin, WANG, paper=picture())
    assert await kinds_told(id_of(wang)) == ["case.asked"]
    assert [one["consent"] for one in await mine(app_client, wang)] == ["agreed"]
    assert (await review(app_client, zhou, base)).status_code == 303
    assert await decide(app_client, wang, "refuse") == 303
    assert await public(app_client) == []


async def test_a_number_that_is_none_does_not_make_somebody_unknown(
    app_client: httpx.AsyncClient, lin: Caller, wang: Caller
) -> None:
    base = await begin(app_client, lin)
    wrong = {**WANG, "number": WANG["number"][:-1] + "Y"}
    assert (await send(app_client, lin, f"{base}/people", wrong, paper=picture())).status_code == 400


async def test_a_minor_is_asked_by_her_confirmed_guardian(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await ResidentAccount.filter(id=wang.id).update(birth_date=date(2014, 1, 1))
    base = await begin(app_client, lin)
    assert (await send(app_client, lin, f"{base}/people", WANG)).status_code == 422
    mother = await a_resident(runtime, 2)
    await guard(runtime, mother, wang)
    assert (await send(app_client, lin, f"{base}/people", WANG)).status_code == 303
    await submit(app_client, lin, base)
    assert await kinds_told(id_of(mother)) == ["case.asked"]
    assert await mine(app_client, wang) == []
    assert await decide(app_client, wang, "agree") == 404
    assert await decide(app_client, mother, "agree") == 303
    assert (await review(app_client, zhou, base)).status_code == 303


@pytest.mark.parametrize(("born", "right", "wrong"), [(2014, "guardian", "self"), (1990, "self", "guardian")])
async def test_a_minors_paper_is_signed_by_her_guardian_and_an_adults_by_herself(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller, born: int, right: str, wrong: str
) -> None:
    await ResidentAccount.filter(id=wang.id).update(birth_date=date(born, 1, 1))
    base = await begin(app_client, lin)
    refused = await send(app_client, lin, f"{base}/people", {**WANG, "signer": wrong}, paper=picture())
    assert (refused.status_code, "监护人签字" in refused.text) == (422, True)
    assert not await CasePerson.exists()
    signed = await send(app_client, lin, f"{base}/people", {**WANG, "signer": right}, paper=picture())
    assert signed.status_code == 303
    await submit(app_client, lin, base)
    assert (await review(app_client, zhou, base)).status_code == 303


async def test_a_minor_without_an_account_is_known_by_her_number(app_client: httpx.AsyncClient, lin: Caller) -> None:
    child = {"name": "李小宝", "number": "410611201401010004"}
    base = await begin(app_client, lin)
    for last in "0123456789X":
        child["number"] = f"41061120140101000{last}"
        refused = await send(app_client, lin, f"{base}/people", child, paper=picture())
        if refused.status_code == 422:
            break
    assert refused.status_code == 422
    signed = await send(app_client, lin, f"{base}/people", {**child, "signer": "guardian"}, paper=picture())
    assert signed.status_code == 303
    assert (await CasePerson.get()).adult_on == date(2032, 1, 1)


async def test_a_former_guardian_does_not_answer_and_her_word_does_not_stand(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await ResidentAccount.filter(id=wang.id).update(birth_date=date(2014, 1, 1))
    mother, father = await a_resident(runtime, 2), await a_resident(runtime, 3)
    tie = await guard(runtime, mother, wang)
    base = await with_person(app_client, lin)
    assert await decide(app_client, mother, "agree") == 303
    await Guardianship.filter(id=tie.id).update(state="ended", slot=str(tie.id), ended_at=runtime.clock.now())
    assert await decide(app_client, mother, "refuse") == 404
    assert await mine(app_client, mother) == []
    assert (await review(app_client, zhou, base)).status_code == 409
    await guard(runtime, father, wang)
    assert [await ask_anew(runtime), await ask_anew(runtime)] == [1, 0]
    assert await kinds_told(id_of(father)) == ["case.asked"]
    assert [one["consent"] for one in await mine(app_client, father)] == ["asked"]
    assert await decide(app_client, father, "agree") == 303
    assert (await review(app_client, zhou, base)).status_code == 303


async def test_a_ward_who_has_grown_up_answers_herself(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await ResidentAccount.filter(id=wang.id).update(birth_date=date(2014, 1, 1))
    mother = await a_resident(runtime, 2)
    await guard(runtime, mother, wang)
    base = await with_person(app_client, lin)
    await decide(app_client, mother, "agree")
    assert (await review(app_client, zhou, base)).status_code == 303
    await ResidentAccount.filter(id=wang.id).update(birth_date=date(1990, 1, 1))
    assert await ask_anew(runtime) == 1
    assert await kinds_told(id_of(wang)) == ["case.asked"]
    assert len(await mine(app_client, wang)) == 1
    assert await decide(app_client, mother, "refuse") == 404
    assert await decide(app_client, wang, "refuse") == 303
    assert await public(app_client) == []


async def test_sent_back_an_agreement_can_be_taken_back_and_it_is_asked_for_anew(
    app_client: httpx.AsyncClient, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await with_person(app_client, lin)
    await decide(app_client, wang, "agree")
    await review(app_client, zhou, base, "send_back", comment="太长")
    assert [one["consent"] for one in await mine(app_client, wang)] == ["agreed"]
    assert await decide(app_client, wang, "refuse") == 303
    assert await decide(app_client, wang, "agree") == 404
    clock.at = clock.at.replace(minute=30)
    await submit(app_client, lin, base)
    assert (await CasePerson.get()).state == "asked"
    await decide(app_client, wang, "agree")
    await review(app_client, zhou, base, "send_back", comment="还是太长")
    clock.at = clock.at.replace(minute=50)
    await submit(app_client, lin, base)
    assert await kinds_told(id_of(wang)) == ["case.asked"] * 3
    assert (await review(app_client, zhou, base)).status_code == 409
    assert await decide(app_client, wang, "agree") == 303
    assert (await review(app_client, zhou, base)).status_code == 303


async def test_every_person_who_is_put_in_by_number_is_counted_and_on_the_trail(
    app_client: httpx.AsyncClient, lin: Caller, wang: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ROWS_AN_HOUR", 3)
    base = await begin(app_client, lin)
    unknown = {**WANG, "name": "王大丽"}
    assert (await send(app_client, lin, f"{base}/people", {**WANG, "number": "1"})).status_code == 400
    asked = AuditEntry.filter(action="case.ask_about_person", actor=f"staff:{lin.id}")
    assert await asked.count() == 0
    assert (await send(app_client, lin, f"{base}/people", unknown)).status_code == 422
    assert await asked.count() == 1  # that no case came of it leaves no less of a trace
    assert (await send(app_client, lin, f"{base}/people", WANG)).status_code == 303
    refused = await send(app_client, lin, f"{base}/people", unknown)
    assert refused.status_code == 429
    assert "王大丽" in refused.text
    assert await asked.count() == 2
