"""Change a shop's facts: its own people at once or by proposal, the community by confirming, staff its status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_merchants.registry.checking import (
    OWN,
    TO_CONFIRM,
    Value,
    check_dates,
    read_field,
    read_fields,
    values_of,
    written,
)
from xinyi_merchants.registry.errors import (
    ChangeDecided,
    ChangeOutdated,
    ChangeWaiting,
    CodeTaken,
    NothingChanged,
    OwnChange,
    StatusChanged,
)
from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_merchants.registry.history import STATUSES, Maker, change_row, differences, enter_change, lock_merchant
from xinyi_merchants.registry.listing import merchant_of_area
from xinyi_merchants.registry.models import Merchant, MerchantChange
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.files import store_picture
from xinyi_platform.identity import account_views
from xinyi_platform.principals import Operator, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of, everywhere


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of an edit: fields that changed at once, and fields that wait for the community."""

    changed: tuple[str, ...]
    proposed: tuple[str, ...]


async def edit_shop(
    runtime: Runtime, merchant_id: UUID, given: Mapping[str, str], *, operator: Operator, now: datetime
) -> Edited:
    """Change a shop's facts as its own people typed them; fields that are not given stay.

    Address, phone and dates change at once; code, name, trade and community are proposed. Raises InvalidField (400),
    NothingChanged, ChangeWaiting and CodeTaken (409); then nothing is changed at all.
    """
    held = values_of(await Merchant.get(id=merchant_id))
    typed = {name: text for name, text in given.items() if text.strip() != written(held[name])}
    values = read_fields(typed, today=local_date(now))
    person = (await account_views([operator.id]))[operator.id].person
    async with transaction():
        merchant = await lock_merchant(merchant_id)
        before, after = differences(merchant, values, OWN)
        old, new = differences(merchant, values, TO_CONFIRM)
        if not after and not new:
            raise NothingChanged
        check_dates(values.get("licence_date", merchant.licence_date), values.get("opened_on", merchant.opened_on))
        who = Maker("portal", operator.label, person)
        if new:
            await _propose(merchant, old, new, who, now)
        if after:
            await Merchant.filter(id=merchant.id).update(**after, changed_at=now)
            await enter_change(change_row(merchant, before, after, who, at=now))
            await _record("changed", merchant.id, operator.label, sorted(after), now)
            await runtime.events.publish(MerchantChanged(merchant.id))
    return Edited(tuple(after), tuple(new))


async def _propose(
    merchant: Merchant, old: Mapping[str, Value], new: Mapping[str, Value], who: Maker, now: datetime
) -> None:
    if "uscc" in new and await everywhere(Merchant).filter(uscc=new["uscc"]).exists():
        raise CodeTaken
    if not await enter_change(change_row(merchant, old, new, who, at=now, is_proposal=True)):
        raise ChangeWaiting
    await _record("change_proposed", merchant.id, who.label, sorted(new), now)


async def withdraw_change(change_id: UUID, merchant_id: UUID, *, actor: str, now: datetime) -> None:
    """Take one's own shop's proposal back. Raises NotFound (404) and ChangeDecided (409)."""
    row = await MerchantChange.get_or_none(id=change_id, merchant_id=merchant_id)
    if row is None:
        raise NotFound
    async with transaction():
        if not await MerchantChange.filter(id=row.id, state="proposed").update(state="withdrawn", slot=str(row.id)):
            raise ChangeDecided
        await _record("change_withdrawn", merchant_id, actor, sorted(row.after), now)


