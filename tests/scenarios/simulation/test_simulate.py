"""`xinyi scenario simulate` on residents of every kind: the numbers, never who."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from click.testing import CliRunner
from support.crowd import DISTRICTS

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.cli import main
from xinyi_platform.consents import Consent, grant, purpose_of
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit.models import CreditRead, CreditSnapshot
from xinyi_platform.identity import count_residents, resident_basics
from xinyi_platform.identity.residents import NewResident, create_residents
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.manifests.loading import manifest_from
from xinyi_scenarios.requirements import evaluate, verdict_of
from xinyi_scenarios.simulation import loading
from xinyi_scenarios.simulation.judging import Judge, tally
from xinyi_scenarios.simulation.loading import NEVER_ASKED, NO_CONSENT, band_of, pages
from xinyi_scenarios.simulation.reporting import as_csv, as_table, make_report
from xinyi_scenarios.simulation.running import Question, simulate

pytestmark = pytest.mark.anyio
NUMBER = 80
STANDINGS = ("good", "minor", "serious")
ELDERS = [{"type": "any_of", "of": [{"type": "age", "at_least": 80}, {"type": "residence", "within": ["410611"]}]}]


async def a_crowd(runtime: Runtime) -> list[UUID]:
    """Residents of two districts and many ages; every fifth gave no consent, every seventh was never asked about."""
    now = runtime.clock.now()
    people = [
        NewResident(f"居民{n}", f"139{n:08d}", synthetic_identity_number(20 * n), f"{DISTRICTS[n % 2]}001001")
        for n in range(NUMBER)
    ]
    ids = await create_residents(runtime.keys, people, at=now)
    for n, resident in enumerate(ids):
        if n % 5:
            await grant(resident, SCENES, version=purpose_of(SCENES).version, at=now)
        if n % 7:
            await CreditSnapshot.create(
                id=new_id(), resident_id=resident, standing=STANDINGS[n % 3], black_listed=n % 11 == 0,
                as_of=now - timedelta(days=400), consent_id=new_id(),
            )  # fmt: skip
    return ids


def changed(scene: Manifest, requires: Sequence[object]) -> Manifest:
    return manifest_from({**scene.written(), "requires": [*scene.requires, *requires], "version": 2})


async def test_the_numbers_are_those_of_the_evaluator(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await a_crowd(runtime)
    monkeypatch.setattr(loading, "PAGE", 32)
    now = runtime.clock.now()
    old = runtime.part(Catalogue).get("travel")
    new = changed(old, ELDERS)
    names = ["credit", "birth_date", "division", "today"]
    judges = Judge("travel", old.requires), Judge("travel", new.requires)
    found: Counter[object] = Counter()
    async for page in pages(runtime, names, as_of=now, now=now):
        found.update(tally(*judges, page))
    basics = await resident_basics(ids)
    consents = {row.resident_id for row in await Consent.filter(slot="live")}
    words = {row.resident_id: row for row in await CreditSnapshot.all()}
    expected: Counter[object] = Counter()
    for resident in ids:
        word = words.get(resident)
        credit = {"standing": word.standing, "black_listed": word.black_listed} if word else NEVER_ASKED
        born, lives = basics[resident].birth_date, basics[resident].division
        facts = {
            "credit": credit if resident in consents else NO_CONSENT,
            "birth_date": born.isoformat(),
            "division": lives,
            "today": "2026-11-23",
        }
        verdicts = [verdict_of(evaluate(scene.requires, facts)).value for scene in (old, new)]
        expected[(lives[:6], band_of(born, now.date())), *verdicts] += 1
    assert found == expected
    assert sum(found.values()) == NUMBER
    assert len({row[1:] for row in expected}) >= 4  # type: ignore[index]


async def test_two_processes_count_all_residents_and_only_that_it_was_run_is_kept(runtime: Runtime) -> None:
    await a_crowd(runtime)
    scene = runtime.part(Catalogue).get("travel")
    question = Question(new=changed(scene, ELDERS), old=scene, as_of=runtime.clock.now())
    heard: list[int] = []
    counted = await simulate(runtime, question, progress=heard.append)
    assert (counted.residents, sum(heard)) == (NUMBER, NUMBER)
    assert sum(counted.tally.values()) == NUMBER == await count_residents()
    assert await CreditRead.all().count() == 0
    (row,) = await AuditEntry.filter(action="scenario.simulated")
    assert row.object_id == "travel"
    assert row.detail["versions"] == ["travel v1", "travel v2"]
    report = make_report(counted.tally, question.new)
    assert report.numbers["all", "all", "gain"] == 0, "a further requirement gives nobody more"
    assert report.numbers["all", "all", "all"] == NUMBER


async def test_a_consent_that_ran_out_and_one_to_another_text_cannot_be_told(runtime: Runtime) -> None:
    now = runtime.clock.now()
    first, second = (await a_crowd(runtime))[1:3]
    await Consent.filter(resident_id=first).update(expires_at=now)
    await Consent.filter(resident_id=second).update(version=99)
    told = [page async for page in pages(runtime, ["credit"], as_of=now, now=now)]
    (page,) = told
    unread = [credit for credit in page.columns["credit"] if credit is NO_CONSENT]
    assert len(unread) == NUMBER // 5 + 2


def scene_of(catalogue: Catalogue) -> Manifest:
    return catalogue.get("travel")


CASES = {
    ("not_eligible", "eligible"): "gain",
    ("eligible", "not_eligible"): "lose",
    ("eligible", "eligible"): "keep",
    ("not_eligible", "not_eligible"): "out",
    ("unknown", "eligible"): "cannot_tell",
    ("eligible", "unknown"): "cannot_tell",
}


async def test_small_numbers_are_hidden_and_the_cost_has_two_bounds(runtime: Runtime) -> None:
    scene = scene_of(runtime.part(Catalogue))
    cells = [("410611", "18-25"), ("410611", "70+"), ("410621", "18-25"), ("410621", "70+")]
    many: Counter[tuple[tuple[str, str], str, str]] = Counter()
    for cell in cells:
        for old, new in CASES:
            many[cell, old, new] = 100
    report = make_report(many, scene)
    assert report.numbers["all", "all", "gain"] == 400
    assert report.numbers["district", "410611", "cannot_tell"] == 400
    assert report.numbers["age", "70+", "all"] == 1200
    assert report.takers == (800, 1600)
    assert report.cost_fen == (800 * 10_000, 1600 * 10_000)
    assert "80,000.00 to 160,000.00 yuan" in as_table(report, scene)
    many[cells[0], "not_eligible", "eligible"] = 4
    many[cells[1], "not_eligible", "eligible"] = 0
    hidden = make_report(many, scene)
    assert hidden.numbers["district", "410611", "gain"] is None
    assert hidden.numbers["district", "410611", "all"] == 1004
    shown = as_csv(hidden).splitlines()
    assert shown[0] == "table,row,gain,lose,keep,out,cannot_tell,all"
    assert "district,410611,*," in as_csv(hidden)
    assert ",4," not in as_csv(hidden)


async def test_what_cannot_be_shown_gives_no_cost_either(runtime: Runtime) -> None:
    scene = scene_of(runtime.part(Catalogue))
    few: Counter[tuple[tuple[str, str], str, str]] = Counter({(("410611", "18-25"), "not_eligible", "eligible"): 5})
    few[("410611", "18-25"), "not_eligible", "not_eligible"] = 60
    report = make_report(few, scene)
    assert report.numbers["all", "all", "gain"] is None
    assert (report.takers, report.cost_fen) == (None, None)
    assert "takers,,*,*" in as_csv(report)


def test_what_is_neither_file_nor_scene_is_told(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("database_url", "secret_file", "bureau_key_file", "files_dir"):
        monkeypatch.setenv(f"XINYI_{name.upper()}", str(getattr(settings, name)))
    printed = CliRunner().invoke(main, ["scenario", "simulate", "nothing"])
    assert printed.exit_code == 1
    assert "nothing is neither a file nor a scene" in printed.output


def test_the_command_prints_csv_and_its_pace_apart(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("database_url", "secret_file", "bureau_key_file", "files_dir"):
        monkeypatch.setenv(f"XINYI_{name.upper()}", str(getattr(settings, name)))
    printed = CliRunner().invoke(main, ["scenario", "simulate", "travel", "--against", "shop", "--csv"])
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.startswith("table,row,gain,lose,keep,out,cannot_tell,all\nall,all,0,0,0,0,0,0\n")
    assert "loading 0 residents took" in printed.stderr
