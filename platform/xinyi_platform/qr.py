"""Draw QR codes with the qrcode library; drawing takes some 9 ms, so drawn codes are cached by content."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Literal

import qrcode
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q

Level = Literal["L", "M", "Q"]
_LEVELS = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q}
QUIET_ZONE = 4


@lru_cache(maxsize=2_048)
def modules_of(text: str, level: Level = "M") -> tuple[tuple[bool, ...], ...]:
    """Return the code's modules, True for dark, without the quiet zone."""
    code = qrcode.QRCode(error_correction=_LEVELS[level], border=0)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(bool(dark) for dark in row) for row in code.get_matrix())


@lru_cache(maxsize=2_048)
def draw_svg(text: str, level: Level = "M", label: str = "QR") -> str:
    """Return a code as an SVG of one path, with the quiet zone, and no style attribute (the CSP forbids those)."""
    rows = modules_of(text, level)
    side = len(rows) + 2 * QUIET_ZONE
    path = "".join(
        f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" aria-label="{label}" '
        f'shape-rendering="crispEdges" class="qr"><rect width="{side}" height="{side}" fill="#fff"/>'
        f'<path d="{path}" fill="#000"/></svg>'
    )


@lru_cache(maxsize=512)
def draw_png(text: str, level: Level = "Q", module_pixels: int = 10) -> bytes:
    """Return a code as a PNG with `module_pixels` a module and the quiet zone."""
    code = qrcode.QRCode(error_correction=_LEVELS[level], border=QUIET_ZONE, box_size=module_pixels)
    code.add_data(text)
    code.make(fit=True)
    out = io.BytesIO()
    code.make_image().save(out)
    return out.getvalue()
