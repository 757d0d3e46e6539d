"""Take the registry home as a spreadsheet that can be brought in again; no cell of it can be run as a formula."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import datetime
from typing import BinaryIO, Literal
from uuid import UUID

from xinyi_merchants.registry.checking import values_of, written
from xinyi_merchants.registry.history import STATUSES
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.registry.trades import trade_name
from xinyi_merchants.sheets.importing import Importer
from xinyi_merchants.sheets.reading import COLUMNS, OPTIONAL
from xinyi_platform import audit
from xinyi_platform.spreadsheets import WorkbookWriter, csv_text
from xinyi_platform.tenancy import Area

Kind = Literal["csv", "xlsx"]
HEADER = [*COLUMNS, *OPTIONAL, "商户编号", "状态", "状态说明"]
BATCH = 2_000


async def export_sheet(out: BinaryIO, kind: Kind, who: Importer, *, now: datetime) -> AsyncIterator[int]:
    """Write the area's shops to `out`, yielding how many more are in it; the export is written down at its end."""
    count = 0
    if kind == "csv":
        out.write(csv_text([HEADER], first=True).encode())
        async for rows in _rows(who.area):
            out.write(csv_text(rows, first=False).encode())
            count += len(rows)
            yield len(rows)
    else:
        with WorkbookWriter(out) as book:
            book.add([HEADER])
            async for rows in _rows(who.area):
                book.add(rows)
                count += len(rows)
                yield len(rows)
    await audit.record(
        "merchant.sheet_exported",
        actor=who.label,
        object_kind="division",
        object_id=who.area.code,
        detail={"rows": count, "kind": kind},
        at=now,
    )


async def exported(kind: Kind, who: Importer, *, now: datetime) -> bytes:
    """Return the area's shops as the bytes of one file."""
    out = io.BytesIO()
    async for _ in export_sheet(out, kind, who, now=now):
        pass
    return out.getvalue()


async def _rows(area: Area) -> AsyncIterator[list[list[str]]]:
    """Yield rows of cells, batch by batch in the order of entry."""
    last: UUID | None = None
    while True:
        wanted = area.bind(Merchant.all())
        shops = await (wanted.filter(id__gt=last) if last else wanted).order_by("id").limit(BATCH)
        if not shops:
            return
        yield [_cells(shop) for shop in shops]
        last = shops[-1].id


def _cells(shop: Merchant) -> list[str]:
    held = {name: written(value) for name, value in values_of(shop).items()}
    held["trade"] = trade_name(shop.trade).zh
    facts = [held[name] for name in (COLUMNS | OPTIONAL).values()]
    return [*facts, shop.code, STATUSES[shop.status].zh, shop.status_reason]
