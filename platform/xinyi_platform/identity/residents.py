"""Residents: make one, find one by what identifies her, and read her own data where it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from xinyi_platform.database.among import texts_among
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import NotFound
from xinyi_platform.identity.models import ResidentAccount
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.runtime import Runtime

PHONE, NAME, IDENTITY = "resident.phone", "resident.name", "resident.identity"
_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class ResidentProfile:
    """A resident's own data in clear; for use inside, masked before it is shown to anybody else."""

    id: UUID
    name: str
    phone: str
    identity_number: str
    birth_date: date
    division: str


@dataclass(frozen=True, slots=True)
class NewResident:
    """What a resident is made of. `division` is the code of her community."""

    name: str
    phone: str
    identity_number: str
    division: str


def phone_index(keys: KeyRing, phone: str) -> str:
    return keys.blind_index(phone, field="phone")


def identity_index(keys: KeyRing, number: str) -> str:
    return keys.blind_index(number.upper(), field="identity")


async def create_residents(keys: KeyRing, people: Sequence[NewResident], *, at: datetime) -> list[UUID]:
    """Make residents; returns their ids in order. The birth date is read from the identity number."""
    rows = [
        {
            "id": new_id(),
            "phone_cipher": keys.encrypt(person.phone, field=PHONE),
            "phone_index": phone_index(keys, person.phone),
            "name_cipher": keys.encrypt(person.name, field=NAME),
            "identity_cipher": keys.encrypt(person.identity_number, field=IDENTITY),
            "identity_index": identity_index(keys, person.identity_number),
            "birth_date": date.fromisoformat(person.identity_number[6:14]),
            "division": person.division,
            "active": True,
            "created_at": at,
        }
        for person in people
    ]
    for start in range(0, len(rows), 500):
        await bulk_insert(ResidentAccount, rows[start : start + 500])
    return [UUID(str(row["id"])) for row in rows]


async def create_resident(keys: KeyRing, person: NewResident, *, at: datetime) -> UUID:
    """Make one resident and return her id."""
    return (await create_residents(keys, [person], at=at))[0]


@dataclass(frozen=True, slots=True)
class ResidentBasics:
    """What is kept in clear because rules are decided by it."""

    birth_date: date
    division: str


async def resident_basics(resident_ids: Sequence[UUID]) -> dict[UUID, ResidentBasics]:
    """Return birth date and division by resident; who is unknown or closed is left out."""
    rows = await ResidentAccount.filter(id__in=list(resident_ids), active=True).values_list(
        "id", "birth_date", "division"
    )
    return {resident_id: ResidentBasics(birth_date, division) for resident_id, birth_date, division in rows}


async def residents_after(last: UUID | None, *, limit: int) -> dict[UUID, ResidentBasics]:
    """Return the next residents in the order of their ids, for work that goes through all of them page by page."""
    found = ResidentAccount.filter(active=True) if last is None else ResidentAccount.filter(active=True, id__gt=last)
    rows = await found.order_by("id").limit(limit).values_list("id", "birth_date", "division")
    return {resident_id: ResidentBasics(birth_date, division) for resident_id, birth_date, division in rows}


async def count_residents() -> int:
    """Return how many residents there are."""
    return await ResidentAccount.filter(active=True).count()


async def resident_profile(runtime: Runtime, resident_id: UUID) -> ResidentProfile:
    """Return a resident's own data. Raises NotFound (404)."""
    found = await resident_profiles(runtime, [resident_id])
    if resident_id not in found:
        raise NotFound
    return found[resident_id]


async def resident_profiles(runtime: Runtime, resident_ids: Sequence[UUID]) -> dict[UUID, ResidentProfile]:
    """Return residents' own data by id; who is unknown or closed is left out."""
    keys = runtime.keys
    return {
        row.id: ResidentProfile(
            id=row.id,
            name=keys.decrypt(row.name_cipher, field=NAME),
            phone=keys.decrypt(row.phone_cipher, field=PHONE),
            identity_number=keys.decrypt(row.identity_cipher, field=IDENTITY),
            birth_date=row.birth_date,
            division=row.division,
        )
        for row in await ResidentAccount.filter(id__in=list(resident_ids), active=True)
    }


async def resident_phone(runtime: Runtime, resident_id: UUID) -> str | None:
    """Return a resident's phone in clear, for the moment in which something is sent to it; None for who has left."""
    row = await ResidentAccount.get_or_none(id=resident_id, active=True).only("id", "phone_cipher")
    return runtime.keys.decrypt(row.phone_cipher, field=PHONE) if row else None


async def find_resident_by_identity(runtime: Runtime, name: str, identity_number: str) -> UUID | None:
    """Return the resident with this identity number and exactly this name, or None."""
    index = identity_index(runtime.keys, identity_number)
    return (await find_residents(runtime, {index: name})).get(index)


async def find_residents(runtime: Runtime, names: Mapping[str, str]) -> dict[str, UUID]:
    """Return residents by the blind index of their identity number, where the name is exactly the one given."""
    rows = await ResidentAccount.filter(identity_index__in=list(names)).values_list(
        "identity_index", "id", "name_cipher"
    )
    return {
        index: resident_id
        for index, resident_id, cipher in rows
        if runtime.keys.decrypt(cipher, field=NAME) == names[index]
    }


async def called_otherwise(keys: KeyRing, names: Mapping[str, str]) -> set[str]:
    """Return the blind indices of identity numbers whose resident has another name than the one given."""
    known = sorted(await texts_among(ResidentAccount.all(), "identity_index", names.keys()))
    found: set[str] = set()
    for start in range(0, len(known), _CHUNK):
        rows: list[tuple[str, str]] = await ResidentAccount.filter(
            identity_index__in=known[start : start + _CHUNK]
        ).values_list("identity_index", "name_cipher")
        found |= await asyncio.to_thread(_others, keys, rows, names)
    return found


def _others(keys: KeyRing, rows: Sequence[tuple[str, str]], names: Mapping[str, str]) -> set[str]:
    return {index for index, cipher in rows if keys.decrypt(cipher, field=NAME) != names[index]}


async def has_other_name(runtime: Runtime, name: str, identity_number: str) -> bool:
    """Tell whether the resident with this identity number is called otherwise; False where there is none."""
    return bool(await called_otherwise(runtime.keys, {identity_index(runtime.keys, identity_number): name}))


async def find_resident_by_phone(runtime: Runtime, name: str, phone: str) -> UUID | None:
    """Return the resident with this phone and exactly this name, or None."""
    row = await ResidentAccount.get_or_none(phone_index=phone_index(runtime.keys, phone), active=True)
    return row.id if row and runtime.keys.decrypt(row.name_cipher, field=NAME) == name else None
