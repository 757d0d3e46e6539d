"""The package with which a complaint is handed over to 12315: all that was said, its pictures, and their digests.

The authority needs to know who complains (市场监督管理投诉举报处理办法: a complaint carries the complainant's real
contact), so the phone is in it; notes of staff are not. Every export stands in the complaint's steps.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime

import msgspec

from xinyi_merchants.complaints.acting import Actor, write_step
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.reading import Shown, picture_of, show, steps_of
from xinyi_merchants.registry.finding import uscc_of
from xinyi_platform import audit
from xinyi_platform.clock import SHANGHAI
from xinyi_platform.database import transaction
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime


async def export_package(runtime: Runtime, complaint: Complaint, staff: Staff, *, now: datetime) -> bytes:
    """Return a ZIP of `complaint.json`, a readable text, the pictures and `SHA256SUMS`; the export is recorded."""
    shown = await show(runtime, complaint)
    files = {"complaint.json": msgspec.json.format(msgspec.json.encode(await _document(shown)), indent=2)}
    files["投诉单.txt"] = _readable(shown).encode()
    for place, picture_id in enumerate(shown.pictures, 1):
        files[f"pictures/{place}.jpg"] = await picture_of(runtime, complaint, picture_id)
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    async with transaction():
        await write_step(complaint, "export", complaint.state, Actor("staff", staff.id), "", now)
        await audit.record(
            "complaint.export", actor=staff.label, object_kind="complaint", object_id=complaint.id,
            detail={"files": len(files)}, at=now,
        )  # fmt: skip
    return _zipped({**files, "SHA256SUMS": sums.encode()}, now)


async def _document(shown: Shown) -> dict[str, object]:
    row = shown.row
    return {
        "number": row.number,
        "kind": row.kind,
        "filed_at": row.created_at,
        "category": row.category,
        "text": row.text,
        "wish": row.wish,
        "complainant": {"phone": shown.phone, "unknown_to_merchant": row.anonymous or row.kind == "report"},
        "merchant": {"uscc": await uscc_of(row.merchant_id), "name": shown.shop.name, "address": shown.shop.address},
        "state": row.state,
        "answered_in_time": row.answered_in_time,
        "steps": [
            {"at": step.at, "by": step.actor_kind, "event": step.event, "state": step.state, "text": step.text}
            for step in await steps_of(row.id)
        ],
        "pictures": len(shown.pictures),
    }


def _readable(shown: Shown) -> str:
    row = shown.row
    lines = [
        f"{shown.kind.zh}单 {row.number}",
        f"提交时间:{row.created_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        f"联系电话:{shown.phone}" + ("(不向商户透露)" if row.anonymous or row.kind == "report" else ""),
        f"商户:{shown.shop.name},{shown.shop.address}",
        f"类型:{shown.category.zh}",
        f"经过:{row.text}",
        f"诉求:{row.wish or '无'}",
        "",
        "处理过程:",
    ]
    lines += [
        f"{line['at'].astimezone(SHANGHAI):%Y-%m-%d %H:%M} {line['title'].zh} {line['text']}".rstrip()
        for line in shown.timeline
    ]
    return "\n".join(lines) + "\n"


def _zipped(files: dict[str, bytes], now: datetime) -> bytes:
    out, moment = io.BytesIO(), now.astimezone(SHANGHAI).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(zipfile.ZipInfo(name, date_time=moment), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
