"""A shop asks to be entered into the registry: checked, kept once, and followed by a link of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from xinyi_merchants.operators.inviting import checked_name, digest_of
from xinyi_merchants.registry.checking import read_fields
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.sign_ups.errors import AppliedAlready, RegisteredAlready
from xinyi_merchants.sign_ups.models import MerchantApplication
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.language import Text

CONTACT_FIELD = "application.contact"
ASKED = ("uscc", "name", "trade", "division", "address", "phone", "licence_date")
STATES: dict[str, Text] = {
    "waiting": Text("等待社区核实", "Waits for the community"),
    "confirmed": Text("已入驻", "Registered"),
    "declined": Text("未通过", "Declined"),
}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{40,64}")


@dataclass(frozen=True, slots=True)
class Applied:
    """A shop's words: its facts as typed, who asks, and the secret of the link that the form was given."""

    facts: Mapping[str, str]
    contact: str
    token: str


async def file_application(keys: KeyRing, applied: Applied, *, now: datetime) -> None:
    """Keep an application. Sending the same form again is answered as the first time, and kept once.

    Raises InvalidField (400), RegisteredAlready and AppliedAlready (409).
    """
    if not _TOKEN.fullmatch(applied.token):
        raise InvalidField(field="token", zh="页面已过期,请刷新后重填。", en="The page is too old; reload it.")
    values = read_fields({name: applied.facts.get(name, "") for name in ASKED}, today=local_date(now))
    contact, digest = checked_name(applied.contact), digest_of(applied.token)
    row: dict[str, object] = {
        "id": new_id(), **values, "slot": "open", "contact_cipher": keys.encrypt(contact, field=CONTACT_FIELD),
        "digest": digest, "state": "waiting", "made_at": now, "reason": "",
    }  # fmt: skip
    async with transaction():
        if await MerchantApplication.exists(digest=digest):
            return
        if await Merchant.exists(uscc=values["uscc"]):
            raise RegisteredAlready
        if await bulk_insert(MerchantApplication, [row], skip_conflicts=True):
            await _record(row, now)
        elif not await MerchantApplication.exists(digest=digest):
            raise AppliedAlready


async def application_of(token: str) -> MerchantApplication:
    """Return the application behind an applicant's link. Raises NotFound (404)."""
    row = await MerchantApplication.get_or_none(digest=digest_of(token))
    if row is None:
        raise NotFound
    return row


def contact_of(keys: KeyRing, row: MerchantApplication) -> str:
    """Return who asked."""
    return keys.decrypt(row.contact_cipher, field=CONTACT_FIELD)


async def _record(row: dict[str, object], now: datetime) -> None:
    await audit.record(
        "merchant_application.filed",
        actor="anyone",
        object_kind="merchant_application",
        object_id=str(row["id"]),
        detail={"division": row["division"]},
        at=now,
    )
