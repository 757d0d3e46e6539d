"""The community confirms a sign-up, which makes the shop and invites its owner at once, or declines it with reasons."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_merchants.operators.inviting import enter_invitation
from xinyi_merchants.registry.changing import checked_reason
from xinyi_merchants.registry.checking import values_of
from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_merchants.registry.history import Maker, change_row, enter_change
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.sign_ups.errors import ApplicationDecided, RegisteredAlready
from xinyi_merchants.sign_ups.filing import ASKED, contact_of
from xinyi_merchants.sign_ups.models import MerchantApplication
from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id, new_public_code
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of


async def applications_waiting(staff: Staff) -> list[MerchantApplication]:
    """Return what waits in the area, the oldest first."""
    area = area_of(staff).bind(MerchantApplication.filter(state="waiting"))
    return await area.order_by("id").limit(200)


async def decide_application(
    runtime: Runtime, application_id: UUID, staff: Staff, *, is_confirmed: bool, reason: str, now: datetime
) -> MerchantApplication:
    """Decide once. Confirmed, the shop exists and the applicant's own link invites its owner; declined, it tells why.

    Raises NotFound (404, also outside the area), InvalidField (400), ApplicationDecided and RegisteredAlready (409).
    """
    area = area_of(staff).bind(MerchantApplication.filter(id=application_id))
    row = await area.first()
    if row is None:
        raise NotFound
    reason = checked_reason(reason, is_needed=not is_confirmed)
    merchant_id = new_id() if is_confirmed else None
    state = "confirmed" if is_confirmed else "declined"
    async with transaction():
        decided = {"decided_by": staff.label, "decided_at": now, "reason": reason, "merchant_id": merchant_id}
        waiting = MerchantApplication.filter(id=row.id, state="waiting")
        if not await waiting.update(state=state, slot=str(row.id), **decided):
            raise ApplicationDecided
        if merchant_id:
            await _enter_shop(runtime, row, merchant_id, staff, now)
        await audit.record(
            f"merchant_application.{state}",
            actor=staff.label,
            object_kind="merchant_application",
            object_id=row.id,
            detail={"merchant": str(merchant_id or "")},
            at=now,
        )
    return await MerchantApplication.get(id=row.id)


async def _enter_shop(
    runtime: Runtime, row: MerchantApplication, merchant_id: UUID, staff: Staff, now: datetime
) -> None:
    facts = {name: getattr(row, name) for name in ASKED}
    shop = {
        **facts, "id": merchant_id, "code": new_public_code(), "status": "open", "status_reason": "",
        "created_at": now, "changed_at": now,
    }  # fmt: skip
    if not await bulk_insert(Merchant, [shop], skip_conflicts=True):
        raise RegisteredAlready
    merchant = await Merchant.get(id=merchant_id)
    after = {name: value for name, value in values_of(merchant).items() if value is not None}
    who = Maker("sign_up", staff.label, staff.person)
    await enter_change(change_row(merchant, {}, after, who, at=now))
    contact = contact_of(runtime.keys, row)
    await enter_invitation(
        runtime.keys, merchant_id, role="owner", invitee=contact, digest=row.digest, actor=staff.label, now=now
    )
    await runtime.events.publish(MerchantChanged(merchant_id))
