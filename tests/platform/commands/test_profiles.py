"""Production refuses each unsafe thing at start, names all of them at once, and the doctor explains."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from xinyi_platform.app import create_app
from xinyi_platform.cli import main
from xinyi_platform.keys import KeyRing
from xinyi_platform.profiles import UnsafeConfiguration, judge_settings, refuse_unsafe
from xinyi_platform.settings import Settings, SettingsError

SAFE = Settings(
    profile="production",
    public_url="https://xinyi.example.gov.cn",
    database_url="postgres://xinyi:secret@db/xinyi",
    redis_url="redis://cache:6379/0",
    secret_file=Path("/etc/xinyi/keys.json"),
    bureau_url="https://bureau.example.gov.cn",
    sms_gateway_url="https://sms.example.gov.cn/send",
    sms_secret_file="/etc/xinyi/sms.secret",
    trusted_hosts="xinyi.example.gov.cn",
    show_otp=False,
)
UNSAFE: dict[str, tuple[dict[str, Any], str]] = {
    "debug": ({"debug": True}, "XINYI_DEBUG"),
    "codes shown": ({"show_otp": True}, "XINYI_SHOW_OTP"),
    "sqlite": ({"database_url": "sqlite://city.sqlite3"}, "XINYI_DATABASE_URL"),
    "sqlite and workers": ({"database_url": "sqlite://city.sqlite3", "workers": 2}, "XINYI_WORKERS"),
    "no redis": ({"redis_url": ""}, "XINYI_REDIS_URL"),
    "http": ({"public_url": "http://xinyi.example.gov.cn"}, "XINYI_PUBLIC_URL"),
    "any host": ({"trusted_hosts": ""}, "XINYI_TRUSTED_HOSTS"),
    "hosts of commas": ({"trusted_hosts": " , "}, "XINYI_TRUSTED_HOSTS"),
    "no sms": ({"sms_gateway_url": ""}, "XINYI_SMS_GATEWAY_URL"),
    "sms unsigned": ({"sms_secret_file": ""}, "XINYI_SMS_SECRET_FILE"),
    "sms in clear": ({"sms_gateway_url": "http://sms.example.gov.cn"}, "XINYI_SMS_GATEWAY_URL"),
    "bureau in clear": ({"bureau_url": "http://bureau.example.gov.cn"}, "XINYI_BUREAU_URL"),
    "the demo's keys": ({"secret_file": Path(".demo/keys.json")}, "XINYI_SECRET_FILE"),
}


def test_a_safe_production_starts() -> None:
    refuse_unsafe(SAFE)


@pytest.mark.parametrize("case", UNSAFE)
def test_production_refuses(case: str) -> None:
    change, named = UNSAFE[case]
    with pytest.raises(UnsafeConfiguration, match=named):
        refuse_unsafe(replace(SAFE, **change))


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(UnsafeConfiguration) as refused:
        create_app(Settings(profile="production", debug=True))
    said = str(refused.value)
    for name in ("DEBUG", "SHOW_OTP", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "TRUSTED_HOSTS", "BUREAU_URL"):
        assert f"XINYI_{name}" in said


def test_the_demo_starts_and_is_told_what_would_stop_it() -> None:
    refuse_unsafe(Settings())
    assert {finding.level for finding in judge_settings(Settings())} == {"warning", "ok"}


def test_several_workers_on_sqlite_are_refused_in_any_profile() -> None:
    with pytest.raises(UnsafeConfiguration, match="XINYI_WORKERS"):
        refuse_unsafe(Settings(workers=2))


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_server_process_does_not_start_unsafe(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINYI_PROFILE", "production")
    monkeypatch.setenv("XINYI_SECRET_FILE", str(tmp_path / "keys.json"))
    answer = CliRunner().invoke(main, [command])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: refusing to start:\n  - ")


@pytest.mark.parametrize("command", [["demo"], ["seed"], ["bureau", "simulate"], ["totp", "lin"]])
def test_what_is_for_trying_out_is_refused_in_production(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINYI_PROFILE", "production")
    answer = CliRunner().invoke(main, command)
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ")


def test_serving_without_a_ring_or_a_schema_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINYI_SECRET_FILE", str(tmp_path / "keys.json"))
    monkeypatch.setenv("XINYI_DATABASE_URL", f"sqlite://{tmp_path}/city.sqlite3")
    assert "xinyi keys init" in CliRunner().invoke(main, ["serve"]).output
    KeyRing.generate(_at()).save(tmp_path / "keys.json")
    assert "run `xinyi migrate`" in CliRunner().invoke(main, ["serve"]).output


def test_a_ring_that_others_can_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "keys.json"
    KeyRing.generate(_at()).save(path)
    path.chmod(0o644)
    monkeypatch.setenv("XINYI_SECRET_FILE", str(path))
    monkeypatch.setenv("XINYI_DATABASE_URL", f"sqlite://{tmp_path}/city.sqlite3")
    assert "can be read by others (mode 644)" in CliRunner().invoke(main, ["doctor"]).output


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("XINYI_PORT", "eighty"),
        ("XINYI_DEBUG", "maybe"),
        ("XINYI_PROFILE", "staging"),
        ("XINYI_BUREAU_TIMEOUT_SECONDS", "soon"),
        ("XINYI_NO_SUCH", "1"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: text})


def _at() -> datetime:

    return datetime(2026, 11, 23, tzinfo=UTC)
