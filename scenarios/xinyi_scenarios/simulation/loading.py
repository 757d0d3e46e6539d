"""Load the residents for a simulation, page by page: facts from our own tables, and nobody outside is asked.

No credit is read without the consent that is live at that moment; of whom there is none, nothing can be told. The
last stored word of the bureau counts whatever its age, because a simulation grants nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit import BureauNeeded, StoredWord, stored_words
from xinyi_platform.identity import residents_after
from xinyi_platform.identity.residents import ResidentBasics
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.requirements.gathering import GIVEN, Gathering, gather_facts

PAGE = 5_000
NO_CONSENT = {"unknown": "consent_missing", "zh": "没有有效同意", "en": "There is no live consent"}
NEVER_ASKED = {"unknown": "never_asked", "zh": "尚未查询", "en": "The bureau was never asked"}
# Full years at which a band begins.
BANDS = (0, 18, 26, 36, 46, 60, 70)


@dataclass(frozen=True, slots=True)
class Page:
    """Some residents: a column for each fact, and the district and age band of each. Names nobody."""

    columns: Mapping[str, list[Any]]
    cells: list[tuple[str, str]]


async def pages(runtime: Runtime, names: Collection[str], *, as_of: datetime, now: datetime) -> AsyncIterator[Page]:
    """Yield all residents in the order of their ids. `as_of` is the day that is tried, `now` that of the consents."""
    last: UUID | None = None
    while True:
        people = await residents_after(last, limit=PAGE)
        if not people:
            return
        yield await _page(runtime, people, names, as_of, now)
        last = next(reversed(people))


async def _page(
    runtime: Runtime, people: Mapping[UUID, ResidentBasics], names: Collection[str], as_of: datetime, now: datetime
) -> Page:
    ids = list(people)
    today = local_date(as_of)
    columns: dict[str, list[Any]] = {}
    if "birth_date" in names:
        columns["birth_date"] = [basics.birth_date.isoformat() for basics in people.values()]
    if "division" in names:
        columns["division"] = [basics.division for basics in people.values()]
    if "credit" in names:
        columns["credit"] = await _credit_column(ids, now)
    others = sorted(set(names) - {"birth_date", "division", "credit"} - GIVEN)
    gathering = Gathering(at=as_of, reason="simulate", fresh_within=timedelta(days=36_500))
    columns |= _columns(await gather_facts(runtime, ids, others, gathering), ids, others)
    return Page(columns, [(basics.division[:6], band_of(basics.birth_date, today)) for basics in people.values()])


async def _credit_column(ids: Sequence[UUID], now: datetime) -> list[Any]:
    words = await stored_words(ids[0], ids[-1], purpose=SCENES, at=now)
    facts = {word: _fact(word) for word in set(words.values())}
    return [facts[words[one]] if one in words else NO_CONSENT for one in ids]


def _fact(word: StoredWord | None) -> dict[str, Any]:
    """Return a standing as a fact without its date, so that equal ones are decided once."""
    if word is None:
        return NEVER_ASKED
    return {"standing": word.standing, "black_listed": word.black_listed, "as_of": "2000-01-01T00:00:00+00:00"} | {
        "is_fresh": True
    }


def _columns(
    gathered: Mapping[UUID, dict[str, Any] | BureauNeeded], ids: Sequence[UUID], names: Sequence[str]
) -> dict[str, list[Any]]:
    rows = [{} if isinstance(row := gathered[one], BureauNeeded) else row for one in ids]
    return {name: [row.get(name) for row in rows] for name in names}


def band_of(born: date, today: date) -> str:
    """Return the age band of one born on a day, as in 18–25."""
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    place = max((place for place, begins in enumerate(BANDS) if begins <= age), default=0)
    return f"{BANDS[place]}+" if place == len(BANDS) - 1 else f"{BANDS[place]}-{BANDS[place + 1] - 1}"
