"""Propose to end an entry that is wrong, and decide it: it is off every page from the proposal on.

Who may make or review a kind of list proposes; who may review it confirms, and is another person. A mirrored entry
needs the number of the determining unit's correction: whoever determined it corrects it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_platform.workdays import add_working_days
from xinyi_rewards.honor_lists.errors import KindNotYours
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import (
    EntryEnded,
    end_entry,
    hold_display,
    is_red,
    lock_entry,
    release_display,
)
from xinyi_rewards.honor_lists.states import SHOWN
from xinyi_rewards.revocations.errors import NotShown, OwnRevocation, RevocationDecided, RevocationOpen
from xinyi_rewards.revocations.models import Revocation
from xinyi_rewards.revocations.states import advance

DECIDE_WORKING_DAYS = 3


async def propose_revocation(
    runtime: Runtime, entry_id: UUID, staff: Staff, *, reason: str, document: str, at: datetime
) -> Revocation:
    """Propose to end an entry of one's area; it is not displayed until that is decided.

    Raises NotFound (404), KindNotYours (403), InvalidField (400), NotShown and RevocationOpen (409).
    """
    entry = await area_of(staff).bind(HonorEntry.filter(id=entry_id), "honor_list__division").first()
    if entry is None:
        raise NotFound
    kind = kind_of(entry.kind)
    if not (kind.may_make(staff.roles) or kind.may_review(staff.roles)):
        raise KindNotYours
    why, paper = _checked(entry, reason, document)
    async with transaction():
        entry = await lock_entry(entry_id)
        if entry.state not in SHOWN:
            raise NotShown
        proposed = await _enter(entry, staff, why, paper, at)
        await _record("propose", entry_id, staff.label, at)
        await hold_display(runtime, entry, at=at)
    return proposed


def _reason(text: str) -> str:
    if not 2 <= len(text.strip()) <= 400:
        raise InvalidField(field="reason", zh="请填写理由(2–400字)。", en="Give the reason (2 to 400 characters).")
    return text.strip()


def _checked(entry: HonorEntry, reason: str, document: str) -> tuple[str, str]:
    why, paper = _reason(reason), document.strip()
    if len(paper) > 80 or not (paper or is_red(entry)):
        raise InvalidField(
            field="document",
            zh="请填写认定单位更正文书的编号(80字以内)。",
            en="Give the number of the determining unit's correction (at most 80 characters).",
        )
    return why, paper


async def _enter(entry: HonorEntry, staff: Staff, reason: str, document: str, at: datetime) -> Revocation:
    try:
        async with transaction():
            return await Revocation.create(
                id=new_id(),
                entry_id=entry.id,
                slot="open",
                state="proposed",
                reason=reason,
                document=document,
                proposed_by=staff.id,
                proposed_person=staff.person,
                proposed_at=at,
                decide_by=add_working_days(local_date(at), DECIDE_WORKING_DAYS),
            )
    except IntegrityError as error:
        raise RevocationOpen from error


async def decide_revocation(
    runtime: Runtime, revocation_id: UUID, staff: Staff, *, is_confirmed: bool | None, reason: str, at: datetime
) -> None:
    """Confirm a proposal, which ends the entry everywhere, or refuse it, which shows it again; with the reason.

    `is_confirmed` None, where nothing was chosen, decides nothing. Raises NotFound (404), OwnRevocation and
    KindNotYours (403), InvalidField (400), RevocationDecided (409).
    """
    mine = area_of(staff).bind(Revocation.filter(id=revocation_id), "entry__honor_list__division")
    row = await mine.prefetch_related("entry").first()
    if row is None:
        raise NotFound
    if row.proposed_person == staff.person:
        raise OwnRevocation
    if not kind_of(row.entry.kind).may_review(staff.roles):
        raise KindNotYours
    if is_confirmed is None:
        raise InvalidField(field="verdict", zh="请选择撤销或不撤销。", en="Confirm it or refuse it.")
    why = _reason(reason)
    event = "confirm" if is_confirmed else "refuse"
    async with transaction():
        entry = await lock_entry(row.entry_id)
        closed = Revocation.filter(id=row.id, state="proposed")
        if not await closed.update(
            state=advance("proposed", event), slot=str(row.id), decided_by=staff.id, decided_person=staff.person,
            decided_at=at, decision_reason=why,
        ):  # fmt: skip
            raise RevocationDecided
        await _record(event, row.entry_id, staff.label, at)
        if is_confirmed:
            await end_entry(runtime, row.entry_id, "revoke", actor=staff.label, reason=why, at=at)
        else:
            await release_display(runtime, entry, at=at)


async def lapse_revocation(news: EntryEnded) -> None:
    """Close a proposal whose entry ended otherwise; joins the ending's transaction."""
    waiting = everywhere(Revocation).filter(entry_id=news.entry_id, state="proposed")
    for row_id in await waiting.values_list("id", flat=True):
        await (
            everywhere(Revocation)
            .filter(id=row_id, state="proposed")
            .update(state=advance("proposed", "lapse"), slot=str(row_id), decided_at=news.at)
        )


async def _record(act: str, entry_id: UUID, actor: str, at: datetime) -> None:
    await audit.record(
        f"entry_revocation.{act}", actor=actor, object_kind="honor_entry", object_id=entry_id, detail={}, at=at
    )
