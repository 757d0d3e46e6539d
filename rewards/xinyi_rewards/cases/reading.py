"""Cases as anybody, those shown in them, and staff see them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_platform.divisions import division_name
from xinyi_platform.errors import NotFound
from xinyi_platform.guardianships import wards_of
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.cases.asking import consent_now, voice_of
from xinyi_rewards.cases.models import CasePerson, CasePicture, CaseVersion, ExemplaryCase
from xinyi_rewards.cases.states import LIVE

PAGE_SIZE = 20
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Story:
    """A version with whom it shows, who was taken out of it, and its pictures; one that has ended shows none."""

    version: CaseVersion
    division: str
    people: list[CasePerson]
    removed: list[CasePerson]
    pictures: list[CasePicture]

    @property
    def where(self) -> Text:
        return division_name(self.division)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference: `same`, `added` or `removed`."""

    kind: str
    text: str


async def published_stories(*, page: int) -> list[Story]:
    """Return one page of what is published, the newest first."""
    rows = everywhere(CaseVersion).filter(slot="shown").order_by("-published_at", "id")
    return await _stories(await rows.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE))


async def published_story(case_id: UUID) -> Story:
    """Return what is published of a case. Raises NotFound (404)."""
    version = await everywhere(CaseVersion).get_or_none(case_id=case_id, slot="shown")
    if version is None:
        raise NotFound
    return (await _stories([version]))[0]


async def stories_about(resident_id: UUID, *, at: datetime) -> list[tuple[CasePerson, Story]]:
    """Return what she may answer to now, for herself or her ward: in review, published, or agreed to and a draft."""
    whose = [resident_id, *await wards_of(resident_id)]
    rows = CasePerson.filter(resident_id__in=whose, version__state__in=LIVE).exclude(state="removed")
    people = await rows.order_by("-id").limit(MOST_SHOWN)
    versions = await CaseVersion.filter(id__in=[row.version_id for row in people])
    stories, seen = {story.version.id: story for story in await _stories(versions)}, []
    for row in people:
        story, voice = stories[row.version_id], await voice_of(row, at)
        row.state = consent_now(row, voice, story.version.state)
        if resident_id in voice.residents and (story.version.state != "draft" or row.state == "agreed"):
            seen.append((row, story))
    return sorted(seen, key=lambda pair: pair[1].version.changed_at, reverse=True)


async def stories_of(staff: Staff) -> list[Story]:
    """Return the newest version of each case of the area, what changed last first."""
    cases = await area_of(staff).bind(ExemplaryCase.all()).order_by("-created_at").limit(MOST_SHOWN)
    versions = await CaseVersion.filter(case_id__in=[case.id for case in cases]).order_by("number")
    newest = {version.case_id: version for version in versions}
    return sorted(await _stories(list(newest.values())), key=lambda story: story.version.changed_at, reverse=True)


async def story_of(version: CaseVersion) -> Story:
    """Return one version with whom it shows and its pictures."""
    return (await _stories([version]))[0]


async def versions_of(case_id: UUID) -> list[CaseVersion]:
    """Return a case's versions, the newest first."""
    return await CaseVersion.filter(case_id=case_id).order_by("-number")


async def _stories(versions: Sequence[CaseVersion]) -> list[Story]:
    ids = [version.id for version in versions]
    cases = everywhere(ExemplaryCase).filter(id__in=[version.case_id for version in versions])
    divisions: dict[UUID, str] = dict(await cases.values_list("id", "division"))
    people = await everywhere(CasePerson).filter(version_id__in=ids).order_by("id")
    pictures = await everywhere(CasePicture).filter(version_id__in=ids).order_by("place")
    return [
        Story(
            version,
            divisions[version.case_id],
            [one for one in people if one.version_id == version.id and one.state != "removed"],
            [one for one in people if one.version_id == version.id and one.state == "removed"],
            [one for one in pictures if one.version_id == version.id and version.state in LIVE],
        )
        for version in versions
    ]


def difference(before: CaseVersion | None, after: CaseVersion) -> list[Line]:
    """Return what a version changes in the published one, line by line; nothing where nothing is published."""
    if before is None:
        return []
    old, new = [before.title, *before.body.split("\n")], [after.title, *after.body.split("\n")]
    kinds = {"  ": "same", "- ": "removed", "+ ": "added"}
    return [Line(kinds[line[:2]], line[2:]) for line in difflib.ndiff(old, new) if line[:2] in kinds]
