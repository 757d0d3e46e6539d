"""The base of what a form posts."""

from __future__ import annotations

import msgspec


class Form(msgspec.Struct, kw_only=True, frozen=True):
    """A form's fields. Unlike a JSON body it carries the form token, which the middleware has already checked."""

    csrf_token: str = msgspec.field(name="_csrf_token", default="")
