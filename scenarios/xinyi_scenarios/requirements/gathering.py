"""Gather facts of residents, each by the provider that a feature registered under the fact's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.functions import Count

from xinyi_platform.clock import SHANGHAI, local_date
from xinyi_platform.consents import ConsentMissing
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit import Asked, BureauNeeded, CreditReading, CreditUnknown, CreditUse, read_stored
from xinyi_platform.guardianships import guardian_facts
from xinyi_platform.identity import resident_basics
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.passes.serving import overdue_by_resident
from xinyi_scenarios.requirements.history import histories, live_purposes, open_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """When and why facts are gathered, how old the bureau's word may be, and about whom it was asked just now."""

    at: datetime
    reason: str
    fresh_within: timedelta
    asked: Mapping[UUID, Asked] = field(default_factory=dict)


# A provider returns each resident's fact as a JSON value, in the caller's transaction and with no call to outside;
# who is left out has none.
Provider = Callable[[Runtime, Sequence[UUID], Gathering], Awaitable[Mapping[UUID, Any]]]


async def _credit(_: Runtime, resident_ids: Sequence[UUID], gathering: Gathering) -> dict[UUID, Any]:
    use = CreditUse(purpose=SCENES, reader="scenarios", reason=gathering.reason, fresh_within=gathering.fresh_within)
    found = await read_stored(resident_ids, use, at=gathering.at, asked=gathering.asked)
    return {resident_id: _credit_fact(reading) for resident_id, reading in found.items()}


def _credit_fact(reading: CreditReading | ConsentMissing | BureauNeeded) -> dict[str, Any] | BureauNeeded:
    if isinstance(reading, BureauNeeded):
        return reading
    if isinstance(reading, ConsentMissing):
        return {"unknown": reading.code, "zh": reading.text.zh, "en": reading.text.en}
    if isinstance(reading, CreditUnknown):
        return {"unknown": reading.code, "zh": reading.reason.zh, "en": reading.reason.en}
    return {
        "standing": reading.standing,
        "black_listed": reading.black_listed,
        "as_of": reading.as_of.isoformat(),
        "is_fresh": reading.is_fresh,
    }


async def _birth_date(_: Runtime, resident_ids: Sequence[UUID], __: Gathering) -> dict[UUID, Any]:
    found = await resident_basics(resident_ids)
    return {resident_id: basics.birth_date.isoformat() for resident_id, basics in found.items()}


async def _division(_: Runtime, resident_ids: Sequence[UUID], __: Gathering) -> dict[UUID, Any]:
    return {resident_id: basics.division for resident_id, basics in (await resident_basics(resident_ids)).items()}


async def _today(_: Runtime, resident_ids: Sequence[UUID], gathering: Gathering) -> dict[UUID, Any]:
    return dict.fromkeys(resident_ids, local_date(gathering.at).isoformat())


async def _overdue_orders(_: Runtime, resident_ids: Sequence[UUID], __: Gathering) -> dict[UUID, Any]:
    overdue = ServiceOrder.filter(resident_id__in=list(resident_ids), state="doing", overdue_at__isnull=False)
    rows = await overdue.annotate(number=Count("id")).group_by("resident_id").values("resident_id", "number")
    unpaid = await overdue_by_resident(resident_ids)
    found = {resident_id: unpaid.get(resident_id, 0) for resident_id in resident_ids}
    for row in rows:
        found[row["resident_id"]] += row["number"]
    return {**found}


async def _now(_: Runtime, resident_ids: Sequence[UUID], gathering: Gathering) -> dict[UUID, Any]:
    return dict.fromkeys(resident_ids, gathering.at.astimezone(SHANGHAI).isoformat())


async def _history(_: Runtime, resident_ids: Sequence[UUID], gathering: Gathering) -> dict[UUID, Any]:
    return {**await histories(resident_ids, at=gathering.at)}


async def _open_orders(_: Runtime, resident_ids: Sequence[UUID], __: Gathering) -> dict[UUID, Any]:
    return {**await open_orders(resident_ids)}


async def _consents(_: Runtime, resident_ids: Sequence[UUID], gathering: Gathering) -> dict[UUID, Any]:
    return {**await live_purposes(resident_ids, at=gathering.at)}


async def _care(_: Runtime, resident_ids: Sequence[UUID], __: Gathering) -> dict[UUID, Any]:
    return {**await guardian_facts(resident_ids)}


# What the evaluation itself says, whoever asks: the scene's slug, and at a use the merchant.
GIVEN = frozenset({"scene", "merchant"})
PROVIDERS: dict[str, Provider] = {
    "now": _now,
    "history": _history,
    "open_orders": _open_orders,
    "consents": _consents,
    "care": _care,
    "credit": _credit,
    "birth_date": _birth_date,
    "division": _division,
    "today": _today,
    "overdue_orders": _overdue_orders,
}


def provide_fact(name: str, provider: Provider) -> None:
    """Register a fact's provider. Raises ValueError where the name is taken by another one."""
    if PROVIDERS.get(name, provider) is not provider:
        raise ValueError(f"the fact {name} is provided twice")
    PROVIDERS[name] = provider


async def gather_facts(
    runtime: Runtime, resident_ids: Sequence[UUID], names: Iterable[str], gathering: Gathering
) -> dict[UUID, dict[str, Any] | BureauNeeded]:
    """Return the named facts of residents as JSON values, by a number of queries that does not grow with them.

    Joins the caller's transaction. For whom the bureau must be asked first, the answer is BureauNeeded.
    """
    wanted = sorted(set(names) - GIVEN)
    columns = {name: await PROVIDERS[name](runtime, resident_ids, gathering) for name in wanted}
    return {resident_id: _row(columns, resident_id) for resident_id in resident_ids}


def _row(columns: Mapping[str, Mapping[UUID, Any]], resident_id: UUID) -> dict[str, Any] | BureauNeeded:
    row = {name: column.get(resident_id) for name, column in columns.items()}
    return next((fact for fact in row.values() if isinstance(fact, BureauNeeded)), row)
