"""Pictures of what has ended are locked at once and removed unless another row has the same content; the rest later."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from support.cases import (
    OTHER,
    WANG,
    begin,
    case_id_of,
    decide,
    picture,
    public,
    published,
    review,
    send,
    submit,
)
from support.files import forget_files, on_disk
from support.people import Caller
from support.scenes import post_form, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.files import StoredFile, store_picture
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.forgetting import forget_ended
from xinyi_rewards.cases.models import CaseHand, CasePerson, CasePicture, CaseVersion, ExemplaryCase
from xinyi_rewards.cases.policy import case_policy

pytestmark = pytest.mark.anyio


async def with_picture(client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller) -> str:
    base = await begin(client, lin)
    await send(client, lin, f"{base}/people", WANG)
    await send(client, lin, f"{base}/pictures", {"alt": "清晨的广场"}, picture=picture())
    await submit(client, lin, base)
    await decide(client, wang, "agree")
    assert (await review(client, zhou, base)).status_code == 303
    return base


async def runs(runtime: Runtime, times: int = 2) -> None:
    await forget_ended(runtime)
    await forget_files(runtime, times)


async def test_with_a_withdrawal_its_pictures_are_locked_at_once_and_then_gone(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await with_picture(app_client, lin, zhou, wang)
    shown = await CasePicture.get()
    assert (await read_page(app_client, lin, f"{base}/pictures/{shown.id}")).status_code == 200
    await runs(runtime)
    assert await CasePicture.all().count() == 1
    assert await decide(app_client, wang, "refuse") == 303
    assert (await read_page(app_client, lin, f"{base}/pictures/{shown.id}")).status_code == 404
    assert (await read_page(app_client, wang, f"/app/cases/{case_id_of(base)}/pictures/{shown.id}")).status_code == 404
    assert f"/pictures/{shown.id}" not in (await read_page(app_client, lin, base)).text
    await runs(runtime)
    assert await CasePicture.all().count() + await StoredFile.all().count() == 0
    assert on_disk(runtime) == []


async def test_a_content_that_another_row_has_stays(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await with_picture(app_client, lin, zhou, wang)
    other = await store_picture(
        runtime.files, picture()[1], owner="complaint:1", purpose="complaint", now=runtime.clock.now()
    )
    await decide(app_client, wang, "refuse")
    await runs(runtime)
    assert await StoredFile.all().values_list("id", flat=True) == [other.id]
    assert runtime.files.read(other.digest)


async def test_a_content_stored_between_two_runs_is_found_again(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    """The other one saw the file before it was set aside, and its row became visible after."""
    await with_picture(app_client, lin, zhou, wang)
    stored = await StoredFile.get()
    await decide(app_client, wang, "refuse")
    await runs(runtime, 1)
    assert not runtime.files.path_of(stored.digest).exists()
    assert runtime.files.read(stored.digest)
    other = await StoredFile.create(
        digest=stored.digest, purpose="complaint", owner="complaint:1", size_bytes=1, width=1, height=1,
        created_at=runtime.clock.now(),
    )  # fmt: skip
    await runs(runtime, 1)
    assert runtime.files.read(other.digest)
    assert await StoredFile.all().values_list("id", flat=True) == [other.id]


async def test_a_picture_taken_out_of_a_draft_stays_in_the_published_version(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    base = await with_picture(app_client, lin, zhou, wang)
    await post_form(app_client, lin, base, {"act": "begin"})
    old, copy = await CasePicture.all().order_by("id")
    assert (await post_form(app_client, lin, f"{base}/pictures/{old.id}")).status_code == 404
    assert (await post_form(app_client, lin, f"{base}/pictures/{copy.id}")).status_code == 303
    for colour in ("red", "blue"):
        await send(app_client, lin, f"{base}/pictures", {"alt": "一条街"}, picture=picture(colour))
    assert await CasePicture.filter(version__state="draft").values_list("place", flat=True) == [1, 2]
    await runs(runtime)
    app_client.cookies.clear()
    assert (await app_client.get(f"/cases/{case_id_of(base)}/pictures/{old.id}")).status_code == 200
    await submit(app_client, lin, base)
    await decide(app_client, wang, "agree")
    assert (await review(app_client, zhou, base)).status_code == 303
    await runs(runtime)
    assert await CasePicture.all().count() == await StoredFile.all().count() == 2


async def test_a_replaced_paper_goes_and_the_one_that_stands_stays(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    base = await begin(app_client, lin)
    await send(app_client, lin, f"{base}/people", {"name": "路人甲"}, paper=picture())
    await post_form(app_client, lin, f"{base}/text", OTHER)
    person = await CasePerson.get()
    await send(app_client, lin, f"{base}/people/{person.id}/paper", {"signer": "self"}, paper=picture("red"))
    await runs(runtime)
    assert [row.id for row in await StoredFile.all()] == [(await CasePerson.get()).paper_file_id]
    assert (await read_page(app_client, lin, f"{base}/papers/{person.id}")).status_code == 200


async def test_the_rest_of_the_record_goes_with_its_term(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await published(app_client, lin, zhou, wang)
    kept = await begin(app_client, lin)
    await decide(app_client, wang, "refuse", (await CasePerson.get()).id)
    clock.at += case_policy().keep_ended - timedelta(minutes=1)
    await runs(runtime)
    assert await CaseVersion.all().count() == 2
    clock.at += timedelta(minutes=1)
    await runs(runtime)
    assert [row.id for row in await ExemplaryCase.all()] == [case_id_of(kept)]
    assert await CaseVersion.all().count() == await CaseHand.all().count() == 1
    assert not await CasePerson.exists()
    assert await AuditEntry.filter(action="case.forget").count() == 1
    assert await public(app_client) == []
