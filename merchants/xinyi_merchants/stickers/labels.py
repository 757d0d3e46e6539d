"""Draw stickers for the printer: a label with code, name and serial, and A4 sheets of twelve.

Black and white at 300 dots an inch with whole pixels a module, because a printer that has to grey an edge blurs the
code. At 12 pixels a module a version 4 code is 41.7 mm with its quiet zone, read at arm's length. Nothing here reads a
database.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Literal
from urllib.parse import urlsplit

from PIL import Image, ImageDraw, ImageFont

from xinyi_merchants.registry.fonts import FontFile, font_of
from xinyi_platform.errors import Unprocessable
from xinyi_platform.language import Text
from xinyi_platform.qr import QUIET_ZONE, draw_svg, modules_of

DPI = 300
MODULE = 12
A4 = (2480, 3508)
COLUMNS, ROWS = 3, 4
PER_SHEET = COLUMNS * ROWS
LABEL = (A4[0] // COLUMNS, A4[1] // ROWS)
MOST_SIDE = 588  # version 6: a city's address may be so long
_TITLE = "码上见 · 扫码查看本店信用"
_TITLE_AT, _CODE_AT, _NAME_AT, _FOOT_AT = 76, 92, 694, 804
_NAME_WIDTH = 700  # 5 mm stay free at the edge, where many printers do not print
_NAME_SIZES = (60, 52, 44, 36)
_MARK = 24  # a corner mark's length, to cut by
_WHITE, _BLACK = 1, 0

Format = Literal["pdf", "svg", "png"]
MEDIA_TYPES: dict[Format, str] = {"pdf": "application/pdf", "svg": "image/svg+xml", "png": "image/png"}


class AddressTooLong(Unprocessable):
    """The address does not fit a code that is read at arm's length."""

    code = "sticker_address_too_long"
    text = Text(
        "码贴网址过长,印出来扫不动。请缩短XINYI_PUBLIC_URL。",
        "The address is too long for a code of this size: shorten XINYI_PUBLIC_URL.",
    )


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on one sticker: the address in its code, the shop's name, the serial."""

    url: str
    name: str
    serial: str

    @property
    def foot(self) -> str:
        """Return what is printed in clear, so that a code stuck over ours is seen to lead elsewhere."""
        return f"{urlsplit(self.url.lower()).netloc} · {self.serial}"


