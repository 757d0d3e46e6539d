"""Decisions: one read for all scenes, reasons that last, and no "no" out of silence."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import anyio.to_thread
import httpx
import msgspec
import pytest
from support.people import Caller, a_resident
from support.scenes import a_consenting_resident, id_of, signed_in_anew

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock, local_date
from xinyi_platform.consents import withdraw
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit.models import CreditRead
from xinyi_platform.errors import NotFound
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_platform.settings import Settings
from xinyi_scenarios.decisions import decide_scene, replay_decision
from xinyi_scenarios.decisions.models import Decision
from xinyi_scenarios.manifests import Catalogue

pytestmark = pytest.mark.anyio


async def eligibility(client: httpx.AsyncClient, who: Caller, slug: str, language: str = "zh") -> dict[str, Any]:
    headers = {**who.headers(), "Accept-Language": language}
    answer = await client.get(f"/api/v1/scenarios/{slug}/eligibility", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_all_scenes_take_one_read_of_the_bureau_and_leave_no_decision(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    answers = (await app_client.get("/api/v1/eligibility", headers=wang.headers())).json()
    assert [a["scenario"] for a in answers] == [scene.slug for scene in runtime.part(Catalogue).all()]
    assert await CreditRead.filter(resident_id=wang.id).count() == 1
    assert await Decision.all().count() == 0
    verdicts = {a["scenario"]: a["verdict"] for a in answers}
    assert verdicts["travel"] == verdicts["ride"] == verdicts["elder-care"] == "eligible"
    assert verdicts["checkup"] == "not_eligible"


async def test_a_decision_is_kept_with_its_reasons_and_replays_to_the_same(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, bureau: Simulator, clock: FixedClock
) -> None:
    told = await eligibility(app_client, wang, "elder-care", "en")
    assert (told["verdict"], told["credit_as_of"]) == ("eligible", clock.now().isoformat().replace("+00:00", "Z"))
    credit, either = told["findings"]
    assert (credit["type"], credit["outcome"], credit["reason"]) == (
        "credit_status", "met", "Your credit standing is good",
    )  # fmt: skip
    assert [(part["type"], part["outcome"]) for part in either["parts"]] == [("age", "met"), ("guardian", "not_met")]
    bureau.overrides[synthetic_identity_number(1)] = ("serious", True)
    clock.advance(timedelta(days=2))
    assert (await eligibility(app_client, signed_in_anew(runtime, wang), "elder-care"))["verdict"] == "not_eligible"
    stored, same = await replay_decision(told["decision"])
    assert (stored.verdict, stored.purpose, same) == ("eligible", "decide", True)


@pytest.mark.parametrize("slug", ["travel", "ride", "elder-care", "checkup", "medical", "read"])
@pytest.mark.parametrize("mode", ["ok", "down"])
async def test_every_stored_decision_replays_to_the_same(
    runtime: Runtime, bureau: Simulator, slug: str, mode: str
) -> None:
    who = id_of(await a_consenting_resident(runtime, bureau, 2, "minor"))
    bureau.mode = mode
    decided = await decide_scene(runtime, who, slug)
    assert decided.id
    stored, same = await replay_decision(decided.id)
    assert (stored.verdict, same) == (decided.verdict, True)


async def test_a_trace_that_was_tampered_with_does_not_replay(runtime: Runtime, bureau: Simulator) -> None:
    decided = await decide_scene(runtime, id_of(await a_consenting_resident(runtime, bureau)), "travel")
    assert decided.id
    stored = await Decision.get(id=decided.id)
    await Decision.filter(id=decided.id).update(verdict="not_eligible")
    assert (await replay_decision(decided.id))[1] is False
    await Decision.filter(id=decided.id).update(
        verdict="eligible", trace=[{**stored.trace[0], "zh": "因为今天是星期一"}]
    )
    assert (await replay_decision(decided.id))[1] is False
    with pytest.raises(NotFound):
        await replay_decision(new_id())


def run_replay(settings: Settings, decision_id: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "XINYI_DATABASE_URL": settings.database_url,
        "XINYI_SECRET_FILE": str(settings.secret_file),
        "PYTHONIOENCODING": "utf-8",
    }
    command = [sys.executable, "-c", "from xinyi_platform.cli import main; main()", "decision", "replay"]
    return subprocess.run([*command, str(decision_id)], env=environment, capture_output=True, text=True, check=False)


async def test_the_command_replays_and_exits_1_where_the_result_differs(
    runtime: Runtime, settings: Settings, bureau: Simulator
) -> None:
    decided = await decide_scene(runtime, id_of(await a_consenting_resident(runtime, bureau)), "travel")
    same = await anyio.to_thread.run_sync(run_replay, settings, decided.id)
    assert same.returncode == 0, same.stderr
    assert same.stdout.startswith("travel v1: eligible; replayed: same\n  met")
    await Decision.filter(id=decided.id).update(verdict="unknown")
    differs = await anyio.to_thread.run_sync(run_replay, settings, decided.id)
    assert differs.returncode == 1
    assert "DIFFERENT" in differs.stdout


@pytest.mark.parametrize(("mode", "code"), [("down", "无法访问"), ("garbage", "无法核验")])
async def test_a_silent_bureau_makes_it_unknown_with_the_reason(
    app_client: httpx.AsyncClient, wang: Caller, bureau: Simulator, mode: str, code: str
) -> None:
    bureau.mode = mode
    told = await eligibility(app_client, wang, "travel")
    (credit,) = told["findings"]
    assert (told["verdict"], told["credit_as_of"], credit["outcome"]) == ("unknown", None, "cannot_tell")
    assert code in credit["reason"]
    assert credit["would_change"]


async def test_what_a_silent_bureau_cannot_turn_is_still_refused(
    app_client: httpx.AsyncClient, wang: Caller, bureau: Simulator
) -> None:
    """She is on no red list, whatever the bureau would say."""
    bureau.mode = "down"
    assert (await eligibility(app_client, wang, "medical"))["verdict"] == "not_eligible"


async def test_an_older_word_is_shown_with_its_age_while_the_bureau_is_down(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, bureau: Simulator, clock: FixedClock
) -> None:
    first = await eligibility(app_client, wang, "travel")
    clock.advance(timedelta(hours=30))
    bureau.mode = "down"
    later = await eligibility(app_client, signed_in_anew(runtime, wang), "travel")
    assert (later["verdict"], later["credit_as_of"]) == ("eligible", first["credit_as_of"])
    age = datetime.fromisoformat(later["at"]) - datetime.fromisoformat(later["credit_as_of"])
    assert age == timedelta(hours=30)


async def test_without_consent_it_is_unknown_and_says_what_helps(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    stranger = await a_resident(runtime, 3)
    told = await eligibility(app_client, stranger, "travel", "en")
    (credit,) = told["findings"]
    assert (told["verdict"], credit["outcome"]) == ("unknown", "cannot_tell")
    assert credit["would_change"] == "Consent to the read and it can be decided."


async def test_a_withdrawn_consent_takes_the_verdict_back(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    assert (await eligibility(app_client, wang, "travel"))["verdict"] == "eligible"
    await withdraw(runtime.events, id_of(wang), SCENES, at=runtime.clock.now())
    told = await eligibility(app_client, wang, "travel")
    assert (told["verdict"], told["findings"][0]["outcome"]) == ("unknown", "cannot_tell")
    everything = (await app_client.get("/api/v1/eligibility", headers=wang.headers())).json()
    assert {a["scenario"]: a["verdict"] for a in everything}["checkup"] == "not_eligible"
    assert {a["scenario"]: a["verdict"] for a in everything}["ride"] == "unknown"


async def test_a_scene_that_has_not_opened_is_not_among_all(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    catalogue = runtime.part(Catalogue)
    tomorrow = local_date(runtime.clock.now()) + timedelta(days=1)
    changed = Catalogue()
    for scene in catalogue.all():
        changed.add(msgspec.structs.replace(scene, opens_on=tomorrow) if scene.slug == "ride" else scene)
    catalogue.take_over(changed)
    told = (await app_client.get("/api/v1/eligibility", headers=wang.headers())).json()
    assert {scene["scenario"] for scene in told} == set(catalogue.scenes) - {"ride"}
