"""Which font writes Chinese names on what is drawn here: the one that the city names, or one of those systems bring."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from xinyi_platform.errors import Unavailable
from xinyi_platform.language import Text


@dataclass(frozen=True, slots=True)
class FontFile:
    """A font's file and which of the faces in it."""

    path: str
    face: int = 0


# In Noto's collections the third face has the mainland's shapes.
_KNOWN = (
    FontFile("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", 2),
    FontFile("/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc", 2),
    FontFile("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Bold.ttc", 2),
    FontFile("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Bold.ttc", 2),
    FontFile("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"),
    FontFile("/System/Library/Fonts/PingFang.ttc"),
    FontFile("C:/Windows/Fonts/msyhbd.ttc"),
)


class FontMissing(Unavailable):
    """There is no font to write Chinese with."""

    code = "font_missing"
    text = Text(
        "服务器上没有中文字体,无法绘制店名。请安装fonts-noto-cjk,或用XINYI_LABEL_FONT指定字体文件。",
        "This machine has no Chinese font to write names with: install fonts-noto-cjk, or name a font file in "
        "XINYI_LABEL_FONT.",
    )


def find_chinese_font(named: str = "") -> FontFile:
    """Return the font that was named, else the first known one that is there. Raises FontMissing (503)."""
    candidates = (FontFile(named),) if named else _KNOWN
    found = next((font for font in candidates if Path(font.path).is_file()), None)
    if found is None:
        raise FontMissing
    return found


@lru_cache(maxsize=32)
def font_of(file: FontFile, pixels: int) -> ImageFont.FreeTypeFont:
    """Return the font at a height in pixels, read once for each."""
    return ImageFont.truetype(file.path, pixels, index=file.face)