def draw_label(label: Label, font: FontFile, code: Image.Image | None = None) -> Image.Image:
    """Return one label, black on white; `code` is its code where that is drawn. Raises AddressTooLong (422)."""
    picture = Image.new("1", LABEL, _WHITE)
    draw = ImageDraw.Draw(picture)
    middle = LABEL[0] // 2
    title = _drawn_title(font)
    picture.paste(title, (middle - title.width // 2, _TITLE_AT - title.height // 2))
    code = code or draw_code(label.url)
    picture.paste(code, (middle - code.width // 2, _CODE_AT + (MOST_SIDE - code.height) // 2))
    lines, size = fit_name(label.name, font)
    top = _NAME_AT + (0 if len(lines) == 2 else size // 2)
    for number, line in enumerate(lines):
        draw.text((middle, top + number * (size + 8)), line, font=font_of(font, size), fill=_BLACK, anchor="mm")
    draw.text((middle, _FOOT_AT), label.foot, font=_fitting(label.foot, font, 30), fill=_BLACK, anchor="mm")
    return picture


@lru_cache(maxsize=2)
def _drawn_title(font: FontFile) -> Image.Image:
    picture = Image.new("1", (_NAME_WIDTH, 48), _WHITE)
    ImageDraw.Draw(picture).text((_NAME_WIDTH // 2, 24), _TITLE, font=font_of(font, 38), fill=_BLACK, anchor="mm")
    return picture


def draw_code(url: str) -> Image.Image:
    """Return the code at level Q with its quiet zone, `MODULE` pixels a module. Raises AddressTooLong (422)."""
    return enlarge_code(draw_modules(url))


def draw_modules(url: str) -> Image.Image:
    """Return the code with a pixel a module: what takes time of it. Raises AddressTooLong (422)."""
    rows = modules_of(url, "Q")
    side = len(rows) + 2 * QUIET_ZONE
    if side * MODULE > MOST_SIDE:
        raise AddressTooLong
    small = Image.new("1", (side, side), _WHITE)
    margin = [_WHITE] * QUIET_ZONE
    dots = [dot for row in rows for dot in (*margin, *(_BLACK if dark else _WHITE for dark in row), *margin)]
    small.putdata([_WHITE] * QUIET_ZONE * side + dots + [_WHITE] * QUIET_ZONE * side)
    return small


def enlarge_code(small: Image.Image) -> Image.Image:
    """Return a code of a pixel a module at its printed size."""
    return small.resize((small.width * MODULE, small.height * MODULE), Image.Resampling.NEAREST)


def fit_name(name: str, font: FontFile) -> tuple[list[str], int]:
    """Return a name in one or two lines and their height in pixels, as large as fits; past that it is cut with …"""
    for size in _NAME_SIZES:
        face = font_of(font, size)
        lines = _broken(name, face)
        if len(lines) == 1 or (len(lines) == 2 and size <= _NAME_SIZES[1]):
            return lines, size
    first, second = _broken(name, face)[:2]
    while face.getlength(second + "…") > _NAME_WIDTH:
        second = second[:-1]
    return [first, second + "…"], size


def _broken(name: str, face: ImageFont.FreeTypeFont) -> list[str]:
    """Break between any two characters, as Chinese is."""
    lines = [""]
    for character in name:
        if face.getlength(lines[-1] + character) > _NAME_WIDTH:
            lines.append("")
        lines[-1] += character
    return lines


def _fitting(text: str, font: FontFile, size: int) -> ImageFont.FreeTypeFont:
    while size > 14 and font_of(font, size).getlength(text) > _NAME_WIDTH:
        size -= 2
    return font_of(font, size)


def draw_sheet(labels: Sequence[Label], font: FontFile, codes: Sequence[Image.Image] = ()) -> Image.Image:
    """Return an A4 page of at most twelve labels with marks to cut by; `codes` are theirs where those are drawn."""
    page = Image.new("1", A4, _WHITE)
    for place, label in enumerate(labels):
        code = codes[place] if codes else None
        page.paste(draw_label(label, font, code), (place % COLUMNS * LABEL[0], place // COLUMNS * LABEL[1]))
    draw = ImageDraw.Draw(page)
    for x in [column * LABEL[0] for column in range(1, COLUMNS)]:
        for y in [row * LABEL[1] for row in range(1, ROWS)]:
            draw.line((x - _MARK, y, x + _MARK, y), fill=_BLACK)
            draw.line((x, y - _MARK, x, y + _MARK), fill=_BLACK)
    return page


def label_file(label: Label, font: FontFile, kind: Format) -> bytes:
    """Return one label as a file: PDF and PNG at 300 dots an inch, SVG in millimetres."""
    if kind == "svg":
        return label_svg(label, font).encode()
    out = io.BytesIO()
    if kind == "pdf":
        draw_label(label, font).save(out, "PDF", resolution=DPI)
    else:
        draw_label(label, font).save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def label_svg(label: Label, font: FontFile) -> str:
    """Return one label as a drawing in the same measures; whoever prints it writes the name in a font of her own."""
    side = (len(modules_of(label.url, "Q")) + 2 * QUIET_ZONE) * MODULE
    if side > MOST_SIDE:
        raise AddressTooLong
    lines, size = fit_name(label.name, font)
    written = [(_TITLE, _TITLE_AT, 38), (label.foot, _FOOT_AT, 30)]
    top = _NAME_AT + (0 if len(lines) == 2 else size // 2)
    written += [(line, top + number * (size + 8), size) for number, line in enumerate(lines)]
    texts = "".join(
        f'<text x="{LABEL[0] // 2}" y="{y}" font-size="{height}" dominant-baseline="central">{escape(text)}</text>'
        for text, y, height in written
    )
    x, y = LABEL[0] // 2 - side // 2, _CODE_AT + (MOST_SIDE - side) // 2
    code = draw_svg(label.url, "Q").replace("<svg ", f'<svg x="{x}" y="{y}" width="{side}" height="{side}" ', 1)
    width, height = (round(pixels * 25.4 / DPI, 2) for pixels in LABEL)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {LABEL[0]} {LABEL[1]}"><rect width="100%" height="100%" fill="#fff"/>{code}'
        '<g font-family="Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif" font-weight="bold" '
        f'text-anchor="middle">{texts}</g></svg>'
    )
