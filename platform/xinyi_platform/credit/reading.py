"""Read residents' credit standing.

The stored word is used while it is fresh enough for the use; otherwise the bureau is asked, outside of any
transaction, and its word is stored and read. When the bureau is silent, an older word may still be shown with its
age, but never grants anything. Every read, also of the stored word, and every refusal for want of consent, is a
line that the resident can see.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from xinyi_platform.bureau import BureauSilent, BureauStatus
from xinyi_platform.consents import Consent, ConsentMissing, ConsentWithdrawn, live_consent_ids
from xinyi_platform.credit.models import CreditRead, CreditSnapshot
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.identity import resident_profile
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime

FRESH = timedelta(hours=24)

SILENCE = {
    "down": Text("信用平台暂时无法访问。", "The credit bureau cannot be reached just now."),
    "slow": Text("信用平台响应超时。", "The credit bureau did not answer in time."),
    "garbled": Text("信用平台的答复无法核验。", "The credit bureau's answer could not be verified."),
    "breaker_open": Text(
        "信用平台连续无响应,稍后自动重试。", "The credit bureau has been silent; it is asked again soon."
    ),
}

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class CreditStatus:
    """A resident's standing (good, minor, general, serious), whether black-listed, and of when that is."""

    standing: str
    black_listed: bool
    as_of: datetime
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class CreditUnknown:
    """Why nothing can be said. Not a "no"."""

    code: str
    reason: Text


CreditReading = CreditStatus | CreditUnknown


@dataclass(frozen=True, slots=True)
class Asked:
    """The bureau was asked just now; `silence` says why it gave no word that could be stored, if it gave none."""

    silence: str | None


@dataclass(frozen=True, slots=True)
class StandingChanged:
    """The bureau's word on a resident is another than the one kept before; told in the transaction that keeps it."""

    resident_id: UUID
    at: datetime


class BureauNeeded(Exception):
    """No stored word is fresh enough: ask the bureau, then read again."""

    def __init__(self, purpose: str, consent_id: UUID) -> None:
        super().__init__(purpose)
        self.purpose = purpose
        self.consent_id = consent_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditUse:
    """For what standings are read: the purpose consented to, who reads and why, and how old a word may be."""

    purpose: str
    reader: str
    reason: str
    fresh_within: timedelta = FRESH


async def read_credit(runtime: Runtime, resident_id: UUID, use: CreditUse) -> CreditReading:
    """Return a resident's standing, or why it is unknown; the read goes on her trail either way.

    A status older than `use.fresh_within` is only returned when the bureau is silent, with `is_fresh` False.
    Raises ConsentMissing (403), which is on the trail as refused.
    """

    async def read(asked: Asked | None) -> CreditReading:
        known = {resident_id: asked} if asked else {}
        async with transaction():
            found = (await read_stored([resident_id], use, at=runtime.clock.now(), asked=known))[resident_id]
        if isinstance(found, Exception):
            raise found
        return found

    return await with_bureau(runtime, resident_id, read)


async def with_bureau(runtime: Runtime, resident_id: UUID, read: Callable[[Asked | None], Awaitable[Result]]) -> Result:
    """Run `read`; where it raises BureauNeeded, ask the bureau about the resident and run it once more."""
    try:
        return await read(None)
    except BureauNeeded as needed:
        return await read(await _ask_bureau(runtime, resident_id, needed))


