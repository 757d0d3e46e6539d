"""Examples of what a requirement type says of facts: its author gives them, `scenario test` and the kit try them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from xinyi_scenarios.requirements.checking import Outcome


@dataclass(frozen=True, slots=True)
class Example:
    """With these arguments and facts the type comes to this outcome. `label` says in a few words what is tried."""

    facts: Mapping[str, Any]
    outcome: Outcome
    arguments: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""


@runtime_checkable
class HasBoundaries(Protocol):
    """A requirement type that knows what lies on either side of each of its arguments."""

    def boundaries(self, args: Any, at: datetime) -> Iterable[Example]: ...
