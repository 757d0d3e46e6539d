"""Who may answer for somebody who is shown, whether an answer stands, and asking for it.

A minor's consent is her confirmed guardian's (民法典 art. 17–20, 个人信息保护法 art. 31). Who that is, is
looked up whenever it matters: guardianships end and children grow up while a story is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.guardianships import guardians_of
from xinyi_platform.identity import resident_basics
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.models import CasePerson, CaseVersion
from xinyi_rewards.cases.states import OPEN
from xinyi_scenarios.requirements.ages import full_years

ADULT = 18
"""Full years. Source: 民法典 art. 17."""
ASKED = NoticeKind("case.asked", about_loss=True)
REMOVED = NoticeKind("case.removed", about_loss=True)


@dataclass(frozen=True, slots=True)
class Voice:
    """Who may answer for somebody in the app, and whether she is a minor (None: not known)."""

    residents: tuple[UUID, ...]
    is_minor: bool | None


async def voice_of(person: CasePerson, at: datetime) -> Voice:
    """Return who answers for somebody at an instant: she, a minor's guardians, or nobody (then on paper)."""
    is_minor = None if person.adult_on is None else person.adult_on > local_date(at)
    if person.resident_id is None:
        return Voice((), is_minor)
    basics = (await resident_basics([person.resident_id])).get(person.resident_id)
    if basics is None:
        return Voice((), is_minor)
    if full_years(basics.birth_date, local_date(at)) >= ADULT:
        return Voice((person.resident_id,), is_minor=False)
    return Voice(tuple(await guardians_of(person.resident_id)), is_minor=True)


def stands(person: CasePerson, voice: Voice) -> bool:
    """Tell whether somebody has agreed, by the one who may: a child's own signature or a former guardian's is none."""
    if person.state != "agreed":
        return False
    if person.signed_by:
        return voice.is_minor is None or (person.signed_by == "guardian") == voice.is_minor
    return person.answered_by in voice.residents


def consent_now(person: CasePerson, voice: Voice, version_state: str) -> str:
    """Return a consent's state as it is to be answered: before publication, one that does not stand is asked for."""
    lapsed = person.state == "agreed" and version_state in OPEN and not stands(person, voice)
    return "asked" if lapsed else person.state


async def outstanding(version_id: UUID, at: datetime) -> list[CasePerson]:
    """Return those in a version whose consent does not stand now."""
    people = await CasePerson.filter(version_id=version_id).exclude(state="removed")
    return [person for person in people if not stands(person, await voice_of(person, at))]


async def ask(version: CaseVersion, person: CasePerson, at: datetime) -> int:
    """Tell whoever may answer for somebody, once each time a version is handed in; joins the caller's transaction."""
    told = 0
    for resident_id in (await voice_of(person, at)).residents:
        told += await notify(_asked(version, resident_id), at=at)
    return told


def _asked(version: CaseVersion, resident_id: UUID) -> News:
    return News(
        resident_id=resident_id,
        kind=ASKED,
        dedupe=f"case:{version.id}:{int(version.changed_at.timestamp())}:{resident_id}",
        title=Text("社区想发布一个与您有关的案例", "Your community would like to publish a story with you in it"),
        body=Text(
            "请阅读全文,同意或不同意都可以,同意后也可随时撤回。", "Read it; agree or not, and take it back at any time."
        ),
        link="/app/cases",
    )


async def tell_removed(version: CaseVersion, person: CasePerson, at: datetime) -> None:
    """Tell somebody that a story no longer names her as shown, so that she can look; joins the caller's transaction."""
    for resident_id in (await voice_of(person, at)).residents:
        told = News(
            resident_id=resident_id,
            kind=REMOVED,
            dedupe=f"case:{version.id}:removed:{person.id}",
            title=Text("社区已把您从一个案例中移除", "Your community has taken you out of a story"),
            body=Text(
                "该案例不再展示您。如仍与您有关,请联系社区。",
                "It no longer shows you. Tell your community if it still does.",
            ),
            link="/app/cases",
        )
        await notify(told, at=at)


async def ask_anew(runtime: Runtime) -> int:
    """Ask those who have become the ones to answer: a new guardian, somebody grown up. Safe to repeat.

    What is published stays so, since its consent was good on the day; who answers now learns that she can take it back.
    """
    now, told = runtime.clock.now(), 0
    versions = CaseVersion.filter(state__in=("in_review", "published")).order_by("changed_at")
    for version in await versions:
        for person in await outstanding(version.id, now):
            if person.state != "refused":
                told += await ask(version, person, now)
    return told
