"""A package from outside: built, installed with the host in a clean environment, tested, listed and claimed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from support.instance import Instance
from support.loading import ROOT

from xinyi_platform.clock import SystemClock, local_date
from xinyi_platform.identity.seeding import synthetic_identity_number

pytestmark = pytest.mark.timeout(300)
EXAMPLE = ROOT / "tests" / "example_plugin"
PURPOSE = "credit_status.scenes"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment with both wheels; what they need is taken from that of the test."""
    folder = tmp_path_factory.mktemp("clean")
    plugin = folder / "plugin"
    shutil.copytree(EXAMPLE, plugin, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    for source in (ROOT, plugin):
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "wheels"), cwd=source)
    run(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
    packages = next((folder / "venv" / "lib").iterdir()) / "site-packages"
    # A line in a .pth file adds the folder, and not the editable installs that lie in it.
    (packages / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    wheels = [str(path) for path in sorted((folder / "wheels").glob("*.whl"))]
    python = folder / "venv" / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    run(str(uv), "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python), *wheels)
    return python


def run(*command: str, cwd: Path | None = None) -> str:
    """Run a command to its end, without this checkout on its path, and return what it printed."""
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_the_installed_plug_in_passes_the_kit_of_the_installed_host(clean: Path) -> None:
    plugin = clean.parents[2] / "plugin"
    assert str(ROOT) not in run(str(clean), "-c", "import xinyi_scenarios as x; print(x.__file__)", cwd=plugin)
    shutil.rmtree(plugin / "xinyi_birthdays", ignore_errors=True)  # so that only the installed one can be found
    printed = run(str(clean), "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=plugin)
    assert "18 passed" in printed


def test_its_scene_is_listed_claimed_and_told_of_by_the_server(clean: Path, tmp_path: Path) -> None:
    with Instance(tmp_path, f"sqlite://{tmp_path}/city.sqlite3", python=str(clean)) as city:
        assert "birthday " in city.run("scenario", "list")
        cases = EXAMPLE / "xinyi_birthdays" / "birthday.toml"
        assert "2 cases" in city.run("scenario", "test", str(cases))
        city.run("migrate")
        city.run("seed", "--residents", "60", "--merchants", "10")
        assert ",60\n" in city.run("scenario", "simulate", "birthday", "--csv")
        city.start()
        with httpx.Client(base_url=city.url, timeout=30) as client:
            this_month = local_date(SystemClock().now()).month
            claim_the_keepsake(client, city, born_in(this_month))
            refuse_the_keepsake(client, city, born_in(this_month % 12 + 1))


def born_in(month: int) -> int:
    """Return the place of a seeded resident whose birthday is in a month."""
    return next(n for n in range(1, 61) if int(synthetic_identity_number(n)[10:12]) == month)


def sign_in(client: httpx.Client, city: Instance, place: int) -> None:
    control = {"subject": synthetic_identity_number(place), "standing": "good"}
    httpx.post(f"http://127.0.0.1:{city.bureau_port}/control", json=control).raise_for_status()
    phone = f"138000{place:05d}"
    sent = client.post("/api/v1/auth/otp", json={"phone": phone}).json()
    tokens = client.post("/api/v1/auth/token", json={"phone": phone, "code": sent["code"]}).json()
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    versions = {row["purpose"]: row["version"] for row in client.get("/api/v1/consent-purposes").json()}
    client.put(f"/api/v1/me/consents/{PURPOSE}", json={"version": versions[PURPOSE]}).raise_for_status()


def claim(client: httpx.Client) -> httpx.Response:
    return client.post("/api/v1/scenarios/birthday/claims", headers={"Idempotency-Key": str(uuid4())})


def claim_the_keepsake(client: httpx.Client, city: Instance, place: int) -> None:
    listed = {row["slug"]: row for row in client.get("/api/v1/scenarios").json()}
    assert listed["birthday"]["name"] == "信易生日"
    sign_in(client, city, place)
    claimed = claim(client)
    assert claimed.status_code == 201, claimed.text
    held = client.get(f"/api/v1/entitlements/{claimed.json()['id']}").json()
    assert held["benefit"]["kind"] == "keepsake"
    assert held["benefit"]["thing"]["en"] == "A bookmark from the collection"


def refuse_the_keepsake(client: httpx.Client, city: Instance, place: int) -> None:
    sign_in(client, city, place)
    refused = claim(client)
    assert refused.status_code == 403, refused.text
    assert "生日" in refused.text
