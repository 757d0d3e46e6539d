"""File a complaint: check what was said, keep the pictures, give a number and the days by which things happen."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from xinyi_merchants.complaints.deadlines import days_at_filing
from xinyi_merchants.complaints.errors import AlreadyFiled, ComplaintChanged, TooManyPictures
from xinyi_merchants.complaints.models import Complaint, ComplaintPicture, ComplaintStep
from xinyi_merchants.complaints.states import CATEGORIES, KINDS
from xinyi_merchants.registry.finding import MerchantFacts
from xinyi_platform import audit, outbox
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField
from xinyi_platform.files import StoredFile
from xinyi_platform.files.storing import clean_picture
from xinyi_platform.ids import new_id, new_public_code
from xinyi_platform.keys import KeyRing
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer

MOST_PICTURES = 4
MOST_PICTURE_BYTES = 21_000_000
"""The largest form: four pictures of 5 MB and the words."""
MOST_A_DAY = 10
PHONE_FIELD = "complaint.phone"
_PHONE = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What somebody complains of."""

    category: str
    text: str
    wish: str
    phone: str
    kind: str = "complaint"
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
    if filing.kind not in KINDS:
        raise InvalidField(field="kind", zh="请选择投诉或举报。", en="Choose complaint or report.")
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
    return {
        "id": new_id(),
        "number": new_public_code(),
        "kind": filing.kind,
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
        **days_at_filing(local_date(at)),
        "paused_on": None,
        "reply_by": None,
        "asked": 0,
        "reopened": 0,
        "answered_in_time": None,
        "resolved_at": None,
        "shared_at": None,
        "reminded": 0,
        "escalated_state": "",
        "open_key": None,
        "satisfied": None,
        "official_number": "",
        "is_malicious": False,
        "created_at": at,
        "changed_at": at,
    }


async def file_complaint(
    runtime: Runtime, shop: MerchantFacts, filing: Filing, pictures: Sequence[bytes] = (), *, now: datetime
) -> Receipt:
    """File a complaint in one transaction. Nothing is kept of one that is refused, no picture either.

    Raises InvalidField (400), AlreadyFiled (409), TooManyPictures and InvalidPicture (422), PictureTooLarge (413),
    TooManyRequests (429).
    """
    checked(filing)
    if len(pictures) > MOST_PICTURES:
        raise TooManyPictures(most=MOST_PICTURES)
    row = complaint_row(runtime.keys, shop, filing, at=now)
    row["open_key"] = open_key(row)
    await limit(runtime.cache, f"complaint-phone:{row['phone_index']}", times=MOST_A_DAY, per_seconds=86_400)
    cleaned = [await asyncio.to_thread(clean_picture, data) for data in pictures]
    async with transaction():
        if not await bulk_insert(Complaint, [row], skip_conflicts=True):
            raise await _the_same(row)
        made = Complaint(**row)
        await _keep_pictures(runtime, made.id, cleaned, now)
        await _record_filing(made, filing, len(pictures), now)
    return receipt_of(made)


def body_of(filing: Filing, pictures: Sequence[bytes]) -> bytes:
    """Return what a repeated request must bring again, for its fingerprint: the words and the pictures' digests."""
    digests = [hashlib.sha256(data).hexdigest() for data in pictures]
    said = [filing.kind, filing.category, filing.text, filing.wish, filing.phone, filing.anonymous]
    return json.dumps([said, digests]).encode()


def open_key(row: Mapping[str, object]) -> str:
    """Return what makes two complaints the same: shop, kind, phone and words, spaces aside."""
    words = "".join(str(row["text"]).split())
    return hashlib.sha256(f"{row['merchant_id']}|{row['kind']}|{row['phone_index']}|{words}".encode()).hexdigest()


async def _the_same(row: Mapping[str, object]) -> ComplaintChanged | AlreadyFiled:
    held = await Complaint.get_or_none(open_key=row["open_key"])
    return AlreadyFiled(number=held.number) if held else ComplaintChanged()


async def _keep_pictures(
    runtime: Runtime, complaint_id: UUID, cleaned: Sequence[tuple[bytes, int, int]], now: datetime
) -> None:
    for place, (content, width, height) in enumerate(cleaned, 1):
        stored = await StoredFile.create(
            id=new_id(),
            digest=await asyncio.to_thread(runtime.files.write, content),
            purpose="complaint.picture",
            owner=f"complaint:{complaint_id}",
            size_bytes=len(content),
            width=width,
            height=height,
            created_at=now,
        )
        await ComplaintPicture.create(id=new_id(), complaint_id=complaint_id, file_id=stored.id, place=place)


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
    if filing.resident_id:
        payload = {"complaint": str(made.id), "number": made.number, "state": "submitted", "event": "submit"}
        await outbox.emit("complaint.submitted", payload, audience=f"resident:{filing.resident_id}", at=now)


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
