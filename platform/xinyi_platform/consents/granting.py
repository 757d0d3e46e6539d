"""Give, rely on, withdraw and expire consents: granted → withdrawn | expired | superseded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.queryset import QuerySet

from xinyi_platform import audit
from xinyi_platform.consents.models import Consent
from xinyi_platform.consents.purposes import purpose_of
from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict, Forbidden, NotFound
from xinyi_platform.events import EventBus
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text


class ConsentMissing(Forbidden):
    """There is no live consent for what was about to be read. Values: `purpose`."""

    code = "consent_missing"
    text = Text("需要您先同意后才能查询信用状况。", "This needs your consent first.")


class ConsentTextChanged(Conflict):
    """The text that was agreed to is not the current one. Values: `current`."""

    code = "consent_text_changed"
    text = Text("授权内容已更新,请重新阅读后再同意。", "The text has changed; read it again before you agree.")


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """A resident withdrew a consent; told in the same transaction."""

    resident_id: UUID
    purpose: str
    at: datetime


async def grant(resident_id: UUID, purpose: str, *, version: int, at: datetime) -> Consent:
    """Give consent to a purpose's text; an earlier live one is superseded.

    Raises NotFound (404), and ConsentTextChanged (409) when `version` is not the current one.
    """
    wanted = purpose_of(purpose)
    if version != wanted.version:
        raise ConsentTextChanged(current=wanted.version)
    async with transaction():
        await _end(resident_id, purpose, "superseded", at)
        consent = await Consent.create(
            id=new_id(),
            resident_id=resident_id,
            purpose=purpose,
            version=wanted.version,
            text_digest=wanted.digest,
            state="granted",
            granted_at=at,
            expires_at=at + timedelta(days=wanted.days),
        )
        await _record("grant", resident_id, consent, at)
    return consent


async def withdraw(events: EventBus, resident_id: UUID, purpose: str, *, at: datetime) -> None:
    """Withdraw consent; the next read is refused. Raises NotFound (404) where there is none."""
    async with transaction():
        ended = await _end(resident_id, purpose, "withdrawn", at)
        if ended is None:
            raise NotFound
        await _record("withdraw", resident_id, ended, at)
        await events.publish(ConsentWithdrawn(resident_id, purpose, at))


async def live_consent_ids(resident_ids: Sequence[UUID], purpose: str, *, at: datetime) -> dict[UUID, UUID]:
    """Return the ids of the consents that reads may rely on now, by resident; who has none is left out."""
    rows = await _live(resident_ids, purpose, at).values_list("resident_id", "id")
    return dict(rows)


def _live(resident_ids: Sequence[UUID], purpose: str, at: datetime) -> QuerySet[Consent]:
    version = purpose_of(purpose).version
    return Consent.filter(
        resident_id__in=list(resident_ids), purpose=purpose, slot="live", version=version, expires_at__gt=at
    )


async def residents_with_consent(first: UUID, last: UUID, purpose: str, *, at: datetime) -> set[UUID]:
    """Return who has a consent that a read may rely on now, of those whose ids lie between two, both included."""
    version = purpose_of(purpose).version
    live = Consent.filter(
        resident_id__gte=first, resident_id__lte=last, purpose=purpose, slot="live", version=version, expires_at__gt=at
    )
    return {row[0] for row in await live.values_list("resident_id")}


async def live_consent(resident_id: UUID, purpose: str, *, at: datetime) -> Consent | None:
    """Return the consent that a read may rely on now, or None."""
    return await _live([resident_id], purpose, at).first()


async def expire_consents(now: datetime, *, limit: int = 1_000) -> int:
    """End the consents whose time is over. Returns how many."""
    due = await Consent.filter(slot="live", expires_at__lte=now).limit(limit)
    for consent in due:
        async with transaction():
            if await _end(consent.resident_id, consent.purpose, "expired", now):
                await _record("expire", consent.resident_id, consent, now)
    return len(due)


async def _end(resident_id: UUID, purpose: str, state: str, at: datetime) -> Consent | None:
    held = await Consent.get_or_none(resident_id=resident_id, purpose=purpose, slot="live")
    if held is None:
        return None
    ended = await Consent.filter(id=held.id, slot="live").update(state=state, slot=str(held.id), ended_at=at)
    return held if ended else None


async def _record(act: str, resident_id: UUID, consent: Consent, at: datetime) -> None:
    await audit.record(
        f"consent.{act}",
        actor=f"resident:{resident_id}",
        object_kind="consent",
        object_id=consent.id,
        detail={"purpose": consent.purpose, "version": consent.version},
        at=at,
    )
