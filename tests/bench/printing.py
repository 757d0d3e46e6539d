"""The sheets of a district's stickers against what the drawing libraries take for the same pages by themselves."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_Q

from xinyi_merchants.registry.fonts import find_chinese_font
from xinyi_merchants.stickers.labels import A4, COLUMNS, DPI, LABEL, MODULE, PER_SHEET, Label
from xinyi_merchants.stickers.sheets import write_sheets

PROCESSES = os.cpu_count() or 1


def time_sheets(number: int, turn: int) -> tuple[float, float]:
    """Return our seconds for so many labels, and the libraries' over the same number of processes.

    Theirs are started beforehand and write a file each, so that what is compared is drawing alone; both meet the same
    neighbours on the machine.
    """
    font = find_chinese_font()
    given = _labels(number, turn, 0)
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(PROCESSES) as pool:
        folder = Path(name)
        ours = _timed(lambda: write_sheets(given, folder / "x", font, processes=PROCESSES, tell=lambda _: None))
        list(pool.map(_draw_plainly, [[]] * PROCESSES, [folder / "warm"] * PROCESSES, [font.path] * PROCESSES))
        other = _labels(number, turn, 1)
        shares = [other[start::PROCESSES] for start in range(PROCESSES)]
        files = [folder / f"{place}.pdf" for place in range(PROCESSES)]
        theirs = _timed(lambda: list(pool.map(_draw_plainly, shares, files, [font.path] * PROCESSES)))
    return ours, theirs


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _labels(number: int, turn: int, side: int) -> list[Label]:
    """Never twice the same address: drawn codes are kept."""
    codes = [f"{side}{turn:03d}ABCDEFGHJKMNPQRST{place:05d}" for place in range(number)]
    return [Label(f"HTTPS://XY.HEBI.GOV.EXAMPLE/M/{code}", f"示范店{n}", code[:10]) for n, code in enumerate(codes)]


def _draw_plainly(labels: list[Label], out: Path, font_path: str) -> None:
    """The same pages in one process, by nothing but calls of qrcode and Pillow."""
    large, small = (ImageFont.truetype(font_path, size) for size in (60, 30))
    pages = []
    for start in range(0, len(labels), PER_SHEET):
        page = Image.new("1", A4, 1)
        draw = ImageDraw.Draw(page)
        for place, label in enumerate(labels[start : start + PER_SHEET]):
            x, y = place % COLUMNS * LABEL[0], place // COLUMNS * LABEL[1]
            code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=4, box_size=MODULE)
            code.add_data(label.url)
            code.make(fit=True)
            page.paste(code.make_image().get_image(), (x + 167, y + 140))
            for text, down, font in (("码上见", 76, small), (label.name, 700, large), (label.foot, 804, small)):
                draw.text((x + LABEL[0] // 2, y + down), text, font=font, fill=0, anchor="mm")
        pages.append(page)
    if pages:
        pages[0].save(out, "PDF", resolution=DPI, save_all=True, append_images=pages[1:])
