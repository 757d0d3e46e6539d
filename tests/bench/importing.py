"""A red list of 100,000 persons read, checked and kept, against what reading and copying cost by themselves.

Theirs is python-calamine reading the same workbook and a COPY of the very rows into the same table with its indexes.
Each turn runs in a process of its own, whose largest size is told too.
"""

from __future__ import annotations

import asyncio
import io
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from xinyi_platform.app import all_features, model_modules
from xinyi_platform.clock import SystemClock, local_date
from xinyi_platform.database import connect_database, transaction
from xinyi_platform.database.connection import current_connection
from xinyi_platform.identity.numbers import check_character
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.principals import Role, Staff
from xinyi_rewards.honor_lists.making import make_list
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.honor_lists.sheets import COLUMNS

KIND, TITLE = "red-volunteer", "十万人名单"
MAKER = Staff(
    new_id(), session_id=new_id(), person="bench", roles=frozenset({Role.COMMUNITY_WORKER}), division="410600"
)


def workbook(rows: int) -> bytes:
    """Return a sheet of distinct synthetic persons, none of them the seed's: sequence 000 is never issued."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS["resident"])
        for place in range(rows):
            born = date(1950, 1, 1) + timedelta(days=place // 5)
            body = f"41010{place % 5 + 2}{born:%Y%m%d}000"
            sheet.write_row(place + 1, 0, ("王小丽", body + check_character(body), "照护独居老人两年"))
    return out.getvalue()


def time_list(database_url: str, secret_file: Path, rows: int) -> tuple[float, float, float]:
    """Return our seconds, theirs, and our process's largest size in MB."""
    content = workbook(rows)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_import_from, initargs=(sys.path,)) as one:
        ours, megabytes = one.submit(_ours, database_url, secret_file, content, rows).result()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_import_from, initargs=(sys.path,)) as one:
        theirs = one.submit(_theirs, database_url, content, rows).result()
    return ours, theirs, megabytes


def _import_from(path: list[str]) -> None:
    sys.path[:] = path


def _ours(database_url: str, secret_file: Path, content: bytes, rows: int) -> tuple[float, float]:
    async def run() -> float:
        async with connect_database(database_url, model_modules(all_features())):
            keys, now = KeyRing.load(secret_file), SystemClock().now()
            await HonorList.filter(title=TITLE).delete()
            started = time.perf_counter()
            made = await make_list(
                keys, MAKER, kind=KIND, title=TITLE, content=content, filename="a.xlsx", at=now,
                today=local_date(now),
            )  # fmt: skip
            taken = time.perf_counter() - started
            assert await HonorEntry.filter(honor_list_id=made.id).count() == rows
            return taken

    return asyncio.run(run()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


def _theirs(database_url: str, content: bytes, rows: int) -> float:
    async def run() -> float:
        async with connect_database(database_url, model_modules(all_features())):
            started = time.perf_counter()
            cells = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
            reading = time.perf_counter() - started
            assert len(cells) == rows + 1
            del cells
            columns = list(HonorEntry._meta.fields_db_projection.values())
            made = await HonorList.get(title=TITLE)
            selected = f"SELECT {', '.join(columns)} FROM honor_entry WHERE honor_list_id = $1"
            _, found = await current_connection().execute_query(selected, [made.id])
            records = [tuple(row.values()) for row in found]
            assert len(records) == rows
            await HonorEntry.filter(honor_list_id=made.id).delete()
            async with transaction(), current_connection().acquire_connection() as connection:
                started = time.perf_counter()
                await connection.copy_records_to_table("honor_entry", records=records, columns=columns)
                copying = time.perf_counter() - started
            return reading + copying

    return asyncio.run(run())
