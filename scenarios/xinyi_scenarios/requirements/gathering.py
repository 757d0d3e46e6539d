"""Gather facts of a resident, each by the provider that a feature registered under the fact's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.consents import ConsentMissing
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit import CreditUnknown, read_credit
from xinyi_platform.identity import resident_profile
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.orders.models import ServiceOrder

Provider = Callable[[Runtime, UUID, str], Awaitable[Any]]


async def _credit(runtime: Runtime, resident_id: UUID, reason: str) -> dict[str, Any]:
    try:
        reading = await read_credit(runtime, resident_id=resident_id, purpose=SCENES, reader="scenarios", reason=reason)
    except ConsentMissing as missing:
        return {"unknown": missing.code, "zh": missing.text.zh, "en": missing.text.en}
    if isinstance(reading, CreditUnknown):
        return {"unknown": reading.code, "zh": reading.reason.zh, "en": reading.reason.en}
    return {
        "standing": reading.standing,
        "black_listed": reading.black_listed,
        "as_of": reading.as_of.isoformat(),
        "is_fresh": reading.is_fresh,
    }


async def _birth_date(runtime: Runtime, resident_id: UUID, _: str) -> str:
    return (await resident_profile(runtime, resident_id)).birth_date.isoformat()


async def _division(runtime: Runtime, resident_id: UUID, _: str) -> str:
    return (await resident_profile(runtime, resident_id)).division


async def _today(runtime: Runtime, _: UUID, __: str) -> str:
    return local_date(runtime.clock.now()).isoformat()


async def _overdue_orders(_: Runtime, resident_id: UUID, __: str) -> int:
    return await ServiceOrder.filter(resident_id=resident_id, state="doing", overdue_at__isnull=False).count()


PROVIDERS: dict[str, Provider] = {
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


async def gather_facts(runtime: Runtime, resident_id: UUID, names: Iterable[str], *, reason: str) -> dict[str, Any]:
    """Return the named facts of a resident as JSON values; the bureau is read at most once."""
    return {name: await PROVIDERS[name](runtime, resident_id, reason) for name in sorted(set(names))}
