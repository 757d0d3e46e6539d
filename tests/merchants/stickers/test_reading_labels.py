"""Two decoders that share no code read every label, small, turned, blurred, and with a tenth of it gone."""

from __future__ import annotations

import random
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from xinyi_merchants.registry.fonts import FontFile
from xinyi_merchants.stickers.labels import MODULE, Label, draw_label
from xinyi_platform.ids import ALPHABET

SMALL = 295  # 2.5 cm at 300 dots an inch, quiet zone and all
SIDE = 41  # modules, with the quiet zone
_CHANCE = random.Random(20261123)
CODES = ["".join(_CHANCE.choice(ALPHABET) for _ in range(26)) for _ in range(24)]
LABELS = [Label(f"HTTPS://XY.HEBI.GOV.EXAMPLE/M/{code}", f"示范店{n}", code[:10]) for n, code in enumerate(CODES)]


def read_by_zxing(picture: Image.Image) -> str:
    return "".join(found.text for found in zxingcpp.read_barcodes(picture))


def read_by_opencv(picture: Image.Image) -> str:
    return str(cv2.QRCodeDetectorAruco().detectAndDecode(np.asarray(picture))[0])


def turned(degrees: float) -> Callable[[Image.Image], Image.Image]:
    bicubic = Image.Resampling.BICUBIC
    return lambda picture: picture.rotate(degrees, expand=True, fillcolor=255, resample=bicubic)


def blurred(radius: float) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(radius))


def damaged(shade: int) -> Callable[[Image.Image], Image.Image]:
    """Cover a tenth of the code: 110 of its 33 x 33 modules, in the middle."""

    def cover(picture: Image.Image) -> Image.Image:
        spoilt, scale = picture.copy(), SMALL / SIDE
        left, top = (picture.width - SMALL) // 2, _code_top(picture)
        x, y, side = int(left + 15 * scale), int(top + 15 * scale), int(10.5 * scale)
        spoilt.paste(shade, (x, y, x + side, y + side))
        return spoilt

    return cover


def _code_top(picture: Image.Image) -> int:
    """Where the code begins in a shrunk label: 92 pixels of title and half of what a larger code would take."""
    return round((92 + (588 - SIDE * MODULE) / 2) * SMALL / (SIDE * MODULE))


def together(*acts: Callable[[Image.Image], Image.Image]) -> Callable[[Image.Image], Image.Image]:
    def each(picture: Image.Image) -> Image.Image:
        for act in acts:
            picture = act(picture)
        return picture

    return each


HARM: dict[str, Callable[[Image.Image], Image.Image]] = {
    "only small": lambda picture: picture,
    "a little crooked": turned(7),
    "crooked": turned(33),
    "on its side": turned(90),
    "upside down": turned(190),
    "out of focus": blurred(1.5),
    "far out of focus": blurred(2.5),
    "a tenth torn off": damaged(255),
    "a tenth painted over": damaged(0),
    "torn, crooked and out of focus": together(damaged(255), turned(15), blurred(1)),
}


@pytest.mark.parametrize("read", [read_by_zxing, read_by_opencv], ids=["zxing", "opencv"])
@pytest.mark.parametrize("harm", HARM)
def test_every_label_is_read(harm: str, read: Callable[[Image.Image], str], font: FontFile) -> None:
    unread = []
    for label in LABELS:
        drawn = draw_label(label, font).convert("L")
        scale = SMALL / (SIDE * MODULE)
        small = drawn.resize((round(drawn.width * scale), round(drawn.height * scale)), Image.Resampling.LANCZOS)
        if read(HARM[harm](small)) != label.url:
            unread.append(label.url)
    assert not unread


def test_the_damage_is_a_tenth_of_the_code(font: FontFile) -> None:
    """A harness that spoilt nothing, or the margin, would prove nothing."""
    drawn = draw_label(LABELS[0], font).convert("L")
    scale = SMALL / (SIDE * MODULE)
    small = drawn.resize((round(drawn.width * scale), round(drawn.height * scale)), Image.Resampling.LANCZOS)
    changed = np.asarray(damaged(255)(small)) != np.asarray(small)
    dark = np.asarray(small) < 128
    code = (33 / SIDE * SMALL) ** 2
    assert 0.03 < (changed & dark).sum() / code < 0.08, "about half of what is covered was dark"
    assert (int(10.5 * SMALL / SIDE) ** 2) / code > 0.098
