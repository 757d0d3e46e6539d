"""The console without script: look at scenes, edit one by its generated form, preview, propose, decide."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import msgspec
import pytest
from support.offices import a_double, approve, propose, two_officers
from support.people import Caller, form_token
from support.scenes import claim, read_page
from support.visitor import text_of

from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.catalogue import Refused
from xinyi_scenarios.quotas import open_quota
from xinyi_scenarios.scene_changes.models import SceneChange

pytestmark = pytest.mark.anyio
SLUG = "travel"
EDIT = f"/console/scenes/{SLUG}/edit"

Fields = list[tuple[str, str]]


def fields_in(markup: str) -> Fields:
    """What a browser would send of a page's last form, as it came."""
    form = markup.rpartition("<form")[2].partition("</form>")[0]
    found: list[tuple[int, str, str]] = []
    for tag in re.finditer(r"<input\b[^>]*>", form):
        said = dict(re.findall(r'(\w+)="([^"]*)"', tag[0]))
        if said.get("type") == "checkbox" and not re.search(r"\bchecked\b", tag[0]):
            continue
        found.append((tag.start(), said["name"], html.unescape(said.get("value", ""))))
    for tag in re.finditer(r'<textarea\b[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found.append((tag.start(), tag[1], html.unescape(tag[2])))
    for tag in re.finditer(r'<select\b[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        options = re.findall(r'<option value="([^"]*)"([^>]*)>', tag[2])
        chosen = [value for value, rest in options if "selected" in rest] or [options[0][0]]
        found.append((tag.start(), tag[1], chosen[0]))
    return [(name, value) for _, name, value in sorted(found) if name != "_csrf_token"]


def changed(fields: Fields, **values: str) -> Fields:
    given = {name.replace("__", "."): value for name, value in values.items()}
    assert set(given) <= {name for name, _ in fields} | {"reason", "act"}
    kept = [(name, given.pop(name, value)) for name, value in fields]
    return kept + list(given.items())


async def send(client: httpx.AsyncClient, who: Caller, path: str, fields: Fields) -> httpx.Response:
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    headers = {**who.headers(csrf=token), "Accept-Language": "en", "Content-Type": "application/x-www-form-urlencoded"}
    body = str(httpx.QueryParams([("_csrf_token", token), *fields]))
    return await client.post(path, headers=headers, content=body)


