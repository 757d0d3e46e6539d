"""Import what was found elsewhere, vetoes or an agency's scores, from xlsx or csv: all rows or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from xinyi_merchants.evaluations.criteria import VETOES
from xinyi_merchants.evaluations.errors import EvaluationRowsRefused
from xinyi_merchants.evaluations.models import EvaluationFinding, EvaluationRound
from xinyi_merchants.evaluations.rounds import find_round, record
from xinyi_merchants.registry.models import Merchant
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.spreadsheets import SheetUnreadable, column_places, read_cells, text_of

COLUMNS: dict[str, tuple[str, ...]] = {
    "veto": ("统一社会信用代码", "否决事项"),
    "agency": ("统一社会信用代码", "评分"),
}
MOST_ROWS = 20_000
_SHOWN = 10
_CHUNK = 500
_VETO_OF = {text.zh: key for key, text in VETOES.items()}


async def import_findings(
    round_id: UUID, kind: str, staff: Staff, *, content: bytes, filename: str, at: datetime
) -> int:
    """Take a sheet in; a merchant's earlier row of that kind is replaced. Returns how many rows.

    Vetoes: code, and the veto in the criteria's words. Agency: code and a score from 0 to 100. Raises NotFound (404),
    InvalidField (400), SheetUnreadable and EvaluationRowsRefused (422).
    """
    row = await find_round(round_id)
    if kind not in COLUMNS:
        raise InvalidField(field="kind", zh="请选择表格种类。", en="Choose the kind of sheet.")
    lines = _lines(content, filename, COLUMNS[kind])
    shops = await _shops([line[0] for line in lines])
    errors, found = [], {}
    for number, line in enumerate(lines, 2):
        read = _finding(kind, line)
        if line[0] not in shops:
            read = Text("没有这个商户", "no such merchant")
        elif line[0] in found:
            read = Text("与前面的行重复", "the same merchant twice")
        if isinstance(read, Text):
            errors.append((number, read))
        else:
            found[line[0]] = {
                "id": new_id(), "round_id": row.id, "merchant_id": shops[line[0]], "kind": kind, **read,
            }  # fmt: skip
    if errors:
        raise _refused(errors)
    await _replace(row, kind, list(found.values()), staff, at)
    return len(found)


def _refused(errors: Sequence[tuple[int, Text]]) -> EvaluationRowsRefused:
    shown = errors[:_SHOWN]
    zh = ";".join(f"第{number}行{text.zh}" for number, text in shown)
    en = "; ".join(f"row {number}: {text.en}" for number, text in shown)
    return EvaluationRowsRefused(zh=f"共{len(errors)}处:{zh}", en=f"{len(errors)} faults: {en}")


async def _replace(row: EvaluationRound, kind: str, rows: list[dict[str, Any]], staff: Staff, at: datetime) -> None:
    async with transaction():
        # Inputs may change only until the computation begins.
        held = EvaluationRound.filter(id=row.id, state__in=("draft", "open"), cursor="")
        if not await held.update(changed_at=at):
            raise InvalidField(field="round", zh="该轮已开始计算。", en="This round is being computed or is over.")
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            ids = [found["merchant_id"] for found in chunk]
            await EvaluationFinding.filter(round_id=row.id, kind=kind, merchant_id__in=ids).delete()
            await bulk_insert(EvaluationFinding, chunk)
        await record(row.id, "import", staff.label, at, kind=kind, rows=len(rows))


async def _shops(codes: Sequence[str]) -> dict[str, UUID]:
    found: dict[str, UUID] = {}
    for start in range(0, len(codes), _CHUNK):
        rows = await Merchant.filter(uscc__in=list(codes[start : start + _CHUNK])).values_list("uscc", "id")
        found.update({str(code): UUID(str(identity)) for code, identity in rows})
    return found


def _finding(kind: str, line: Sequence[str]) -> dict[str, object] | Text:
    if kind == "veto":
        veto = _VETO_OF.get(line[1])
        return {"score": 0, "veto": veto} if veto else Text("否决事项不在标准中", "the veto is not one of the criteria")
    cell = line[1]
    score = int(cell) if cell.isascii() and cell.isdigit() and len(cell) <= 3 else -1
    if not 0 <= score <= 100:
        return Text("评分应为0–100的整数", "a score is a whole number from 0 to 100")
    return {"score": score * 10, "veto": ""}


def _lines(content: bytes, filename: str, columns: tuple[str, ...]) -> list[list[str]]:
    cells = read_cells(content, filename)
    if not 2 <= len(cells) <= MOST_ROWS + 1:
        raise SheetUnreadable(zh=f"应有1–{MOST_ROWS}行。", en=f"it needs 1 to {MOST_ROWS} rows.")
    places = column_places(cells[0], columns)
    lines = [[text_of(line[place]) if place < len(line) else "" for place in places] for line in cells[1:]]
    return [line for line in lines if any(line)]
