"""Put a death down: in the same transaction everything that is listed about the person ends, whoever listed it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.among import texts_among
from xinyi_platform.errors import Conflict, InvalidField
from xinyi_platform.identity.numbers import is_identity_number
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.deaths.models import PersonDeath
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.honor_lists.states import LIVE, SHOWN, advance
from xinyi_rewards.honor_lists.subjects import identity_index

REASON = "death"
"""The reason with which entries end; recalls carry none."""


class DeathKnown(Conflict):
    code = "death_known"
    text = Text("该人的死亡已登记。", "This death was put down already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """Who died when, by which document (a death certificate's number, say)."""

    number: str
    died_on: date
    document: str


async def record_death(
    runtime: Runtime, death: Death, *, actor: str, source: Literal["credit_office", "bureau"], at: datetime
) -> PersonDeath:
    """Put a death down and end what is listed about the person. Raises InvalidField (400) and DeathKnown (409)."""
    today = local_date(at)
    number = death.number.strip().upper()
    if not is_identity_number(number, today=today):
        raise InvalidField(field="number", zh="身份证号有误。", en="The identity number is wrong.")
    if death.died_on > today:
        raise InvalidField(field="died_on", zh="日期不能晚于今天。", en="The day lies in the future.")
    if not 2 <= len(death.document.strip()) <= 80:
        raise InvalidField(field="document", zh="请填写证明文件编号。", en="Give the document's number.")
    index = identity_index(runtime.keys, number)
    try:
        async with transaction():
            row = await PersonDeath.create(
                id=new_id(),
                identity_index=index,
                died_on=death.died_on,
                document=death.document.strip(),
                source=source,
                actor=actor,
                ended_entries=0,
                put_down_at=at,
            )
            row.ended_entries = await _end_all(runtime, index, actor=actor, at=at)
            await PersonDeath.filter(id=row.id).update(ended_entries=row.ended_entries)
            await audit.record(
                "person_death.record",
                actor=actor,
                object_kind="person_death",
                object_id=row.id,
                detail={"source": source, "entries": row.ended_entries},
                at=at,
            )
    except IntegrityError as error:
        raise DeathKnown from error
    return row


async def _end_all(runtime: Runtime, index: str, *, actor: str, at: datetime) -> int:
    ended = 0
    for entry in await everywhere(HonorEntry).filter(identity_index=index, state__in=LIVE, merchant_id=None):
        if entry.state in SHOWN:
            ended += await end_entry(runtime, entry.id, "revoke", actor=actor, reason=REASON, at=at)
            continue
        ended += (
            await everywhere(HonorEntry)
            .filter(id=entry.id, state=entry.state)
            .update(state=advance(entry.state, "withdraw"), slot=str(entry.id), ended_at=at, end_reason="withdrawn")
        )
    return ended


async def who_died(indexes: Collection[str]) -> set[str]:
    """Return those of some persons' blind indexes that are of the dead."""
    return await texts_among(PersonDeath.all(), "identity_index", indexes)