async def test_a_scene_is_edited_previewed_proposed_and_approved(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    lin, xu = await two_officers(runtime)
    form = await read_page(app_client, lin, EDIT)
    fields = changed(fields_in(form.text), quota__total="6000", gives__percent_off="30", opens_on="2026-12-01")
    preview = await send(app_client, lin, EDIT, changed(fields, act="preview"))
    assert preview.status_code == 200
    said = text_of(preview.text)
    assert "Quota · Total changes from “5000” to “6000”" in said
    assert "What it gives · Percent off changes from “20” to “30”" in said
    again = fields_in(preview.text)
    refused = await send(app_client, lin, EDIT, changed(again, act="propose", reason=""))
    assert refused.status_code == 400
    made = await send(app_client, lin, EDIT, changed(fields_in(refused.text), act="propose", reason="旺季"))
    assert made.status_code == 303
    page = made.headers["location"]
    mine = await read_page(app_client, lin, page)
    assert f"{page}/approve" not in mine.text
    assert f"{page}/withdraw" in mine.text
    waiting = text_of((await read_page(app_client, lin, "/console/scenes/changes")).text)
    assert "需由他人审批" in waiting
    theirs = await read_page(app_client, xu, page)
    assert "30" in text_of(theirs.text)
    assert (await send(app_client, xu, f"{page}/approve", [])).status_code == 303
    versions = runtime.part(Catalogue).versions(SLUG)
    assert [(v.version, v.quota.total, str(v.opens_on)) for v in versions] == [
        (1, 5_000, "2026-01-01"),
        (2, 6_000, "2026-12-01"),
    ]
    shown = text_of((await read_page(app_client, lin, f"/console/scenes/{SLUG}")).text)
    assert "第2版" in shown


async def test_every_scenes_form_as_a_browser_sends_it_changes_only_the_first_day(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    """The page itself is walked, so that an input that the template forgets is found."""
    lin, _ = await two_officers(runtime)
    for scene in runtime.part(Catalogue).everything():
        path = f"/console/scenes/{scene.slug}/edit"
        fields = fields_in((await read_page(app_client, lin, path)).text)
        preview = await send(app_client, lin, path, changed(fields, act="preview"))
        assert preview.status_code == 200, scene.slug
        rows = re.findall(r'<th scope="row">(.*?)</th>', preview.text)
        assert rows == ["Opens on"], (scene.slug, rows)


async def test_wrong_fields_come_back_with_their_errors_and_what_was_typed(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    lin, _ = await two_officers(runtime)
    fields = fields_in((await read_page(app_client, lin, EDIT)).text)
    wrong = changed(fields, quota__total="many", name__zh="", gives__trades="museum", act="preview")
    answer = await send(app_client, lin, EDIT, wrong)
    assert answer.status_code == 422
    assert 'href="#f-quota.total"' in answer.text
    assert 'id="f-quota.total-error"' in answer.text
    assert 'value="many"' in answer.text
    assert await SceneChange.all().count() == 0
    right = changed(fields, gives__trades="museum", act="preview")
    assert "unknown trade" in (await send(app_client, lin, EDIT, right)).text


async def test_requirements_and_rows_are_added_and_removed_without_script(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    lin, _ = await two_officers(runtime)
    fields = fields_in((await read_page(app_client, lin, EDIT)).text)
    chosen = [(name, "age" if name == "new:requires" else value) for name, value in fields]
    grown = await send(app_client, lin, EDIT, changed(chosen, act="add:requires"))
    assert 'name="requires.1.at_least"' in grown.text
    fields = fields_in(grown.text)
    less = await send(app_client, lin, EDIT, changed(fields, requires__1__at_least="60", act="remove:quota.limits.1"))
    assert 'name="quota.limits.1.per"' not in less.text
    preview = await send(app_client, lin, EDIT, changed(fields_in(less.text), act="preview"))
    assert "Requirements for the claim · row 2 · At least is added: 60" in text_of(preview.text)


async def test_the_list_shows_what_is_off_and_what_was_refused(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    lin, xu = await two_officers(runtime)
    assert (await claim(app_client, wang, SLUG)).status_code == 201
    runtime.part(Catalogue).refused.append(Refused("museum.toml", "no such flow"))
    await approve(app_client, xu, await propose(app_client, lin, "dining", "switch", on=False))
    markup = (await read_page(app_client, xu, "/console/scenes")).text
    said = text_of(markup)
    assert "museum.toml: no such flow" in said
    assert "1 / 0 / 0" in said
    assert "4999 / 5000" in said
    assert said.count("关闭") == 1
    assert 'href="/console/scenes/dining"' in markup


async def test_a_switch_says_what_stays_before_it_is_proposed(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    lin, _ = await two_officers(runtime)
    assert (await claim(app_client, wang, SLUG)).status_code == 201
    path = f"/console/scenes/{SLUG}/switch"
    assert "现有1份" in text_of((await read_page(app_client, lin, path)).text)
    assert (await send(app_client, lin, path, [("on", ""), ("reason", " ")])).status_code == 400
    made = await send(app_client, lin, path, [("on", ""), ("reason", "整改")])
    assert made.status_code == 303
    double = await a_double(runtime, 1)
    refused = await send(app_client, double, f"{made.headers['location']}/approve", [])
    assert refused.status_code == 403
    assert runtime.part(Catalogue).is_on(SLUG)


async def test_a_quota_form_keeps_the_page_with_its_error(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    lin, xu = await two_officers(runtime)
    quota = await open_quota(SLUG, "2026-11", total=5, at=runtime.clock.now())
    path, said = f"/console/scenes/{SLUG}/quota", {"quota": str(quota.id), "is_open": "true", "reason": "加量"}

    def form(**values: Any) -> Fields:
        return list({**said, **values}.items())

    assert (await send(app_client, lin, path, form(total="lots"))).status_code == 400
    assert (await send(app_client, lin, path, form(total="5"))).status_code == 422
    made = await send(app_client, lin, path, form(total="8"))
    assert made.status_code == 303
    page = made.headers["location"]
    assert (await send(app_client, xu, f"{page}/refuse", [("reason", "")])).status_code == 400
    assert (await send(app_client, xu, f"{page}/refuse", [("reason", "预算不足")])).status_code == 303
    assert "预算不足" in text_of((await read_page(app_client, lin, page)).text)


async def test_a_waiting_version_of_a_plug_in_that_is_gone_is_still_shown(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    lin, xu = await two_officers(runtime)
    written = {**runtime.part(Catalogue).get(SLUG).written(), "opens_on": "2026-12-01", "quota": {"total": 6_000}}
    written["quota"] |= {"limits": []}
    change = await propose(app_client, lin, SLUG, "versions", manifest=msgspec.to_builtins(written))
    row = await SceneChange.get(id=change)
    manifest: Any = row.proposal["manifest"]
    await SceneChange.filter(id=change).update(proposal={"manifest": {**manifest, "of_a_plug_in": 1}})
    page = f"/console/scenes/changes/{change}"
    assert (await read_page(app_client, xu, page)).status_code == 200
    assert (await send(app_client, xu, f"{page}/approve", [])).status_code == 409