async def decide_change(
    runtime: Runtime, change_id: UUID, staff: Staff, *, is_confirmed: bool, reason: str, now: datetime
) -> MerchantChange:
    """Confirm or decline what a shop proposed, once; declining needs the reason, which the shop reads.

    Raises NotFound (404, also outside the area), OwnChange (403), InvalidField (400), ChangeDecided, ChangeOutdated
    and CodeTaken (409).
    """
    row = await area_of(staff).bind(MerchantChange.filter(id=change_id)).first()
    if row is None or row.state == "done":
        raise NotFound
    if row.maker_person == staff.person:
        raise OwnChange
    reason = checked_reason(reason, is_needed=not is_confirmed)
    state = "confirmed" if is_confirmed else "declined"
    async with transaction():
        decided = {"decider": staff.label, "decider_person": staff.person, "decided_at": now, "reason": reason}
        waiting = MerchantChange.filter(id=row.id, state="proposed")
        if not await waiting.update(state=state, slot=str(row.id), **decided):
            raise ChangeDecided
        if is_confirmed:
            await _apply(row, now)
            await runtime.events.publish(MerchantChanged(row.merchant_id))
        await _record(f"change_{state}", row.merchant_id, staff.label, sorted(row.after), now)
    return await MerchantChange.get(id=row.id)


async def _apply(row: MerchantChange, now: datetime) -> None:
    merchant = await lock_merchant(row.merchant_id)
    if any(written(getattr(merchant, name)) != was for name, was in row.before.items()):
        raise ChangeOutdated
    values = {name: read_field(name, text, today=local_date(now)) for name, text in row.after.items()}
    try:
        async with transaction():
            await everywhere(Merchant).filter(id=merchant.id).update(**values, changed_at=now)
    except IntegrityError as error:
        raise CodeTaken from error


async def set_status(
    runtime: Runtime, merchant_id: UUID, staff: Staff, *, status: str, reason: str, now: datetime
) -> None:
    """Close, revoke or reopen a shop of the area, with the reason, which its public page tells.

    Raises NotFound (404, also outside the area), InvalidField (400) and StatusChanged (409).
    """
    await merchant_of_area(merchant_id, staff)
    if status not in STATUSES:
        raise InvalidField(field="status", zh="请选择状态。", en="Choose a status.")
    reason = checked_reason(reason, is_needed=True)
    async with transaction():
        merchant = await lock_merchant(merchant_id)
        if merchant.status == status:
            raise StatusChanged
        told = "" if status == "open" else reason
        await Merchant.filter(id=merchant.id).update(status=status, status_reason=told, changed_at=now)
        who = Maker("console", staff.label, staff.person)
        was, now_is = {"status": merchant.status}, {"status": status}
        await enter_change(change_row(merchant, was, now_is, who, at=now, reason=reason))
        await _record(f"status_{status}", merchant.id, staff.label, ["status"], now)
        await runtime.events.publish(MerchantChanged(merchant.id))


async def set_picture(runtime: Runtime, merchant_id: UUID, data: bytes, *, actor: str, now: datetime) -> None:
    """Give the shop a new picture. Raises InvalidPicture (422) and PictureTooLarge (413)."""
    stored = await store_picture(
        runtime.files, data, owner=f"merchant:{merchant_id}", purpose="merchant.picture", now=now
    )
    async with transaction():
        merchant = await lock_merchant(merchant_id)
        was, now_is = {"picture": str(merchant.picture_id or "")}, {"picture": str(stored.id)}
        await Merchant.filter(id=merchant_id).update(picture_id=stored.id, changed_at=now)
        await enter_change(change_row(merchant, was, now_is, Maker("portal", actor), at=now))
        await audit.record(
            "merchant.picture_changed",
            actor=actor,
            object_kind="merchant",
            object_id=merchant_id,
            detail={"digest": stored.digest},
            at=now,
        )
        await runtime.events.publish(MerchantChanged(merchant_id))


def checked_reason(reason: str, *, is_needed: bool) -> str:
    """Return a reason without spaces around. Raises InvalidField (400)."""
    reason = " ".join(reason.split())
    if len(reason) > 200 or (is_needed and len(reason) < 2) or not reason.isprintable():
        raise InvalidField(field="reason", zh="请用2–200字说明理由。", en="Give the reason in 2 to 200 characters.")
    return reason


async def _record(act: str, merchant_id: UUID, actor: str, names: list[str], at: datetime) -> None:
    """Write the act and the names of the fields down; what they were stands in the history, not on the trail."""
    await audit.record(
        f"merchant.{act}", actor=actor, object_kind="merchant", object_id=merchant_id, detail={"fields": names}, at=at
    )
