"""Bases of the structs that cross HTTP: requests refuse what they do not know, answers are frozen."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar.connection import Request as HttpRequest
from litestar.exceptions import ValidationException

_PLACE = re.compile(r"^(?P<message>.*?)(?: - at `\$\.?(?P<field>[^`]*)`)?$", re.DOTALL)


class Request(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A request's body. An unknown field is an error, so a misspelt option is never silently ignored."""


class Answer(msgspec.Struct, kw_only=True, frozen=True):
    """An answer's body."""


class StrictRequest(HttpRequest[Any, Any, Any]):
    """Reads a JSON body strictly into the struct that its route takes; the framework would take "80" for 80."""

    async def json(self) -> Any:
        """Return the body as the route's struct. Raises ValidationException (400), naming the field."""
        field = self.route_handler.parsed_data_field
        wanted = field.annotation if field else None
        if not (isinstance(wanted, type) and issubclass(wanted, Request)):
            return await super().json()
        try:
            return msgspec.json.decode(await self.body(), type=wanted)
        except msgspec.ValidationError as error:
            found = _PLACE.match(str(error))
            row = {"key": found["field"] or "" if found else "", "message": found["message"] if found else str(error)}
            raise ValidationException(extra=[row]) from error
        except msgspec.DecodeError as error:
            raise ValidationException from error
