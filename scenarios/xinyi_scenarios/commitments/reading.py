"""Look at commitments: a resident's own, an office's, and what the requirement `commitment_in_force` needs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.errors import NotFound
from xinyi_platform.files import StoredFile
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.commitments.deadlines import is_past, repair_day
from xinyi_scenarios.commitments.models import CommitmentPaper, CommitmentStep, SignedCommitment
from xinyi_scenarios.commitments.states import MISSING, OPEN, PAPER_STATES, STATES, STEPS
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.requirements.gathering import Gathering


@dataclass(frozen=True, slots=True)
class ShownCommitment:
    """One commitment as a page or a list shows it, as the calendar has it today. `code` is the entitlement's."""

    row: SignedCommitment
    name: Text
    code: str
    state: str
    papers: list[CommitmentPaper]
    days_left: int | None

    @property
    def label(self) -> Text:
        return STATES[self.state]

    @property
    def limit(self) -> date | None:
        """The day that runs now; None where nothing runs."""
        return limit_of(self.row, self.state)

    @property
    def can_hand_in(self) -> bool:
        return self.days_left is not None and self.days_left >= 0

    def label_of(self, paper: CommitmentPaper) -> Text:
        return PAPER_STATES[paper.state]

    def name_of(self, paper: CommitmentPaper) -> Text:
        return Text(paper.name_zh, paper.name_en)


def limit_of(row: SignedCommitment, state: str) -> date | None:
    """Return the last day of what runs in a state; None where nothing runs."""
    if state == "broken":
        return row.repair_until or repair_day(row.due_on, row.repair_days)
    return row.due_on if state == "signed" else None


def state_today(row: SignedCommitment, papers: Iterable[CommitmentPaper], at: datetime) -> str:
    """Return the state with the calendar taken in, also where the sweep has not come by yet."""
    is_late = row.state == "signed" and is_past(row.due_on, at) and any(p.state in MISSING for p in papers)
    return "broken" if is_late else row.state


async def my_commitment(resident_id: UUID, commitment_id: UUID) -> SignedCommitment:
    """Return one of a resident's own. Raises NotFound (404), also for another person's."""
    return _present(await SignedCommitment.get_or_none(id=commitment_id, resident_id=resident_id))


async def office_commitment(scenes: Iterable[str], commitment_id: UUID) -> SignedCommitment:
    """Return one of the scenes that an office receives. Raises NotFound (404)."""
    return _present(await SignedCommitment.get_or_none(id=commitment_id, scenario__in=list(scenes)))


async def staff_commitment(commitment_id: UUID) -> SignedCommitment:
    """Return one for the console. Raises NotFound (404)."""
    return _present(await SignedCommitment.get_or_none(id=commitment_id))


def _present(row: SignedCommitment | None) -> SignedCommitment:
    if row is None:
        raise NotFound
    return row


async def commitment_on(entitlement_id: UUID) -> SignedCommitment | None:
    """Return the promise that was signed on an entitlement, or None."""
    return await SignedCommitment.get_or_none(entitlement_id=entitlement_id)


async def commitments_of_resident(resident_id: UUID, *, limit: int = 100) -> list[SignedCommitment]:
    """Return a resident's commitments, the newest first."""
    return await SignedCommitment.filter(resident_id=resident_id).order_by("-signed_at").limit(limit)


async def commitments_of_scenes(
    scenes: Sequence[str] | None, *, state: str = "", code: str = "", limit: int = 200
) -> list[SignedCommitment]:
    """Return the commitments of scenes (None: of all), the open ones, due soon first; or those in a state."""
    rows = SignedCommitment.filter(state=state) if state else SignedCommitment.filter(state__in=list(OPEN))
    if scenes is not None:
        rows = rows.filter(scenario__in=list(scenes))
    if code:
        held = await Entitlement.get_or_none(code=code)
        rows = SignedCommitment.filter(entitlement_id=held.id if held else None)
        rows = rows if scenes is None else rows.filter(scenario__in=list(scenes))
    return await rows.order_by("due_on", "id").limit(limit)


async def show_all(runtime: Runtime, rows: Sequence[SignedCommitment]) -> list[ShownCommitment]:
    """Return commitments as they are shown, by a number of queries that does not grow with them."""
    at = runtime.clock.now()
    papers: dict[UUID, list[CommitmentPaper]] = {row.id: [] for row in rows}
    for paper in await CommitmentPaper.filter(commitment_id__in=list(papers)).order_by("place"):
        papers[paper.commitment_id].append(paper)
    held = Entitlement.filter(id__in=[row.entitlement_id for row in rows])
    codes: dict[UUID, str] = dict(await held.values_list("id", "code"))
    return [_show(runtime, row, codes[row.entitlement_id], papers[row.id], at) for row in rows]


async def show_one(runtime: Runtime, row: SignedCommitment) -> ShownCommitment:
    """Return one commitment as it is shown."""
    return (await show_all(runtime, [row]))[0]


def _show(
    runtime: Runtime, row: SignedCommitment, code: str, papers: list[CommitmentPaper], at: datetime
) -> ShownCommitment:
    state = state_today(row, papers, at)
    limit = limit_of(row, state)
    left = (limit - local_date(at)).days if limit else None
    scene = runtime.part(Catalogue).scenes.get(row.scenario)
    name = scene.name.text if scene else Text(row.scenario, row.scenario)
    return ShownCommitment(row, name, code, state, papers, left)


async def timeline_of(shown: ShownCommitment) -> list[dict[str, Any]]:
    """Return what happened, the newest first, as the timeline component takes it."""
    names = {paper.key: shown.name_of(paper) for paper in shown.papers}
    steps = await CommitmentStep.filter(commitment_id=shown.row.id).order_by("-at", "-id").limit(200)
    return [{"title": STEPS[step.event], "at": step.at, "text": _said(step, names)} for step in steps]


def _said(step: CommitmentStep, names: Mapping[str, Text]) -> Text | None:
    said = step.text if step.event in ("refuse", "extend") else ""
    name = names.get(step.paper)
    if name is None:
        return Text(said, said) if said else None
    return Text(f"{name.zh}:{said}", f"{name.en}: {said}") if said else name


async def picture_of(runtime: Runtime, row: SignedCommitment, key: str) -> bytes:
    """Return the picture of a paper of a commitment that the caller may see. Raises NotFound (404)."""
    paper = await CommitmentPaper.get_or_none(commitment_id=row.id, key=key)
    stored = await StoredFile.get_or_none(id=paper.file_id) if paper and paper.file_id else None
    if stored is None:
        raise NotFound
    return await asyncio.to_thread(runtime.files.read, stored.digest)


async def commitment_facts(
    _: Runtime, resident_ids: Sequence[UUID], gathering: Gathering
) -> dict[UUID, list[dict[str, str]]]:
    """Provide the fact `commitments`: each promise with its scene (`kind`), state as of now and due date."""
    found: dict[UUID, list[dict[str, str]]] = {resident_id: [] for resident_id in resident_ids}
    rows = await SignedCommitment.filter(resident_id__in=list(found)).order_by("signed_at", "id")
    late = [row.id for row in rows if row.state == "signed" and is_past(row.due_on, gathering.at)]
    missing = CommitmentPaper.filter(commitment_id__in=late, state__in=list(MISSING))
    broken = set(await missing.values_list("commitment_id", flat=True)) if late else set()
    for row in rows:
        state = "broken" if row.id in broken else row.state
        found[row.resident_id].append({"kind": row.scenario, "state": state, "due_on": row.due_on.isoformat()})
    return found
