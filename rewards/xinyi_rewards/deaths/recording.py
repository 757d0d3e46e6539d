"""Put a death down: nothing ends with it until another person has confirmed it (`confirming`)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

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
from xinyi_rewards.deaths.models import PersonDeath
from xinyi_rewards.deaths.states import KNOWN
from xinyi_rewards.honor_lists.subjects import identity_index
from xinyi_rewards.honor_lists.texts import kept_text


class DeathKnown(Conflict):
    code = "death_known"
    text = Text("该人的死亡已登记。", "This death was put down already.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """Who died when, by which document (a death certificate's number, say)."""

    number: str
    died_on: date
    document: str


def checked_number(text: str, *, today: date) -> str:
    """Return an identity number as it is indexed. Raises InvalidField (400)."""
    number = text.strip().upper()
    if not is_identity_number(number, today=today):
        raise InvalidField(field="number", zh="身份证号有误。", en="The identity number is wrong.")
    return number


async def report_death(
    runtime: Runtime,
    death: Death,
    *,
    actor: str,
    person: str,
    source: Literal["credit_office", "bureau"],
    at: datetime,
) -> PersonDeath:
    """Put a death down, as the first of two persons. Raises InvalidField (400) and DeathKnown (409)."""
    today = local_date(at)
    number, document = checked_number(death.number, today=today), kept_text(death.document, "document", least=2)
    if death.died_on > today:
        raise InvalidField(field="died_on", zh="日期不能晚于今天。", en="The day lies in the future.")
    index = identity_index(runtime.keys, number)
    async with transaction():
        row = await _enter(
            index, died_on=death.died_on, document=document, source=source, actor=actor, reported_person=person,
            put_down_at=at, changed_at=at,
        )  # fmt: skip
        await record(row, "report", actor, at, source=source)
    return row


async def _enter(index: str, **values: Any) -> PersonDeath:
    try:
        async with transaction():
            return await PersonDeath.create(
                id=new_id(), identity_index=index, slot=index, state="reported", ended_entries=0, **values
            )
    except IntegrityError as error:
        if await PersonDeath.exists(slot=index):
            raise DeathKnown from error
        raise


async def record(row: PersonDeath, act: str, actor: str, at: datetime, **detail: object) -> None:
    """Put an act on the trail; joins the caller's transaction."""
    await audit.record(
        f"person_death.{act}", actor=actor, object_kind="person_death", object_id=row.id, detail=detail, at=at
    )


async def who_died(indexes: Collection[str]) -> set[str]:
    """Return those of some persons' blind indexes that are of the dead, as two persons have said."""
    return await texts_among(PersonDeath.filter(state__in=KNOWN), "identity_index", indexes)
