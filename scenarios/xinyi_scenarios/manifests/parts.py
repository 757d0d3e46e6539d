"""What every part of a manifest is made of: strict tables, and texts in both languages."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from xinyi_platform.language import Text

Fen = Annotated[int, Meta(ge=0, le=100_000_000)]
Short = Annotated[str, Meta(min_length=1, max_length=40)]
Long = Annotated[str, Meta(min_length=1, max_length=600)]
Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Days = Annotated[int, Meta(ge=1, le=366)]
Division = Annotated[str, Meta(pattern=r"^\d{6}(\d{3}(\d{3})?)?$")]
ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ClosingTime = Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Weekday = Annotated[int, Meta(ge=1, le=7)]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of a manifest's tables. Unknown keys are errors, so a misspelt rule is never silently off."""


class Sentence(Part, kw_only=True, frozen=True):
    """A text in both languages."""

    zh: Long
    en: Long

    @property
    def text(self) -> Text:
        return Text(self.zh, self.en)
