"""Shop fronts of the synthetic city, drawn: a picture to compare, of a shop that nobody can find."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from xinyi_merchants.registry.fonts import FontMissing, find_chinese_font, font_of

_SIZE = (960, 600)
_WALLS = ("#d9cbb6", "#c9d3d8", "#d8c4bd", "#cdd6c4", "#d5cfe0")
_AWNINGS = ("#0b4f8a", "#8a2f2b", "#2f6b4f", "#7a5a1e", "#4b3a78")


def draw_shop_front(name: str, number: int) -> bytes:
    """Return a JPEG of a front in the colours of `number`; its sign bears the name where a Chinese font is at hand."""
    picture = Image.new("RGB", _SIZE, _WALLS[number % len(_WALLS)])
    draw = ImageDraw.Draw(picture)
    dark, awning = "#2b3640", _AWNINGS[number // 2 % len(_AWNINGS)]
    draw.rectangle((0, 520, 960, 600), fill="#8d9196")
    draw.rectangle((80, 60, 880, 170), fill=dark)
    for place in range(16):
        shade = awning if place % 2 else "#f2efe8"
        draw.polygon(
            [(80 + place * 50, 170), (130 + place * 50, 170), (130 + place * 50, 235), (80 + place * 50, 220)], shade
        )
    for left, right in ((110, 380), (580, 850)):
        draw.rectangle((left, 260, right, 520), fill="#9fb7c4", outline=dark, width=8)
        draw.line(((left + right) // 2, 260, (left + right) // 2, 520), fill=dark, width=6)
    draw.rectangle((410, 260, 550, 520), fill=awning, outline=dark, width=8)
    draw.ellipse((515, 385, 531, 401), fill="#e8c25a")
    _write_sign(draw, name)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _write_sign(draw: ImageDraw.ImageDraw, name: str) -> None:
    try:
        font = font_of(find_chinese_font(), 64)
    except FontMissing:
        return  # a front without a name still has its own colours to compare
    draw.text((480, 115), name, font=font, fill="#f5e6c0", anchor="mm")
