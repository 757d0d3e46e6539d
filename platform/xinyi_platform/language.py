"""Texts in two languages, and which of them a caller reads: zh by default, en on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from litestar.connection import ASGIConnection

Language = Literal["zh", "en"]
LANGUAGE_COOKIE = "xinyi_lang"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages."""

    zh: str
    en: str

    def read(self, language: Language) -> str:
        """Return the sentence in one language."""
        return self.en if language == "en" else self.zh

    def format(self, **values: object) -> Text:
        """Return the sentence with its `{names}` filled in."""
        return Text(self.zh.format(**values), self.en.format(**values))


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """Return the caller's language: the page's switch (a cookie) first, then Accept-Language, then zh."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    if chosen in ("zh", "en"):
        return "en" if chosen == "en" else "zh"
    return preferred_language(connection.headers.get("accept-language", ""))


def preferred_language(accept_language: str) -> Language:
    """Pick zh or en from an Accept-Language header by its weights; zh where neither is named."""
    weights = {"zh": 0.0, "en": 0.0}
    for part in accept_language.split(","):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.split("-")[0].lower()
        if primary in weights:
            weights[primary] = max(weights[primary], _quality(parameter))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
