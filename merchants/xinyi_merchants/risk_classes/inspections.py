"""Inspections come by spreadsheet from the authority: every row checked, all of them or none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.risk_classes.gathering import KINDS
from xinyi_merchants.risk_classes.models import Inspection
from xinyi_merchants.risk_classes.recomputing import mark_stale
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import Unprocessable
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.spreadsheets import FORMULA_STARTS, SheetUnreadable, column_places, read_cells, text_of
from xinyi_platform.tenancy import area_of

COLUMNS = ("统一社会信用代码", "检查日期", "类别", "结果", "检查机关", "文书号")
KIND_NAMES: dict[str, str] = {
    "综合": "general", "食品": "food", "药品": "medicine", "消防": "fire", "产品质量": "quality",
}  # fmt: skip
RESULTS = {"合格": True, "不合格": False}
MOST_ROWS = 20_000
_MOST_ERRORS = 50


class InspectionsRefused(Unprocessable):
    """Rows are wrong, and nothing was imported. Values: `zh`, `en`, `errors`."""

    code = "inspections_refused"
    text = Text("表格有误,未导入任何一行。{zh}", "Rows are wrong, and nothing was imported. {en}")


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    uscc: str
    day: date
    kind: str
    has_passed: bool
    authority: str
    document_no: str


async def import_inspections(content: bytes, filename: str, staff: Staff, *, now: datetime) -> int:
    """Import a sheet of inspections of shops in the staff's area. Returns how many are new; the same document number
    of the same authority is imported once.

    Raises SheetUnreadable and InspectionsRefused (422).
    """
    cells = read_cells(content, filename)
    if not 2 <= len(cells) <= MOST_ROWS + 1:
        raise SheetUnreadable(zh=f"应有1–{MOST_ROWS}行。", en=f"it needs 1 to {MOST_ROWS} rows.")
    places = column_places(cells[0], COLUMNS)
    lines = [
        (number, [text_of(line[place]) if place < len(line) else "" for place in places])
        for number, line in enumerate(cells[1:], 2)
    ]
    rows, errors = _read([line for line in lines if any(line[1])], local_date(now))
    shops = await _shops_of(rows, staff)
    errors += [
        (row.number, Text("辖区内没有该商户。", "there is no such shop in your area."))
        for row in rows
        if row.uscc not in shops
    ]
    if errors:
        raise _refusal(errors)
    return await _keep(rows, shops, staff, now)


def _refusal(errors: list[tuple[int, Text]]) -> InspectionsRefused:
    shown = sorted(errors, key=lambda error: error[0])[:_MOST_ERRORS]
    zh = " ".join(f"第{number}行:{text.zh}" for number, text in shown)
    en = " ".join(f"Row {number}: {text.en}" for number, text in shown)
    return InspectionsRefused(zh=zh, en=en, errors=len(errors))


def _read(lines: list[tuple[int, list[str]]], today: date) -> tuple[list[_Row], list[tuple[int, Text]]]:
    rows, errors = [], []
    for number, (uscc, day, kind, result, authority, document_no) in lines:
        found = _day(day)
        if found is None or found > today:
            errors.append((number, Text("检查日期有误。", "the day is wrong or lies ahead.")))
        elif KIND_NAMES.get(kind, kind) not in KINDS:
            errors.append((number, Text(f"类别应为{'、'.join(KIND_NAMES)}。", "the kind is not known.")))
        elif result not in RESULTS:
            errors.append((number, Text("结果应为合格或不合格。", "the result is 合格 or 不合格.")))
        elif not all(_is_plain(text) for text in (authority, document_no)):
            errors.append(
                (number, Text("检查机关和文书号各应为1–80个字符。", "authority and number: 1 to 80 characters."))
            )
        else:
            kind = KIND_NAMES.get(kind, kind)
            rows.append(_Row(number, uscc.upper(), found, kind, RESULTS[result], authority, document_no))
    return rows, errors


def _is_plain(text: str) -> bool:
    return 1 <= len(text) <= 80 and not text.startswith(FORMULA_STARTS)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10].replace("/", "-"))
    except ValueError:
        return None


async def _shops_of(rows: list[_Row], staff: Staff) -> dict[str, UUID]:
    found = area_of(staff).bind(Merchant.filter(uscc__in=list({row.uscc for row in rows})))
    return dict(await found.values_list("uscc", "id"))


async def count_inspections(merchant_ids: Collection[UUID], first: date, last: date) -> dict[UUID, tuple[int, int]]:
    """Count inspections of a period, both days included, and how many were passed; who had none is not in it."""
    found: dict[UUID, tuple[int, int]] = {}
    rows = Inspection.filter(merchant_id__in=list(merchant_ids), day__gte=first, day__lte=last)
    for merchant_id, has_passed in await rows.values_list("merchant_id", "has_passed"):
        done, passed = found.get(merchant_id, (0, 0))
        found[merchant_id] = (done + 1, passed + has_passed)
    return found


async def _keep(rows: list[_Row], shops: dict[str, UUID], staff: Staff, now: datetime) -> int:
    made = [
        {
            "id": new_id(), "merchant_id": shops[row.uscc], "day": row.day, "kind": row.kind,
            "has_passed": row.has_passed, "authority": row.authority, "document_no": row.document_no, "created_at": now,
        }
        for row in rows
    ]  # fmt: skip
    async with transaction():
        inserted = await bulk_insert(Inspection, made, skip_conflicts=True)
        await mark_stale(sorted({shops[row.uscc] for row in rows}), at=now)
        await audit.record(
            "inspections.import", actor=staff.label, object_kind="division", object_id=staff.division,
            detail={"rows": len(rows), "new": len(inserted)}, at=now,
        )  # fmt: skip
    return len(inserted)
