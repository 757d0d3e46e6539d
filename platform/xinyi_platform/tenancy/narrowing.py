"""Policies that are inherited and narrowed: city → district → street → community, each as above or stricter.

Pure: what may be narrowed and in which direction, and the fold over the levels. What divisions have set is kept by
`division_policies`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from xinyi_platform.errors import InvalidField
from xinyi_platform.language import Text

Direction = Literal["at_least", "at_most", "subset_of"]
Value = int | list[str]
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value of a policy, and in which direction a part of the city may depart from the area above it.

    `least` and `most` are what any area may set, so that nobody narrows a thing out of existence by mistake.
    """

    name: str
    text: Text
    direction: Direction
    least: int = 0
    most: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """One thing of a topic that has policies (a kind of list, say): its name, and what holds in the whole city."""

    text: Text
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A field of policy with its parameters. `bases` returns the things it is set for, by key."""

    name: str
    text: Text
    parameters: tuple[Parameter, ...]
    bases: Callable[[], Mapping[str, Base]] = field(compare=False)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter. Raises InvalidField (400)."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise InvalidField(field="parameter", zh="请选择参数。", en="Choose a parameter.")


_TOPICS: dict[str, Topic] = {}


def register_topic(topic: Topic) -> None:
    """Let areas narrow a topic's policies; the same topic may be registered again, another one of its name may not."""
    if _TOPICS.setdefault(topic.name, topic) != topic:
        raise ValueError(f"two topics of policy are named {topic.name}")


def topics() -> dict[str, Topic]:
    """Return what areas may narrow, by name."""
    return dict(_TOPICS)


def is_wider(parameter: Parameter, value: Value, above: Value) -> bool:
    """Tell whether a value allows what the area above does not."""
    if isinstance(value, int) and isinstance(above, int):
        return value < above if parameter.direction == "at_least" else value > above
    return not set(_names(value)) <= set(_names(above))


def narrower(parameter: Parameter, above: Value, own: Value) -> Value:
    """Return what holds where the area above has one value and the area itself has set another: never the wider."""
    if isinstance(own, int) and isinstance(above, int):
        return max(own, above) if parameter.direction == "at_least" else min(own, above)
    return [name for name in _names(above) if name in _names(own)]


def fold(parameters: Iterable[Parameter], base: Values, levels: Iterable[Values]) -> dict[str, Value]:
    """Return the values that hold at the end of the levels, the widest level first."""
    held, known = dict(base), {parameter.name: parameter for parameter in parameters}
    for level in levels:
        for name, own in level.items():
            if name in known and name in held:
                held[name] = narrower(known[name], held[name], own)
    return held


def checked_value(parameter: Parameter, value: int | str | list[str]) -> Value:
    """Return a value as it is kept: a number in bounds, or names. Raises InvalidField (400)."""
    if parameter.direction == "subset_of":
        names = value if isinstance(value, list) else str(value).replace("、", ",").split(",")
        return sorted({name.strip() for name in names if name.strip()})
    text = str(value).strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1
    if not parameter.least <= number <= parameter.most:
        least, most = parameter.least, parameter.most
        raise InvalidField(
            field="value", zh=f"请填写{least}–{most}的整数。", en=f"Enter a number from {least} to {most}."
        )
    return number


def shown_value(value: Value | None) -> str:
    """Return a value as people read it."""
    if value is None:
        return "—"
    return str(value) if isinstance(value, int) else "、".join(value) or "—"


def _names(value: Value) -> list[str]:
    return value if isinstance(value, list) else [str(value)]
