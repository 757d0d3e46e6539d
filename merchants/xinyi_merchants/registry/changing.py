"""Change a merchant's public facts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_merchants.registry.models import Merchant
from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.files import store_picture
from xinyi_platform.runtime import Runtime


async def set_picture(runtime: Runtime, merchant_id: UUID, data: bytes, *, actor: str, now: datetime) -> None:
    """Give the shop a new picture. Raises InvalidPicture (422) and PictureTooLarge (413)."""
    stored = await store_picture(
        runtime.files, data, owner=f"merchant:{merchant_id}", purpose="merchant.picture", now=now
    )
    async with transaction():
        await Merchant.filter(id=merchant_id).update(picture_id=stored.id, changed_at=now)
        await audit.record(
            "merchant.picture_changed",
            actor=actor,
            object_kind="merchant",
            object_id=merchant_id,
            detail={"digest": stored.digest},
            at=now,
        )
        await runtime.events.publish(MerchantChanged(merchant_id))
