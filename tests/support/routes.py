"""Every route of the application, with who may call it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from litestar import Litestar
from litestar.routes import HTTPRoute

from xinyi_platform.principals import Allow, Anyone

_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")


@dataclass(frozen=True)
class Route:
    """One path and method. `guards` are the guards of all its layers."""

    path: str
    method: str
    guards: tuple[Allow, ...]
    handler: Any

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_public(self) -> bool:
        return any(Anyone in guard.kinds for guard in self.guards)

    @property
    def parameters(self) -> dict[str, str]:
        """Return the names of the parameters in the path with their kinds."""
        return dict(_PARAMETER.findall(self.path))

    def fill(self, **values: object) -> str:
        """Return a path with the values given, and with those of nobody's objects for the rest."""
        nobodys = {"uuid": str(uuid4()), "str": "nobody", "path": "nothing", "int": "1"}
        return _PARAMETER.sub(lambda found: str(values.get(found[1], nobodys[found[2]])), self.path)


def routes_of(app: Litestar) -> Iterator[Route]:
    """Yield every route but the framework's own answers to OPTIONS."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            guards = tuple(getattr(guard, "func", guard) for guard in handler.resolve_guards())
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                yield Route(route.path, method, guards, handler)
