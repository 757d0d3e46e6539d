"""Bases of the structs that cross HTTP: requests refuse what they do not know, answers are frozen."""

from __future__ import annotations

import msgspec


class Request(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A request's body. An unknown field is an error, so a misspelt option is never silently ignored."""


class Answer(msgspec.Struct, kw_only=True, frozen=True):
    """An answer's body."""
