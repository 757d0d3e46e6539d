"""What an area may have stricter of a kind of list: more days of notice and to object, more reviewers."""

from __future__ import annotations

from datetime import date

import msgspec

from xinyi_platform.division_policies import Base, Parameter, Topic, narrowed
from xinyi_platform.language import Text
from xinyi_rewards.honor_lists.kinds import ListKind, list_kinds

PARAMETERS = (
    Parameter(name="notice_days", text=Text("公示天数", "Days of notice"), direction="at_least", most=90),
    Parameter(name="objection_days", text=Text("异议天数", "Days to object"), direction="at_least", most=90),
    Parameter(name="reviews", text=Text("复核人数", "Reviewers"), direction="at_least", least=1, most=5),
)


def _terms(kind: ListKind) -> dict[str, int | list[str]]:
    return {parameter.name: int(getattr(kind, parameter.name)) for parameter in PARAMETERS}


def _bases() -> dict[str, Base]:
    return {slug: Base(text=kind.name, values=_terms(kind)) for slug, kind in list_kinds().items()}


LIST_KINDS = Topic(name="list_kind", text=Text("名单种类", "Kinds of lists"), parameters=PARAMETERS, bases=_bases)


async def kind_in(kind: ListKind, division: str, *, on: date) -> ListKind:
    """Return a kind as a division has it on a day: as the city's, or stricter."""
    held = await narrowed(LIST_KINDS, key=kind.slug, division=division, on=on, base=_terms(kind))
    return msgspec.structs.replace(kind, **held)
