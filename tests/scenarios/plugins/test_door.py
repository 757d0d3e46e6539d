"""What comes in through the door `xinyi.scenarios`, what is left out, and what stops the start."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from importlib.resources import files
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner

from xinyi_platform.app import all_features, create_app
from xinyi_platform.cli import main
from xinyi_platform.commands import diagnosing, serving
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_platform.settings import Settings
from xinyi_scenarios.manifests import ManifestError, load_catalogue
from xinyi_scenarios.manifests.flows import FLOWS, Flow, FlowTerms
from xinyi_scenarios.plugins import Misfit, ScenePlugin, finding, host_version
from xinyi_scenarios.plugins.registering import register_plugins
from xinyi_scenarios.requirements import REGISTRY, Facts, Finding, Outcome
from xinyi_scenarios.requirements.checking import Arguments, check_table
from xinyi_scenarios.requirements.gathering import PROVIDERS, Gathering

GOOD = files("xinyi_scenarios.catalogue").joinpath("elder-care.toml").read_text(encoding="utf-8")
HOST = '\n[host]\nversions = ">=0.1"\nreads = ["credit", "birth_date", "today", "care", "black_lists"]\n'


@dataclass
class File:
    name: str
    text: str

    def read_text(self, encoding: str) -> str:
        return self.text


def scene(slug: str, more: str = HOST) -> File:
    return File(f"{slug}.toml", GOOD.replace("elder-care", slug) + more)


class StreakArguments(Arguments, kw_only=True, frozen=True):
    at_least: int


class StreakRequirement:
    name = "streak"
    facts = ("streak_days",)
    arguments = StreakArguments

    def check(self, facts: Facts, args: StreakArguments) -> Finding:
        return Finding(self.name, Outcome.MET, Text("连续", "A streak"))


class OtherAgeRequirement(StreakRequirement):
    name = "age"


async def streaks(_: Runtime, residents: Sequence[UUID], __: Gathering) -> Mapping[UUID, Any]:
    return dict.fromkeys(residents, 3)


class Keepsake(FlowTerms, kw_only=True, frozen=True):
    pieces: int = 1


KEEPSAKE = Flow(name="keepsake", label=Text("纪念品", "Keepsake"), terms=Keepsake)
PLUGIN = ScenePlugin(
    name="streaks",
    host=">=0.1",
    manifests=[scene("mine")],
    requirement_types=[StreakRequirement()],
    facts={"streak_days": streaks},
    flows=[KEEPSAKE],
)
_installed: list[Callable[[], object]] = []


def first() -> object:
    return _installed[0]()


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[object], None]]:
    """Let one plug-in, and one whose package is gone, be installed beside the built-in one."""
    for feature in all_features():
        feature.register_types()
    points = [
        EntryPoint("mine", f"{__name__}:first", "xinyi.scenarios"),
        EntryPoint("zgone", "no_such_package:scenes", "xinyi.scenarios"),
    ]

    def put(plugin: object) -> None:
        _installed[:] = [lambda: plugin]
        monkeypatch.setattr(finding, "entry_points", lambda group: points)

    kept = dict(REGISTRY._types), dict(PROVIDERS), dict(FLOWS._flows)
    yield put
    for registry, before in zip((REGISTRY._types, PROVIDERS, FLOWS._flows), kept, strict=True):
        registry.clear()
        registry.update(before)  # type: ignore[arg-type]


Install = Callable[[object], None]


def with_scenes(*manifests: File) -> ScenePlugin:
    return dataclasses.replace(PLUGIN, manifests=manifests)


def test_everything_that_a_plug_in_brings_is_there(install: Install) -> None:
    head, _, rest = scene("mine", '\n[host]\nversions = ">=0.1"\nreads = ["streak_days"]\n').text.partition("[gives]")
    rest = rest[rest.index("[bureau]") :]
    own = '[gives]\nflow = "keepsake"\npieces = 2\n[[requires]]\ntype = "streak"\nat_least = 2\n[quota]\ntotal = 9\n\n'
    install(with_scenes(File("mine.toml", head + own + rest)))
    register_plugins()
    register_plugins()
    loaded = load_catalogue(check_table, provided=PROVIDERS)
    assert loaded.scenes["mine"].benefit()["kind"] == "keepsake"
    assert loaded.scenes["elder-care"].flow == "voucher"
    assert check_table(loaded.scenes["mine"].requires[0]) == {"streak_days"}
    (gone,) = loaded.refused
    assert gone.source == "no_such_package:scenes"
    assert "no_such_package" in gone.reason


def test_a_broken_foreign_scene_is_left_out_with_its_reason_and_the_others_stay(install: Install) -> None:
    broken = File("broken.toml", scene("broken").text.replace("total = 2000", "total = 0"))
    taken = File("taken.toml", GOOD + HOST)
    nobody = File("nobody.toml", scene("nobody", HOST.replace('"]', '", "streak_days"]')).text)
    nobody.text = nobody.text.replace("[quota]", '[[requires]]\ntype = "streak"\nat_least = 2\n\n[quota]')
    install(dataclasses.replace(with_scenes(broken, taken, nobody, scene("mine")), facts={}))
    register_plugins()
    loaded = load_catalogue(check_table, provided=set(PROVIDERS) - {"streak_days"})
    assert "mine" in loaded.scenes
    reasons = [refused.reason for refused in loaded.refused]
    assert ">= 1" in reasons[0]
    assert "taken.toml:1: the slug elder-care is taken" in reasons[1]
    assert "nobody provides streak_days" in reasons[2]
    assert len(reasons) == 4


def test_what_is_no_plug_in_is_left_out_with_its_reason(install: Install) -> None:
    install(["mine.toml"])
    register_plugins()
    loaded = load_catalogue(check_table)
    assert "returned list, not a ScenePlugin" in loaded.refused[0].reason


MISFITS: dict[str, tuple[ScenePlugin, str]] = {
    "a newer host": (dataclasses.replace(PLUGIN, host=">=9"), r"fits Xinyi\+ >=9 and this is .*install a version"),
    "no specifier": (dataclasses.replace(PLUGIN, host="soon"), "'soon' is no version specifier; write one like"),
    "a type twice": (dataclasses.replace(PLUGIN, requirement_types=[OtherAgeRequirement()]), "type age is registered"),
    "a fact twice": (dataclasses.replace(PLUGIN, facts={"today": streaks}), "the fact today is provided twice"),
    "a flow twice": (
        dataclasses.replace(PLUGIN, flows=[dataclasses.replace(KEEPSAKE, name="voucher")]),
        "the flow voucher is registered twice; choose another name",
    ),
    "a scene for a newer host": (with_scenes(scene("mine", HOST.replace("0.1", "9"))), "mine.toml fits Xinyi[+] >=9"),
    "a scene that reads in secret": (
        with_scenes(scene("mine", HOST.replace('"credit", ', ""))),
        'reads "credit" without saying so: add them to `reads` under .host.',
    ),
    "a scene that says nothing": (with_scenes(scene("mine", "")), r'says not what it fits: add \[host\] with versions'),
}  # fmt: skip


def start() -> None:
    register_plugins()
    load_catalogue(check_table, provided=PROVIDERS)


@pytest.mark.parametrize("case", MISFITS)
def test_a_misfit_stops_the_start_with_a_sentence_that_says_what_to_do(install: Install, case: str) -> None:
    plugin, sentence = MISFITS[case]
    install(plugin)
    with pytest.raises(Misfit, match=sentence):
        start()
    printed = CliRunner().invoke(main, ["scenario", "list"])
    assert printed.exit_code == 1
    assert printed.output.startswith("Error: ")


def test_a_misfit_is_told_before_servers_start(
    install: Install, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    install(MISFITS["a scene for a newer host"][0])
    monkeypatch.setattr(serving, "has_foreign_parts", lambda: True)
    with pytest.raises(serving.click.ClickException, match=r"mine.toml fits Xinyi\+ >=9"):
        serving.check_start(settings)


def test_a_misfit_stops_the_application(install: Install, settings: Settings) -> None:
    install(MISFITS["a newer host"][0])
    with pytest.raises(Misfit):
        create_app(settings)


def test_a_broken_built_in_scene_stops_the_start(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install(PLUGIN)
    monkeypatch.setattr(finding, "BUILT_IN", EntryPoint("xinyi", f"{__name__}:broken_city", "xinyi.scenarios"))
    with pytest.raises(ManifestError, match=r"broken.toml:\d+"):
        load_catalogue(check_table)


def broken_city() -> ScenePlugin:
    return ScenePlugin(name="xinyi", host=">=0.1", manifests=[File("broken.toml", GOOD.replace("[name]", "[nam]"))])


def test_list_and_doctor_show_plug_ins_and_what_was_left_out(install: Install, settings: Settings) -> None:
    install(with_scenes(scene("mine"), File("broken.toml", "slug = ")))
    printed = CliRunner().invoke(main, ["scenario", "list"])
    assert printed.exit_code == 0
    assert "\nmine " in printed.stdout
    assert "with plug-in streaks" in printed.stderr
    assert "broken.toml:1: this is not TOML" in printed.stderr
    found = {one.text: one.level for one in diagnosing._look_at_parts(settings)}
    assert any("scenes of xinyi, streaks" in text for text, level in found.items() if level == "ok")
    assert any("broken.toml:1" in text for text, level in found.items() if level == "warning")
    install(MISFITS["a newer host"][0])
    problems = [one.text for one in diagnosing._look_at_parts(settings) if one.level == "problem"]
    assert any("fits Xinyi+ >=9" in text for text in problems)


def test_the_built_in_scenes_fit_their_own_host() -> None:
    assert host_version()[0].isdigit()
    assert finding.find_plugins()[0].plugin is not None
