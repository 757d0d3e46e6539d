"""Settings from the environment, `XINYI_` first; one frozen struct, read once at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

Profile = Literal["demo", "production"]


class SettingsError(Exception):
    """A setting cannot be read; the message names it and what it takes."""


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an instance runs with. Each field is set by `XINYI_` + its name in capitals."""

    profile: Profile = _setting("demo", "demo or production; production refuses unsafe configuration")
    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8600, "port to listen on")
    workers: int = _setting(1, "server processes; more than one needs PostgreSQL")
    public_url: str = _setting(
        "http://127.0.0.1:8600", "address that people and stickers use, without a trailing slash"
    )
    city_name: str = _setting("鹤壁", "the city's name in titles")
    city_code: str = _setting("410600", "the city's division code, GB/T 2260")
    database_url: str = _setting("sqlite://.demo/xinyi.sqlite3", "sqlite://PATH or postgres://…")
    redis_url: str = _setting("", "redis://…; empty keeps cache and rate limits in the process")
    secret_file: Path = _setting(Path(".demo/keys.json"), "key ring file; made by `xinyi keys init`")
    files_dir: Path = _setting(Path(".demo/files"), "where evidence pictures are kept, encrypted, outside any web root")
    bureau_url: str = _setting("http://127.0.0.1:8601", "address of the public credit bureau")
    bureau_issuer: str = _setting("xinyi", "name under which this platform asks the bureau")
    bureau_key_file: Path = _setting(Path(".demo/bureau.json"), "key ring that holds the bureau's public key")
    bureau_timeout_seconds: float = _setting(2.0, "longest wait for one answer of the bureau")
    group_size: int = _setting(128, "how many claims on one scene share a transaction at most; 1 gives each its own")
    jobs: bool = _setting(True, "run the job sweeps in the server process; false where `xinyi worker` runs")
    debug: bool = _setting(False, "developer's error pages; refused in production")
    sms_gateway_url: str = _setting("", "where short texts are posted as {phone, text}; empty only in the demo")
    sms_secret_file: str = _setting("", "file with the secret (whsec_…) that requests to the SMS gateway are signed by")
    notice_days: int = _setting(180, "days after which a notice that was read is deleted; 0 keeps them all")
    label_font: str = _setting("", "font file for shop names on stickers; empty takes a Chinese font of the system")
    place_header: str = _setting(
        "", "request header in which your proxy tells a scan's division code; empty: nobody's place is looked at"
    )
    client_header: str = _setting(
        "", "request header in which your proxy tells a caller's address; empty: the connection's own is counted"
    )
    show_otp: bool = _setting(True, "answer with the one-time code instead of sending it; refused in production")
    trusted_hosts: str = _setting("", "comma-separated Host names that are answered; empty answers any")
    max_body_bytes: int = _setting(6_000_000, "largest request body")

    @property
    def is_production(self) -> bool:
        return self.profile == "production"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. Raises SettingsError on a value that cannot be read or an unknown XINYI_ name."""
        environment = os.environ if environment is None else environment
        hints = get_type_hints(cls)
        known = {f"XINYI_{f.name.upper()}": f.name for f in fields(cls)}
        given = {name: text for name, text in environment.items() if name.startswith("XINYI_")}
        unknown = [n for n in given if n not in known and not n.startswith(("XINYI_TEST_", "XINYI_SEED_"))]
        if unknown:
            raise SettingsError(f"unknown setting {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
        values = {known[n]: _read(n, hints[known[n]], text) for n, text in given.items() if n in known}
        return cls(**values)


def _read(name: str, kind: Any, text: str) -> Any:
    if kind is bool:
        if text.lower() not in ("0", "1", "true", "false", "yes", "no"):
            raise SettingsError(f"{name} takes true or false, not {text!r}")
        return text.lower() in ("1", "true", "yes")
    choices = get_args(kind)
    if choices and text not in choices:
        raise SettingsError(f"{name} takes one of {', '.join(choices)}, not {text!r}")
    try:
        return text if choices else kind(text)
    except ValueError as error:
        raise SettingsError(f"{name} takes {kind.__name__}, not {text!r}") from error
