"""Read a resident's credit standing.

The stored word is used while it is fresh enough for the use; otherwise the bureau is asked. When the bureau is
silent, an older word may still be shown with its age, but never grants anything. Every read, also of the stored
word, and every refusal for want of consent, is a line that the resident can see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_platform.bureau import BureauSilent, BureauStatus
from xinyi_platform.consents import Consent, ConsentMissing, ConsentWithdrawn, require_consent
from xinyi_platform.credit.models import CreditRead, CreditSnapshot
from xinyi_platform.database import transaction
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


async def read_credit(
    runtime: Runtime, *, resident_id: UUID, purpose: str, reader: str, reason: str, fresh_within: timedelta = FRESH
) -> CreditReading:
    """Return a resident's standing, or why it is unknown; the read goes on her trail either way.

    A status older than `fresh_within` is only returned when the bureau is silent, with `is_fresh` False. Raises
    ConsentMissing (403), which is on the trail as refused.
    """
    now = runtime.clock.now()
    try:
        consent = await require_consent(resident_id, purpose, at=now)
    except ConsentMissing:
        await _note(resident_id, reader, purpose, reason, None, "refused", now)
        raise
    held = await CreditSnapshot.get_or_none(resident_id=resident_id)
    if held is not None and now - held.as_of <= fresh_within:
        await _note(resident_id, reader, purpose, reason, consent.id, "cached", now)
        return CreditStatus(held.standing, held.black_listed, held.as_of, is_fresh=True)
    try:
        status = await _ask(runtime, resident_id, purpose, consent)
    except BureauSilent as silence:
        await _note(resident_id, reader, purpose, reason, consent.id, "cached" if held else "unknown", now)
        if held is not None:
            return CreditStatus(held.standing, held.black_listed, held.as_of, is_fresh=False)
        return CreditUnknown(f"bureau_{silence.code}", SILENCE[silence.code])
    async with transaction():
        await _keep(resident_id, status, consent.id)
        await _note(resident_id, reader, purpose, reason, consent.id, "fresh", now)
    return CreditStatus(status.standing, status.black_listed, status.as_of, is_fresh=True)


async def _ask(runtime: Runtime, resident_id: UUID, purpose: str, consent: Consent) -> BureauStatus:
    profile = await resident_profile(runtime, resident_id)
    return await runtime.bureau.ask(subject=profile.identity_number, purpose=purpose, consent_id=consent.id)


async def _keep(resident_id: UUID, status: BureauStatus, consent_id: UUID) -> None:
    await CreditSnapshot.update_or_create(
        defaults={
            "standing": status.standing,
            "black_listed": status.black_listed,
            "as_of": status.as_of,
            "consent_id": consent_id,
        },
        resident_id=resident_id,
    )


async def _note(
    resident_id: UUID, reader: str, purpose: str, reason: str, consent_id: UUID | None, outcome: str, at: datetime
) -> None:
    await CreditRead.create(
        id=new_id(),
        resident_id=resident_id,
        reader=reader,
        purpose=purpose,
        reason=reason,
        consent_id=consent_id,
        outcome=outcome,
        at=at,
    )


async def forget_snapshot(withdrawn: ConsentWithdrawn) -> None:
    """Forget what was read under a consent that is withdrawn; joins the withdrawal's transaction."""
    held = await CreditSnapshot.get_or_none(resident_id=withdrawn.resident_id)
    consent = await Consent.get_or_none(id=held.consent_id) if held else None
    if held is not None and consent is not None and consent.purpose == withdrawn.purpose:
        await CreditSnapshot.filter(id=held.id).delete()
