"""A second person confirms a death, and everything listed about the person ends; two persons reverse a wrong one.

Who confirms types the number again: the row tells nobody whom it is about. A reversal lets the person be listed again
and gives nothing back: no entry leaves its end state.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import ChangedMeanwhile, Forbidden, InvalidField, NotFound
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.deaths.models import PersonDeath
from xinyi_rewards.deaths.recording import checked_number, record
from xinyi_rewards.deaths.states import STANDING, advance_death
from xinyi_rewards.honor_lists.endings import DEATH
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.honor_lists.states import LIVE, SHOWN, advance
from xinyi_rewards.honor_lists.subjects import identity_index
from xinyi_rewards.honor_lists.texts import kept_text

"""The reason with which entries end; recalls carry none."""


class OwnDeathReport(Forbidden):
    """The second word on a death is another person's, by whichever account."""

    code = "own_death_report"
    text = Text("须由另一人办理:前一步是您登记的。", "Another person has to do this: you took the step before.")


class DeathChanged(ChangedMeanwhile):
    code = "death_changed"
    text = Text("登记状态已变化,请刷新后重试。", "This has changed; look again and retry.")


async def find_death(death_id: UUID) -> PersonDeath:
    """Return what was put down. Raises NotFound (404)."""
    row = await PersonDeath.get_or_none(id=death_id)
    if row is None:
        raise NotFound
    return row


async def confirm_death(runtime: Runtime, death_id: UUID, staff: Staff, *, number: str, at: datetime) -> PersonDeath:
    """Confirm a death and end, in one transaction, what is listed about the person, whoever listed it.

    Raises NotFound (404), OwnDeathReport (403) for the person who put it down, InvalidField (400) for another number,
    TransitionForbidden and DeathChanged (409).
    """
    row = await find_death(death_id)
    if staff.person == row.reported_person:
        raise OwnDeathReport
    if identity_index(runtime.keys, checked_number(number, today=local_date(at))) != row.identity_index:
        raise InvalidField(
            field="number", zh="身份证号与登记的不一致。", en="This is not the number that was put down."
        )
    async with transaction():
        await _move(row, "confirm", at, confirmed_person=staff.person, confirmed_at=at)
        ended = await _end_all(runtime, row.identity_index, actor=staff.label, at=at)
        await PersonDeath.filter(id=row.id).update(ended_entries=ended)
        await record(row, "confirm", staff.label, at, entries=ended)
    return await find_death(death_id)


async def withdraw_death(death_id: UUID, staff: Staff, *, at: datetime) -> PersonDeath:
    """Take back what nobody has confirmed. Raises NotFound (404), TransitionForbidden and DeathChanged (409)."""
    row = await find_death(death_id)
    async with transaction():
        await _move(row, "withdraw", at)
        await record(row, "withdraw", staff.label, at)
    return await find_death(death_id)


async def contest_death(death_id: UUID, staff: Staff, *, reason: str, at: datetime) -> PersonDeath:
    """Say, as the first of two persons, that a confirmed death is wrong. Raises as `withdraw_death`, InvalidField."""
    row, why = await find_death(death_id), kept_text(reason, "reason", least=2, most=400, may_wrap=True)
    async with transaction():
        await _move(row, "contest", at, contested_person=staff.person, reason=why)
        await record(row, "contest", staff.label, at)
    return await find_death(death_id)


async def settle_contest(death_id: UUID, staff: Staff, *, is_wrong: bool, at: datetime) -> PersonDeath:
    """Reverse a death that another person says is wrong, or uphold it.

    Raises what `withdraw_death` raises, and OwnDeathReport (403) for a reversal by the person who said it is wrong;
    she can take that back herself.
    """
    row = await find_death(death_id)
    if is_wrong and staff.person == row.contested_person:
        raise OwnDeathReport
    event = "reverse" if is_wrong else "uphold"
    async with transaction():
        await _move(row, event, at, **({"reversed_person": staff.person} if is_wrong else {}))
        await record(row, event, staff.label, at)
    return await find_death(death_id)


async def _move(row: PersonDeath, event: str, at: datetime, **values: object) -> None:
    state = advance_death(row.state, event)
    slot = row.identity_index if state in STANDING else str(row.id)
    same = PersonDeath.filter(id=row.id, state=row.state, changed_at=row.changed_at)
    if not await same.update(state=state, slot=slot, changed_at=at, **values):
        raise DeathChanged


async def _end_all(runtime: Runtime, index: str, *, actor: str, at: datetime) -> int:
    """End what is alive about a person; what changes its state meanwhile is met again in its new one."""
    ended = 0
    while (
        entries := await everywhere(HonorEntry)
        .filter(identity_index=index, state__in=LIVE, merchant_id=None)
        .order_by("id")
    ):
        for entry in entries:
            ended += await _end(runtime, entry, actor=actor, at=at)
    return ended


async def _end(runtime: Runtime, entry: HonorEntry, *, actor: str, at: datetime) -> int:
    if entry.state in SHOWN:
        return await end_entry(runtime, entry.id, "revoke", actor=actor, reason=DEATH, at=at)
    same = everywhere(HonorEntry).filter(id=entry.id, state=entry.state)
    return await same.update(
        state=advance(entry.state, "withdraw"), slot=str(entry.id), ended_at=at, end_reason="withdrawn"
    )
