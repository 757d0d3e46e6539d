"""What a subject does about agency: ask for it with an authorisation, send a draft back, confirm it, take it back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_merchants.registry.pages import read_picture
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.masking import mask_phone
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_platform.workdays import add_working_days
from xinyi_rewards.assistance.booking import helped_entry, hold_helped
from xinyi_rewards.assistance.errors import AgencyChanged, AgencyOpen
from xinyi_rewards.assistance.models import AgencyPaper, AgencyRequest
from xinyi_rewards.assistance.policy import help_policy, help_services
from xinyi_rewards.assistance.states import OPEN, advance_agency
from xinyi_rewards.assistance.telling import tell_step
from xinyi_rewards.honor_lists.parties import Party
from xinyi_rewards.honor_lists.publishing import EntryEnded
from xinyi_rewards.repairs.errors import RepairOpen
from xinyi_rewards.repairs.models import RepairRequest
from xinyi_rewards.repairs.reading import is_under_way
from xinyi_rewards.repairs.requesting import Filing, checked_words, file_request, require_signed

CONTACT_FIELD = "agency_request.contact"
_PHONE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyWish:
    """What is asked for, how she is reached (a phone number, or words), and the authorisation that was agreed to."""

    wish: str
    contact: str
    signed: str


def mask_contact(contact: str) -> str:
    """Return how somebody is reached as others see it: 138****5678, or the first two characters of words."""
    return mask_phone(contact) if _PHONE.fullmatch(contact) else contact[:2] + "****"


def checked_contact(contact: str) -> str:
    """Return how somebody is reached. Raises InvalidField (400)."""
    if not 5 <= len(contact.strip()) <= 60:
        raise InvalidField(
            field="contact",
            zh="请填写手机号或其他联系方式(5–60字)。",
            en="Give a phone number or how to reach you, in 5 to 60 characters.",
        )
    return contact.strip()


async def ask_agency(
    runtime: Runtime, party: Party, entry_id: UUID, asked: AgencyWish, *, at: datetime
) -> AgencyRequest:
    """Ask staff to prepare the repair of an entry.

    Raises NotFound (404), NothingToHelp, AgencyOpen and RepairOpen (409), PromiseNotSigned (422), InvalidField (400).
    """
    entry = await helped_entry(party, entry_id)
    wish, contact = checked_words(asked.wish, "wish"), checked_contact(asked.contact)
    require_signed(help_policy().authorisation, asked.signed)
    days = help_services()["agency"].answer_working_days
    try:
        async with transaction():
            await hold_helped(entry.id)
            if await is_under_way(party, entry.id):
                raise RepairOpen
            row = await AgencyRequest.create(
                id=new_id(),
                entry_id=entry.id,
                slot="open",
                division=party.division,
                state="asked",
                wish=wish,
                contact_cipher=runtime.keys.encrypt(contact, field=CONTACT_FIELD),
                contact_masked=mask_contact(contact),
                authorisation_version=help_policy().authorisation.version,
                asked_at=at,
                answer_by=add_working_days(local_date(at), days),
                changed_at=at,
                **party.columns,
            )
            await record_agency("ask", row, party.actor, at)
            await tell_step(row, "ask", at=at)
    except IntegrityError as error:
        raise AgencyOpen from error
    return row


async def my_agency(party: Party, entry_id: UUID) -> AgencyRequest:
    """Return a subject's open request about an entry. Raises NotFound (404)."""
    row = await AgencyRequest.get_or_none(entry_id=entry_id, slot="open", **party.columns)
    if row is None:
        raise NotFound
    return row


async def withdraw_agency(party: Party, entry_id: UUID, *, at: datetime) -> AgencyRequest:
    """Take a request and its authorisation back. Raises NotFound (404), AgencyChanged (409)."""
    return await move(await my_agency(party, entry_id), "withdraw", actor=party.actor, at=at)


async def return_draft(party: Party, entry_id: UUID, *, reason: str, at: datetime) -> AgencyRequest:
    """Send a draft back, saying what is wrong. Raises NotFound (404), InvalidField (400), AgencyChanged (409)."""
    row = await my_agency(party, entry_id)
    if not 2 <= len(reason.strip()) <= 400:
        raise InvalidField(field="reason", zh="请用2–400字说明。", en="Say it in 2 to 400 characters.")
    return await move(row, "return", actor=party.actor, at=at, reason=reason.strip())


async def confirm_draft(
    runtime: Runtime, party: Party, entry_id: UUID, *, draft: int, signed: str, at: datetime
) -> RepairRequest:
    """Confirm the draft of that number and sign the commitment: the repair is filed as if she had written it herself.

    Raises NotFound (404), AgencyChanged (409, also where the draft is another one), and whatever `file_request` does;
    then nothing is filed.
    """
    row = await my_agency(party, entry_id)
    advance_agency(row.state, "confirm")
    if row.draft != draft:
        raise AgencyChanged
    kept = await AgencyPaper.filter(agency_id=row.id).order_by("place")
    papers = [await read_picture(runtime, paper.file_id) for paper in kept]
    filing = Filing(statement=row.statement, signed=signed, papers=papers)
    along = partial(_filed, row, party.actor, at)
    return await file_request(runtime, party, entry_id, filing, at=at, along=along)


async def _filed(row: AgencyRequest, actor: str, at: datetime, repair: RepairRequest) -> None:
    await move(row, "confirm", actor=actor, at=at, repair_id=repair.id)


async def lapse_agency(news: EntryEnded) -> None:
    """Close a request whose entry ended; joins the ending's transaction, which holds the entry.

    A step that somebody takes at that moment is waited for: what it left is closed.
    """
    row = await everywhere(AgencyRequest).filter(entry_id=news.entry_id, slot="open").select_for_update().first()
    if row is not None:
        await move(row, "lapse", actor="assistance", at=news.at)


async def move(row: AgencyRequest, event: str, *, actor: str, at: datetime, **values: object) -> AgencyRequest:
    """Take one step of a request: state, trail and news together; with its end the draft's papers go.

    Raises TransitionForbidden, AgencyChanged (409).
    """
    state = advance_agency(row.state, event)
    async with transaction():
        same = everywhere(AgencyRequest).filter(
            id=row.id, state=row.state, draft=row.draft, handler_id=row.handler_id, changed_at=row.changed_at
        )
        slot = "open" if state in OPEN else str(row.id)
        if not await same.update(state=state, slot=slot, changed_at=at, **values):
            raise AgencyChanged
        if state not in OPEN:
            await everywhere(AgencyPaper).filter(agency_id=row.id).delete()
        moved = await everywhere(AgencyRequest).get(id=row.id)
        await record_agency(event, moved, actor, at)
        await tell_step(moved, event, at=at)
    return moved


async def record_agency(act: str, row: AgencyRequest, actor: str, at: datetime) -> None:
    """Put an act on a request, or a look at it, on the trail; joins the caller's transaction."""
    detail: dict[str, object] = {"entry": str(row.entry_id), "state": row.state, "draft": row.draft}
    await audit.record(
        f"agency_request.{act}", actor=actor, object_kind="agency_request", object_id=row.id, detail=detail, at=at
    )
