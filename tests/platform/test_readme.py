"""The README's feature is one: it loads, serves and is guarded as it says."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import httpx
import pytest
from jinja2 import Environment
from support.people import a_resident
from support.sources import ROOT

from xinyi_platform.app import create_app
from xinyi_platform.clock import FixedClock
from xinyi_platform.settings import Settings

pytestmark = pytest.mark.anyio
README = ROOT / "platform" / "README.md"
TEXT = README.read_text(encoding="utf-8")


async def test_the_feature_of_the_readme_works(
    settings: Settings, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    (tmp_path / "city_parking.py").write_text(f"from __future__ import annotations\n{program}", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    feature = importlib.import_module("city_parking").ParkingFeature()
    app = create_app(settings, features=[feature], clock=clock)
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://city.test") as client,
    ):
        resident = await a_resident(app.state.runtime)
        assert (await client.get("/api/v1/me/parking")).status_code == 401
        answer = await client.get("/api/v1/me/parking", headers=resident.headers())
        assert answer.json() == {"resident": f"resident:{resident.id}", "city": "鹤壁"}


def test_the_template_of_the_readme_is_read() -> None:
    (template,) = re.findall(r"```jinja\n(.*?)```", TEXT, re.S)
    environment = Environment(autoescape=True)
    environment.filters.update(local_time=str, yuan=str)
    assert environment.parse(template)


@pytest.mark.parametrize("path", re.findall(r"^\| `([^|]+?) \|", TEXT, re.M))
def test_what_the_map_names_is_there(path: str) -> None:
    for name in re.findall(r"[\w/]+(?:\.py|/)", path):
        assert (README.parent / "xinyi_platform" / Path(name)).exists(), name
