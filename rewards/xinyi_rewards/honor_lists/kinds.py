"""The kinds of lists, as dated policy in data (`kinds.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_platform.principals import Role


class ListKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind. A kind without a legal basis cannot be loaded. `notice_days`: between approval and publication.

    `reviews`: by how many persons other than the maker it is approved. `makers` and `reviewers` are roles; `browse`
    says whose entries can be paged through, `shows` what of an entry beside the name is public. Lists of it are made
    from `from_day` to `to_day`, both included.
    """

    slug: str
    colour: str
    name_zh: str
    name_en: str
    criteria_zh: str
    criteria_en: str
    unit_zh: str
    unit_en: str
    legal_basis: str
    notice_days: int
    objection_days: int
    validity_days: int
    subjects: Literal["resident", "merchant", "any"]
    makers: list[Role]
    reviewers: list[Role]
    browse: Literal["all", "merchants"]
    shows: list[Literal["number", "deed"]]
    from_day: date
    to_day: date | None = None
    reviews: int = 1

    def __post_init__(self) -> None:
        if not self.makers or not self.reviewers:
            raise ValueError(f"list kind {self.slug} has nobody who makes or reviews it")
        if self.colour == "black" and self.makers != [Role.CREDIT_OFFICE]:
            raise ValueError(f"list kind {self.slug} mirrors decisions: only the credit office enters them")
        if not self.legal_basis.strip():
            raise ValueError(f"list kind {self.slug} has no legal basis")
        if self.reviews < 1:
            raise ValueError(f"list kind {self.slug} is published without a review")

    def is_made_on(self, day: date) -> bool:
        return self.from_day <= day and (self.to_day is None or day <= self.to_day)

    def may_make(self, roles: Collection[Role]) -> bool:
        return not set(self.makers).isdisjoint(roles)

    def may_review(self, roles: Collection[Role]) -> bool:
        return not set(self.reviewers).isdisjoint(roles)

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)

    @property
    def criteria(self) -> Text:
        return Text(self.criteria_zh, self.criteria_en)

    @property
    def unit(self) -> Text:
        return Text(self.unit_zh, self.unit_en)


@cache
def list_kinds() -> dict[str, ListKind]:
    """Return all kinds by slug, in the order of the file."""
    text = files("xinyi_rewards.honor_lists").joinpath("kinds.toml").read_text(encoding="utf-8")
    kinds = msgspec.convert(tomllib.loads(text)["kind"], list[ListKind])
    return {kind.slug: kind for kind in kinds}


def kind_of(slug: str) -> ListKind:
    """Return one kind. Raises NotFound (404)."""
    kind = list_kinds().get(slug)
    if kind is None:
        raise NotFound
    return kind


def black_kinds() -> list[ListKind]:
    """Return the kinds that mirror decisions of authorities."""
    return [kind for kind in list_kinds().values() if kind.colour == "black"]


def red_kinds() -> list[ListKind]:
    """Return the kinds that are made here."""
    return [kind for kind in list_kinds().values() if kind.colour == "red"]
