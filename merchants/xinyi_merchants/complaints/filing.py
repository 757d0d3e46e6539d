"""File a complaint: check what was said, keep the pictures, give a number and the days by which things happen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from xinyi_merchants.complaints.errors import TooManyPictures
from xinyi_merchants.complaints.models import Complaint, ComplaintPicture, ComplaintStep
from xinyi_merchants.complaints.states import ACCEPT_DAYS, ANSWER_DAYS, CATEGORIES, CLOSE_DAYS
from xinyi_merchants.registry.finding import MerchantFacts
from xinyi_platform import audit, outbox
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField
from xinyi_platform.files import store_picture
from xinyi_platform.ids import new_id, new_public_code
from xinyi_platform.keys import KeyRing
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.workdays import add_working_days

MOST_PICTURES = 4
PHONE_FIELD = "complaint.phone"
_PHONE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What somebody complains of."""

    category: str
    text: str
    wish: str
    phone: str
    anonymous: bool = False
    resident_id: UUID | None = None


class Receipt(Answer, kw_only=True, frozen=True):
    """What the complainant takes home."""

    id: UUID
    number: str
    state: str
    accept_by: date
    answer_by: date
    close_by: date


def checked(filing: Filing) -> Filing:
    """Return the filing when every field is right. Raises InvalidField (400)."""
    if filing.category not in CATEGORIES:
        raise InvalidField(field="category", zh="请选择投诉类型。", en="Choose what it is about.")
    if not 5 <= len(filing.text.strip()) <= 2_000:
        raise InvalidField(field="text", zh="请用5–2000字说明经过。", en="Say what happened in 5 to 2,000 characters.")
    if len(filing.wish.strip()) > 500:
        raise InvalidField(field="wish", zh="诉求不超过500字。", en="Your wish has at most 500 characters.")
    if not _PHONE.fullmatch(filing.phone):
        raise InvalidField(field="phone", zh="请填写11位手机号。", en="Enter an 11-digit mobile number.")
    return filing


def phone_index(keys: KeyRing, phone: str) -> str:
    """Return the blind index under which a visitor's phone is found."""
    return keys.blind_index(phone, field=PHONE_FIELD)


def complaint_row(keys: KeyRing, shop: MerchantFacts, filing: Filing, *, at: datetime) -> dict[str, Any]:
    """Return a new complaint as a row for an insert."""
    accept_by = add_working_days(local_date(at), ACCEPT_DAYS)
    return {
        "id": new_id(),
        "number": new_public_code(),
        "merchant_id": shop.id,
        "division": shop.division,
        "resident_id": filing.resident_id,
        "phone_cipher": keys.encrypt(filing.phone, field=PHONE_FIELD),
        "phone_index": phone_index(keys, filing.phone),
        "anonymous": filing.anonymous,
        "category": filing.category,
        "text": filing.text.strip(),
        "wish": filing.wish.strip(),
        "state": "submitted",
        "accept_by": accept_by,
        "answer_by": add_working_days(accept_by, ANSWER_DAYS),
        "close_by": add_working_days(accept_by, CLOSE_DAYS),
        "paused_on": None,
        "reopened": 0,
        "answered_in_time": None,
        "resolved_at": None,
        "reminded_state": "",
        "created_at": at,
        "changed_at": at,
    }


async def file_complaint(
    runtime: Runtime, shop: MerchantFacts, filing: Filing, pictures: Sequence[bytes] = (), *, now: datetime
) -> Receipt:
    """File a complaint in one transaction.

    Raises InvalidField (400), TooManyPictures and InvalidPicture (422), PictureTooLarge (413).
    """
    checked(filing)
    if len(pictures) > MOST_PICTURES:
        raise TooManyPictures(most=MOST_PICTURES)
    async with transaction():
        made = await Complaint.create(**complaint_row(runtime.keys, shop, filing, at=now))
        for place, data in enumerate(pictures, 1):
            stored = await store_picture(
                runtime.files, data, owner=f"complaint:{made.id}", purpose="complaint.picture", now=now
            )
            await ComplaintPicture.create(id=new_id(), complaint_id=made.id, file_id=stored.id, place=place)
        await _record_filing(made, filing, len(pictures), now)
    return receipt_of(made)


async def _record_filing(made: Complaint, filing: Filing, pictures: int, now: datetime) -> None:
    kind = "resident" if filing.resident_id else "visitor"
    await ComplaintStep.create(
        id=new_id(),
        complaint_id=made.id,
        event="submit",
        state="submitted",
        actor_kind=kind,
        actor_id=filing.resident_id,
        text="",
        at=now,
    )
    await audit.record(
        "complaint.submit",
        actor=f"resident:{filing.resident_id}" if filing.resident_id else "anyone",
        object_kind="complaint",
        object_id=made.id,
        detail={"merchant": str(made.merchant_id), "category": made.category, "pictures": pictures},
        at=now,
    )
    payload = {"complaint": str(made.id), "number": made.number, "state": "submitted", "event": "submit"}
    await outbox.emit("complaint.submitted", payload, audience=f"merchant:{made.merchant_id}", at=now)


def receipt_of(made: Complaint) -> Receipt:
    """Return a complaint's receipt."""
    return Receipt(
        id=made.id,
        number=made.number,
        state=made.state,
        accept_by=made.accept_by,
        answer_by=made.answer_by,
        close_by=made.close_by,
    )
