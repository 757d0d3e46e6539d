"""What holds where: the city's values, narrowed level by level by what the divisions on the way have set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tortoise.queryset import QuerySet

from xinyi_platform.division_policies.models import DivisionPolicy
from xinyi_platform.divisions import division_name, parent_of
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import Area, area_of, everywhere
from xinyi_platform.tenancy.narrowing import Parameter, Topic, Value, Values, fold, is_wider, narrower, topics

MOST_SHOWN = 200
_Level = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value that holds in a division. `origin` is the division that set it, empty where it is the city's base.

    `ignored` is what the division itself has set and what does not hold, because the area above is stricter by now.
    """

    parameter: Parameter
    value: Value
    origin: str
    ignored: Value | None

    @property
    def origin_name(self) -> Text:
        return division_name(self.origin) if self.origin else Text("全市基准", "the city's base")


@dataclass(frozen=True, slots=True)
class Held:
    """One thing of a topic as a division has it."""

    key: str
    text: Text
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A value that is set and does not hold, with what holds above."""

    topic: Topic
    row: DivisionPolicy
    above: Value


def chain_of(division: str) -> list[str]:
    """Return a division and all above it, the city first; nothing for a code that is no division."""
    found = [division]
    while parent := parent_of(found[0]):
        found.insert(0, parent)
    return found


async def narrowed(topic: Topic, *, key: str, division: str, on: date, base: Values | None = None) -> dict[str, Value]:
    """Return the values that hold in a division on a day: the base, narrowed by every level above and by its own.

    `base` is the city's own; without it, what the topic says of the key. One query. Never wider than any level above.
    """
    chain = chain_of(division)
    found = await _levels(topic, chain, on, key=key)
    own = base if base is not None else topic.bases()[key].values
    return fold(topic.parameters, own, [found.get((code, key), {}) for code in chain])


async def held_in(topic: Topic, division: str, *, on: date) -> list[Held]:
    """Return all of a topic as a division has it, with where each value comes from."""
    chain = chain_of(division)
    found = await _levels(topic, chain, on)
    return [
        Held(key, base.text, tuple(_cell(p, key, base.values[p.name], chain, found) for p in topic.parameters))
        for key, base in topic.bases().items()
    ]


def _cell(
    parameter: Parameter, key: str, base: Value, chain: list[str], found: Mapping[tuple[str, str], _Level]
) -> Cell:
    value, origin, ignored = base, "", None
    for code in chain:
        own = found.get((code, key), {}).get(parameter.name)
        ignored = None
        if own is None:
            continue
        if is_wider(parameter, own, value):
            ignored = own if code == chain[-1] else None
        if (strict := narrower(parameter, value, own)) != value:
            value, origin = strict, code
    return Cell(parameter, value, origin, ignored)


async def above(topic: Topic, key: str, parameter: Parameter, division: str, *, on: date) -> Value:
    """Return what a division inherits: the value in the area above it, for the city the base."""
    parent = parent_of(division)
    base = topic.bases()[key].values
    held = await narrowed(topic, key=key, division=parent, on=on) if parent else dict(base)
    return held[parameter.name]


async def ignored_policies(*, on: date, area: Area | None = None) -> list[Ignored]:
    """Return the values in force on a day that do not hold, because an area above is stricter by now."""
    found = []
    for topic in topics().values():
        rows = everywhere(DivisionPolicy).filter(topic=topic.name)
        for row in await _in_force(area.bind(rows) if area else rows, on):
            if row.value is None or not is_known(row):
                continue
            parameter = topic.parameter(row.parameter)
            inherited = await above(topic, row.key, parameter, row.division, on=on)
            if is_wider(parameter, row.value, inherited):
                found.append(Ignored(topic, row, inherited))
    return found


def is_known(row: DivisionPolicy) -> bool:
    """Tell whether what a row is about is still there: kinds and parameters come and go with the program's data."""
    topic = topics().get(row.topic)
    return topic is not None and row.key in topic.bases() and row.parameter in {p.name for p in topic.parameters}


async def policies_of_area(staff: Staff) -> list[DivisionPolicy]:
    """Return what the area of a member of staff has proposed and decided: what waits first, then the newest."""
    mine = area_of(staff).bind(DivisionPolicy.all())
    waiting = await mine.filter(state="proposed").order_by("made_at").limit(MOST_SHOWN)
    return [*waiting, *await mine.exclude(state="proposed").order_by("-made_at").limit(MOST_SHOWN)]


async def _levels(topic: Topic, chain: Iterable[str], on: date, *, key: str = "") -> dict[tuple[str, str], _Level]:
    """Return what is set on the way down, by division and key; levels above the reader's area bind her, too."""
    rows = everywhere(DivisionPolicy).filter(topic=topic.name, division__in=list(chain))
    found: dict[tuple[str, str], _Level] = {}
    for row in await _in_force(rows.filter(key=key) if key else rows, on):
        if row.value is not None:
            found.setdefault((row.division, row.key), {})[row.parameter] = row.value
    return found


async def _in_force(rows: QuerySet[DivisionPolicy], on: date) -> list[DivisionPolicy]:
    """Return for each thing the newest approved value that has begun; of one day, the one approved last."""
    begun = rows.filter(state="approved", in_force_from__lte=on).order_by("in_force_from", "decided_at", "id")
    newest = {(row.division, row.topic, row.key, row.parameter): row for row in await begun}
    return list(newest.values())