async def read_stored(
    resident_ids: Sequence[UUID], use: CreditUse, *, at: datetime, asked: Mapping[UUID, Asked]
) -> dict[UUID, CreditReading | ConsentMissing | BureauNeeded]:
    """Read the stored word on many residents, and put the reads on their trails, in the caller's transaction.

    `asked` names those about whom the bureau has been asked just now: for them the answer is never BureauNeeded.
    """
    consents = await live_consent_ids(resident_ids, use.purpose, at=at)
    snapshots = await _snapshots(list(consents))
    found: dict[UUID, CreditReading | ConsentMissing | BureauNeeded] = {}
    trail = []
    for resident_id in resident_ids:
        consent = consents.get(resident_id)
        if consent is None:
            found[resident_id] = ConsentMissing(purpose=use.purpose)
            trail.append(_trail_row(resident_id, use, None, "refused", at))
            continue
        answer, outcome = _weigh(snapshots.get(resident_id), consent, asked.get(resident_id), use, at)
        found[resident_id] = answer
        if not isinstance(answer, BureauNeeded):
            trail.append(_trail_row(resident_id, use, consent, outcome, at))
    await bulk_insert(CreditRead, trail)
    return found


async def _snapshots(resident_ids: Sequence[UUID]) -> dict[UUID, CreditStatus]:
    """Return the stored words by resident, as plain rows: this is read for every decision."""
    rows = await CreditSnapshot.filter(resident_id__in=resident_ids).values_list(
        "resident_id", "standing", "black_listed", "as_of"
    )
    return {row[0]: CreditStatus(row[1], bool(row[2]), row[3], is_fresh=True) for row in rows}


def _weigh(
    held: CreditStatus | None, consent_id: UUID, asked: Asked | None, use: CreditUse, at: datetime
) -> tuple[CreditReading | BureauNeeded, str]:
    """Return what a stored word is good for, and the outcome that the trail names."""
    heard = asked is not None and asked.silence is None
    if held is not None and (heard or at - held.as_of <= use.fresh_within):
        outcome = "fresh" if heard else "cached"
        return held, outcome
    if asked is None:
        return BureauNeeded(use.purpose, consent_id), ""
    if held is not None:
        return replace(held, is_fresh=False), "cached"
    silence = asked.silence or "garbled"
    return CreditUnknown(f"bureau_{silence}", SILENCE[silence]), "unknown"


async def _ask_bureau(runtime: Runtime, resident_id: UUID, needed: BureauNeeded) -> Asked:
    profile = await resident_profile(runtime, resident_id)
    try:
        status = await runtime.bureau.ask(
            subject=profile.identity_number, purpose=needed.purpose, consent_id=needed.consent_id
        )
    except BureauSilent as silence:
        return Asked(silence.code)
    await _keep(runtime, resident_id, status, needed.consent_id)
    return Asked(None)


async def _keep(runtime: Runtime, resident_id: UUID, status: BureauStatus, consent_id: UUID) -> None:
    """Store the bureau's word, unless the consent ended while it was on its way."""
    async with transaction():
        if await Consent.filter(id=consent_id, slot="live").select_for_update().first() is None:
            return
        before = await CreditSnapshot.get_or_none(resident_id=resident_id)
        await CreditSnapshot.update_or_create(
            defaults={
                "standing": status.standing,
                "black_listed": status.black_listed,
                "as_of": status.as_of,
                "consent_id": consent_id,
            },
            resident_id=resident_id,
        )
        now = (status.standing, status.black_listed)
        if before is not None and (before.standing, before.black_listed) != now:
            await runtime.events.publish(StandingChanged(resident_id, runtime.clock.now()))


def _trail_row(
    resident_id: UUID, use: CreditUse, consent_id: UUID | None, outcome: str, at: datetime
) -> dict[str, object]:
    return {
        "id": new_id(),
        "resident_id": resident_id,
        "reader": use.reader,
        "purpose": use.purpose,
        "reason": use.reason,
        "consent_id": consent_id,
        "outcome": outcome,
        "at": at,
    }


async def forget_snapshot(withdrawn: ConsentWithdrawn) -> None:
    """Forget what was read under a consent that is withdrawn; joins the withdrawal's transaction."""
    held = await CreditSnapshot.get_or_none(resident_id=withdrawn.resident_id)
    consent = await Consent.get_or_none(id=held.consent_id) if held else None
    if held is not None and consent is not None and consent.purpose == withdrawn.purpose:
        await CreditSnapshot.filter(id=held.id).delete()
