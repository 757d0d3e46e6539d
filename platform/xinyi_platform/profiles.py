"""What a profile allows: production refuses to start on unsafe configuration, and says all of it at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xinyi_platform.settings import Settings


class UnsafeConfiguration(Exception):
    """The production profile does not start with these settings; the message lists every problem."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `xinyi doctor`: ok, warning or problem."""

    level: Literal["ok", "warning", "problem"]
    text: str


def refuse_unsafe(settings: Settings) -> None:
    """Raise UnsafeConfiguration where this profile must not start with these settings."""
    problems = [finding.text for finding in judge_settings(settings) if finding.level == "problem"]
    if problems:
        raise UnsafeConfiguration("refusing to start:\n" + "\n".join(f"  - {problem}" for problem in problems))


def judge_settings(settings: Settings) -> list[Finding]:
    """Return what is wrong with the settings themselves, without touching anything they name."""
    findings = []
    if settings.is_sqlite and settings.workers > 1:
        findings.append(
            Finding("problem", "XINYI_WORKERS is more than 1 on SQLite, which serves one process; use PostgreSQL")
        )
    checks = [
        (settings.debug, "XINYI_DEBUG shows internals to callers; set it to false"),
        (settings.show_otp, "XINYI_SHOW_OTP answers with the one-time code; set it to false"),
        (settings.is_sqlite, "XINYI_DATABASE_URL is SQLite; a city runs on PostgreSQL"),
        (not settings.redis_url, "XINYI_REDIS_URL is empty: rate limits would count per process"),
        (not settings.public_url.startswith("https://"), "XINYI_PUBLIC_URL must be https"),
        (not settings.trusted_hosts.strip(", "), "XINYI_TRUSTED_HOSTS is empty: any Host name would be answered"),
        (
            not settings.sms_gateway_url.startswith("https://"),
            "XINYI_SMS_GATEWAY_URL must be https: one-time codes could not be sent, or be read on their way",
        ),
        (
            not settings.sms_secret_file,
            "XINYI_SMS_SECRET_FILE is empty: the SMS gateway could not tell this platform's requests from another's",
        ),
        (not settings.bureau_url.startswith("https://"), "XINYI_BUREAU_URL must be https"),
        (
            ".demo" in settings.secret_file.parts,
            "XINYI_SECRET_FILE is the demo's, which its simulator knows; make a ring of the city's own",
        ),
    ]
    level: Literal["warning", "problem"] = "problem" if settings.is_production else "warning"
    findings += [Finding(level, text) for wrong, text in checks if wrong]
    if not settings.is_production:
        findings.append(Finding("ok", "the demo profile is for trying out: these would stop a production start"))
    return findings
