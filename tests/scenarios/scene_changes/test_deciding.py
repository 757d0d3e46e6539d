"""Changes over HTTP: one person proposes, another decides, and only then something happens."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from support.offices import a_double, act, approve, propose, two_officers
from support.people import Caller, a_member_of_staff
from support.scenes import claim, id_of, problem_code, read_page

from xinyi_platform.audit import AuditEntry
from xinyi_platform.clock import FixedClock, local_date
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.quotas import UNITS, QuotaKey, change_total, open_quota, open_quotas, period_of, quota_for
from xinyi_scenarios.scene_changes.deciding import approve_change
from xinyi_scenarios.scene_changes.errors import OwnChange
from xinyi_scenarios.scene_changes.models import SceneChange
from xinyi_scenarios.scene_changes.states import STATES, TRANSITIONS, advance

pytestmark = pytest.mark.anyio
SLUG = "dining"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", ["approve", "refuse", "withdraw"])
def test_only_a_waiting_change_is_decided(state: str, event: str) -> None:
    if event in TRANSITIONS[state]:
        assert state == "proposed"
        return
    with pytest.raises(TransitionForbidden):
        advance(state, event)


async def test_a_scene_is_switched_off_by_two_people_and_on_again(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    lin, xu = await two_officers(runtime)
    off = await propose(app_client, lin, SLUG, "switch", on=False)
    assert runtime.part(Catalogue).is_on(SLUG)
    answer = await approve(app_client, xu, off)
    assert answer.json()["state"] == "approved"
    assert not runtime.part(Catalogue).is_on(SLUG)
    refused = await claim(app_client, wang, SLUG)
    assert (refused.status_code, problem_code(refused)) == (409, "claims_closed")
    on = await propose(app_client, lin, SLUG, "switch", on=True)
    assert (await approve(app_client, xu, on)).status_code == 200
    assert (await claim(app_client, wang, SLUG)).status_code == 201


async def test_switching_on_leaves_a_quota_closed_that_was_closed_before(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    lin, xu = await two_officers(runtime)
    now = runtime.clock.now()
    quota = await open_quota(SLUG, period_of("month", now), total=5, at=now)
    await change_total(quota.id, total=5, is_open=False)
    for on in (False, True):
        assert (await approve(app_client, xu, await propose(app_client, lin, SLUG, "switch", on=on))).status_code == 200
    found = await quota_for(SLUG, period_of("month", now))
    assert found is not None
    assert not found.is_open


async def test_a_new_version_opens_on_its_day_and_what_was_given_keeps_its_own(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, clock: FixedClock
) -> None:
    lin, xu = await two_officers(runtime)
    assert (await claim(app_client, wang, SLUG)).status_code == 201
    scene = runtime.part(Catalogue).get(SLUG)
    tomorrow = local_date(clock.now()) + timedelta(days=1)
    manifest = {**scene.written(), "opens_on": tomorrow.isoformat()}
    manifest["gives"] = {**manifest["gives"], "percent_off": 35}
    del manifest["slug"], manifest["version"]
    change = await propose(app_client, lin, SLUG, "versions", manifest=manifest)
    approved = await approve(app_client, xu, change)
    assert approved.json()["version"] == 2
    assert runtime.part(Catalogue).get(SLUG).version == 1
    clock.advance(timedelta(days=1))
    assert runtime.part(Catalogue).get(SLUG).version == 2
    assert runtime.part(Catalogue).get(SLUG).gives.worst_fen == 3000
    held = await Entitlement.get(resident_id=id_of(wang))
    assert (held.version, held.benefit["percent_off"]) == (1, 10)


async def test_a_wrong_version_is_refused_with_each_of_its_fields(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    lin, _ = await two_officers(runtime)
    manifest = {**runtime.part(Catalogue).get(SLUG).written(), "opens_on": "2026-11-22"}
    body = {"reason": "x", "manifest": manifest}
    refused = await act(app_client, lin, f"/staff/v1/scenes/{SLUG}/versions", body)
    assert problem_code(refused) == "scene_manifest_refused"
    assert [row["field"] for row in refused.json()["fields"]] == ["opens_on"]
    manifest = {**manifest, "quota": {"total": 0}, "name": {"zh": "", "en": "x"}, "requires": [{"type": "age"}, {}]}
    refused = await act(app_client, lin, f"/staff/v1/scenes/{SLUG}/versions", {**body, "manifest": manifest})
    assert {"quota.total", "name.zh"} <= {row["field"] for row in refused.json()["fields"]}
    assert await SceneChange.all().count() == 0


async def test_what_changes_nothing_is_refused(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    lin, _ = await two_officers(runtime)
    scene = runtime.part(Catalogue).get(SLUG)
    same = {**scene.written(), "opens_on": "2026-11-23"}
    for path, body in (("switch", {"on": True}), ("versions", {"manifest": same})):
        refused = await act(app_client, lin, f"/staff/v1/scenes/{SLUG}/{path}", {"reason": "x", **body})
        assert problem_code(refused) == "nothing_changes"


async def test_a_running_quota_is_changed_but_never_below_its_use(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    lin, xu = await two_officers(runtime)
    assert (await claim(app_client, wang, SLUG)).status_code == 201
    quota = await quota_for(SLUG, "2026-11")
    assert quota is not None
    said = {"quota": str(quota.id), "is_open": True}
    refused = await act(app_client, lin, f"/staff/v1/scenes/{SLUG}/quotas", {**said, "total": 0, "reason": "x"})
    assert problem_code(refused) == "quota_below_use"
    less = await propose(app_client, lin, SLUG, "quotas", **said, total=1)
    more = await propose(app_client, lin, SLUG, "quotas", **said, total=9_000)
    assert (await approve(app_client, xu, less)).status_code == 200
    stale = await approve(app_client, xu, more)
    assert (stale.status_code, problem_code(stale)) == (409, "scene_change_outdated")
    assert (await SceneChange.get(id=more)).state == "proposed"
    found = await quota_for(SLUG, "2026-11")
    assert found is not None
    assert (found.total, found.used) == (1, 1)


async def test_a_quota_used_meanwhile_is_refused_and_the_proposal_stays(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    lin, xu = await two_officers(runtime)
    now = runtime.clock.now()
    quota = await open_quota(SLUG, "2026-11", total=5, at=now)
    change = await propose(app_client, lin, SLUG, "quotas", quota=str(quota.id), total=0, is_open=True)
    assert (await claim(app_client, wang, SLUG)).status_code == 201
    refused = await approve(app_client, xu, change)
    assert problem_code(refused) == "quota_below_use"
    assert (await SceneChange.get(id=change)).state == "proposed"


async def test_a_version_made_against_an_older_one_is_refused_by_name(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    lin, xu = await two_officers(runtime)
    written = {**runtime.part(Catalogue).get(SLUG).written(), "opens_on": "2026-12-01"}
    changes = [
        await propose(app_client, lin, SLUG, "versions", manifest={**written, "quota": {"total": total}})
        for total in (10, 20)
    ]
    assert (await approve(app_client, xu, changes[0])).status_code == 200
    refused = await approve(app_client, xu, changes[1])
    assert problem_code(refused) == "scene_change_outdated"
    assert "version 2" in refused.text or "第2版" in refused.text


async def test_twenty_accounts_of_the_maker_approve_at_once_and_none_passes(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    lin, xu = await two_officers(runtime)
    change = await propose(app_client, lin, SLUG, "switch", on=False)
    doubles = [await a_double(runtime, number) for number in range(20)]
    people = [
        Staff(id_of(double), new_id(), "person-lin", frozenset({Role.REVIEWER}), "410611") for double in [lin, *doubles]
    ]
    tries = [approve_change(runtime, change, person, at=runtime.clock.now()) for person in people]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OwnChange] * 21
    assert problem_code(await approve(app_client, doubles[0], change)) == "own_scene_change"
    assert (await SceneChange.get(id=change)).state == "proposed"
    assert runtime.part(Catalogue).is_on(SLUG)
    assert (await approve(app_client, xu, change)).status_code == 200


async def test_changes_of_several_scenes_approved_at_once_all_pass_in_one_order(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    lin, xu = await two_officers(runtime)
    slugs = ["dining", "ride", "travel", "rent", "hotel"]
    changes = [await propose(app_client, lin, slug, "switch", on=False) for slug in slugs]
    reviewer = Staff(id_of(xu), new_id(), "person-xu", frozenset({Role.REVIEWER}), "410611")
    await asyncio.gather(*(approve_change(runtime, change, reviewer, at=runtime.clock.now()) for change in changes))
    assert {row.seq for row in await SceneChange.all()} == {1, 2, 3, 4, 5}
    assert not any(runtime.part(Catalogue).is_on(slug) for slug in slugs)


async def test_only_the_maker_withdraws_and_only_another_refuses(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    lin, xu = await two_officers(runtime)
    first = await propose(app_client, lin, SLUG, "switch", on=False)
    path = f"/staff/v1/scene-changes/{first}"
    assert problem_code(await act(app_client, xu, f"{path}/withdraw")) == "not_your_scene_change"
    assert problem_code(await act(app_client, lin, f"{path}/refuse", {"reason": "不"})) == "own_scene_change"
    assert (await act(app_client, xu, f"{path}/refuse", {"reason": "理由不足"})).json()["state"] == "refused"
    assert problem_code(await approve(app_client, xu, first)) == "scene_change_decided"
    second = await propose(app_client, lin, SLUG, "switch", on=False)
    withdrawn = await act(app_client, lin, f"/staff/v1/scene-changes/{second}/withdraw")
    assert withdrawn.json()["state"] == "withdrawn"
    actions = [row.action for row in await AuditEntry.filter(object_kind="scene_change").order_by("id")]
    assert actions == [f"scene_change.{act}" for act in ("propose", "refuse", "propose", "withdraw")]


async def test_a_proposal_is_made_once_for_its_key(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    lin, _ = await two_officers(runtime)
    path, body = f"/staff/v1/scenes/{SLUG}/switch", {"on": False, "reason": "整改"}
    answers = [await act(app_client, lin, path, body, key="one") for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert await SceneChange.all().count() == 1


async def test_districts_lend_and_take_back_by_two_people(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    lin, xu = await two_officers(runtime)
    assert (await claim(app_client, wang, "travel")).status_code == 201
    seen = (await read_page(app_client, lin, "/staff/v1/scenes/travel")).json()
    mine = next(row for row in seen["quotas"] if row["scope"])
    other = await _a_share(mine["period"], runtime)
    loan = await propose(app_client, lin, "travel", "loans", lender=mine["id"], borrower=other, units=100)
    done = await approve(app_client, xu, loan)
    assert done.status_code == 200, done.text
    outcome = (await SceneChange.get(id=loan)).outcome
    back = await propose(app_client, lin, "travel", "returns", loan=outcome["loan"], units=40)
    assert (await approve(app_client, xu, back)).status_code == 200
    seen = (await read_page(app_client, lin, "/staff/v1/scenes/travel")).json()
    assert {row["scope"]: row["total"] for row in seen["quotas"] if row["scope"]} == {
        mine["scope"]: 2_440,
        "district:410622": 2_560,
    }


async def _a_share(period: str, runtime: Runtime) -> str:
    from_now = runtime.clock.now()
    key = QuotaKey(UNITS, "district:410622", period)
    return str((await open_quotas("travel", {key: 2_500}, at=from_now))[key].id)


async def test_who_has_no_such_role_sees_and_does_nothing(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    mediator = await a_member_of_staff(runtime, Role.MEDIATOR)
    reviewer = await a_member_of_staff(runtime, Role.REVIEWER)
    assert (await read_page(app_client, mediator, "/staff/v1/scenes")).status_code == 403
    body = {"on": False, "reason": "x"}
    assert (await act(app_client, reviewer, f"/staff/v1/scenes/{SLUG}/switch", body)).status_code == 403
    assert (await act(app_client, reviewer, f"/staff/v1/scene-changes/{new_id()}/approve")).status_code == 404


async def test_live_counters_count_what_was_claimed(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, clock: FixedClock
) -> None:
    held = (await claim(app_client, wang, SLUG)).json()
    clock.advance(timedelta(days=1))
    lin, _ = await two_officers(runtime)
    scenes = (await read_page(app_client, lin, "/staff/v1/scenes")).json()
    dining = next(scene for scene in scenes if scene["slug"] == SLUG)
    assert dining["today"] == {"claimed": 0, "used": 0, "returned": 0}
    assert dining["month"] == {"claimed": 1, "used": 0, "returned": 0}
    assert (dining["units"]["used"], dining["units"]["total"]) == (1, 8_000)
    assert held["state"] == "issued"
