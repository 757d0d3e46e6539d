"""The package that is filed at 信用中国: the listing, the commitment, what was done, the papers, and their digests."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from xinyi_merchants.registry.pages import read_picture
from xinyi_platform import audit
from xinyi_platform.clock import SHANGHAI, local_date
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.states import SHOWN
from xinyi_rewards.honor_lists.subjects import IDENTITY_FIELD, NAME_FIELD
from xinyi_rewards.repairs.errors import PackageClosed
from xinyi_rewards.repairs.looking import record_looks
from xinyi_rewards.repairs.models import RepairPaper, RepairRequest
from xinyi_rewards.repairs.policy import repair_policy
from xinyi_rewards.repairs.states import OPEN


def may_export(row: RepairRequest, entry: HonorEntry) -> bool:
    """Tell whether staff may take the package: while there is something to file, and a listing to end."""
    return row.state in OPEN and entry.state in SHOWN


async def export_for_filing(runtime: Runtime, row: RepairRequest, staff: Staff, *, at: datetime) -> bytes:
    """Return the package for staff who file on the subject's behalf; that it left is on her entry's trail.

    Raises PackageClosed (409) once the request or the listing is over.
    """
    entry = await everywhere(HonorEntry).get(id=row.entry_id)
    if not may_export(row, entry):
        raise PackageClosed
    package = await export_package(runtime, row, actor=staff.label, at=at)
    await record_looks(staff, [entry.id], "repair_export", at=at, request=str(row.id))
    return package


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """A part of the runtime: `lines` names the trainings that a request's subject attended, with certificates."""

    lines: Callable[[RepairRequest], Awaitable[list[str]]]


async def export_package(runtime: Runtime, row: RepairRequest, *, actor: str, at: datetime) -> bytes:
    """Return a ZIP of `request.json`, a readable text, the papers and `SHA256SUMS`; the export is on record."""
    entry = await everywhere(HonorEntry).get(id=row.entry_id)
    document = _document(runtime, entry, row)
    if attended := await runtime.part(TrainingRecord).lines(row):
        document["修复培训"] = attended
    files = {
        "request.json": msgspec.json.format(msgspec.json.encode(document), indent=2),
        "信用修复申请.txt": _readable(document).encode(),
    }
    for paper in await RepairPaper.filter(request_id=row.id).order_by("place"):
        files[f"papers/{paper.place}.jpg"] = await read_picture(runtime, paper.file_id)
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    await audit.record(
        "repair_request.export", actor=actor, object_kind="repair_request", object_id=row.id,
        detail={"files": len(files)}, at=at,
    )  # fmt: skip
    return _zipped({**files, "SHA256SUMS": sums.encode()}, at)


def _document(runtime: Runtime, entry: HonorEntry, row: RepairRequest) -> dict[str, str | list[str]]:
    kind = kind_of(entry.kind)
    return {
        "名称": runtime.keys.decrypt(entry.name_cipher, field=NAME_FIELD),
        "证件号": runtime.keys.decrypt(entry.identity_cipher, field=IDENTITY_FIELD),
        "名单": kind.name_zh,
        "认定机关": entry.authority,
        "文书号": entry.document_no,
        "法律依据": entry.legal_basis,
        "认定事实": entry.deed,
        "认定日期": str(entry.determined_on),
        "最短公示期届满": str(entry.repairable_from),
        "整改情况": row.statement,
        "信用承诺": repair_policy().commitment.zh,
        "承诺版本": row.commitment_version,
        "提交日期": str(local_date(row.filed_at)),
        "补正日期": str(local_date(row.refiled_at)) if row.refiled_at else "",
    }


def _readable(document: dict[str, str | list[str]]) -> str:
    lines = ["信用修复申请", ""]
    for name, value in document.items():
        if isinstance(value, list):
            lines += [f"{name}:", *(f"  {place}. {clause}" for place, clause in enumerate(value, 1))]
        else:
            lines.append(f"{name}:{value}")
    return "\n".join(lines) + "\n"


def _zipped(files: dict[str, bytes], at: datetime) -> bytes:
    out, moment = io.BytesIO(), at.astimezone(SHANGHAI).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(zipfile.ZipInfo(name, date_time=moment), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
