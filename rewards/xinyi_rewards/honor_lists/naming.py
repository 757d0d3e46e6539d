"""The form in which a person on a red list lets her name be published: masked, in full, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.language import Text
from xinyi_platform.masking import mask_name
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.states import SHOWN
from xinyi_rewards.honor_lists.subjects import NAME_FIELD

NameForm = Literal["masked", "full", "hidden"]
NAME_FORMS: dict[NameForm, Text] = {
    "masked": Text("隐去部分姓名(如王*丽)", "Masked (as in 王*丽)"),
    "full": Text("公开全名", "In full"),
    "hidden": Text("不公开姓名", "Not at all"),
}
NOT_SHOWN = "一位居民"
"""Stands for a name that its bearer does not want published."""


async def choose_name_form(runtime: Runtime, entry_id: UUID, resident_id: UUID, form: str, *, at: datetime) -> None:
    """Publish a name in another form from now on; masked until she chooses. As easy to take back as to give.

    Raises NotFound (404) for what is not hers, not on a red list, or over.
    Raises InvalidField (400) for another form. Source: 个人信息保护法 art. 14, 15, 25.
    """
    async with transaction():
        mine = HonorEntry.filter(
            id=entry_id, resident_id=resident_id, state__in=SHOWN, kind__startswith="red-", merchant_id=None
        )
        entry = await mine.first()
        if entry is None:
            raise NotFound
        name = runtime.keys.decrypt(entry.name_cipher, field=NAME_FIELD)
        shown = {"full": name, "masked": mask_name(name), "hidden": NOT_SHOWN}.get(form)
        if shown is None:
            raise InvalidField(field="form", zh="请选择公开方式。", en="Choose a form.")
        if not await mine.update(name_masked=shown, name_form=form, name_chosen_at=at):
            raise NotFound
        await audit.record(
            "honor_entry.name_form",
            actor=f"resident:{resident_id}",
            object_kind="honor_entry",
            object_id=entry_id,
            detail={"form": form},
            at=at,
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """What others see of an entry's subject. What she or the kind's policy keeps back is empty."""

    name: str
    identity_number: str
    deed: str


def shown_of(entry: HonorEntry) -> Shown:
    """Return what anybody sees of an entry's subject."""
    if entry.name_form == "hidden":
        return Shown(NOT_SHOWN, "", "")
    shows = kind_of(entry.kind).shows
    number, deed = entry.identity_masked, entry.deed
    return Shown(entry.name_masked, number if "number" in shows else "", deed if "deed" in shows else "")


def shown_to_receivers(entry: HonorEntry) -> Shown:
    """Return what is passed on to others: a consent to publish a name is none to pass it on in full."""
    shown = shown_of(entry)
    return replace(shown, name=mask_name(shown.name)) if entry.name_form == "full" else shown
