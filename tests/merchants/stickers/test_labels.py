"""What leaves for the printer: measures, formats, names of every length, and what cannot be printed."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image

from xinyi_merchants.registry import fonts
from xinyi_merchants.registry.drawing import draw_shop_front
from xinyi_merchants.registry.fonts import FontFile, FontMissing, find_chinese_font
from xinyi_merchants.stickers.labels import (
    A4,
    DPI,
    LABEL,
    MODULE,
    AddressTooLong,
    Format,
    Label,
    draw_code,
    draw_sheet,
    fit_name,
    label_file,
)
from xinyi_merchants.stickers.sheets import sheet_pdf, write_sheets

URL = "HTTPS://XY.HEBI.GOV.EXAMPLE/M/0123456789ABCDEFGHJKMNPQRS"


def labels(number: int) -> list[Label]:
    return [Label(f"{URL[:-4]}{place:04d}", f"示范店{place}", "0123456789") for place in range(number)]


def pages_in(pdf: bytes) -> int:
    """The last tree of pages is in force: what is added to a file writes it anew."""
    return int(re.findall(rb"/Count (\d+)", pdf)[-1])


def test_a_code_has_whole_pixels_a_module_and_its_quiet_zone() -> None:
    code = draw_code(URL)
    assert (code.mode, code.size) == ("1", (41 * MODULE, 41 * MODULE))
    assert round(code.width * 25.4 / DPI, 1) == 41.7
    dark = [x for x in range(code.width) if not code.getpixel((x, 4 * MODULE))]
    assert (dark[0], dark[-1]) == (4 * MODULE, 37 * MODULE - 1)


@pytest.mark.parametrize(
    ("kind", "begins"), [("pdf", b"%PDF-"), ("png", b"\x89PNG"), ("svg", b"<svg")], ids=["pdf", "png", "svg"]
)
def test_a_label_is_a_file_of_the_same_size_in_every_format(kind: Format, begins: bytes, font: FontFile) -> None:
    content = label_file(Label(URL, "A&B <小吃>", "0123456789"), font, kind)
    assert content.startswith(begins)
    if kind == "png":
        picture = Image.open(io.BytesIO(content))
        assert (picture.mode, picture.size) == ("1", LABEL)
        assert [round(dots) for dots in picture.info["dpi"]] == [DPI, DPI]
        assert [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))] == [URL]
    if kind == "svg":
        drawn = ElementTree.fromstring(content)
        assert drawn.get("width") == "69.93mm"
        assert "A&B <小吃>" in [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    if kind == "pdf":
        box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", content)
        assert box is not None
        assert round(float(box[1]) * 25.4 / 72, 1) == 69.9


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("店", 1),
        ("淇水饭庄(2店)", 1),
        ("百姓惠民综合便民超市有限责任公司", 2),
        ("鹤壁市淇滨区" * 20, 2),
        ("A very long name of a coffee house that goes on and on for as long as a name may be, and longer", 2),
    ],
)
def test_a_name_of_any_length_fits_in_two_lines_between_the_margins(name: str, lines: int, font: FontFile) -> None:
    fitted, size = fit_name(name, font)
    assert len(fitted) == lines
    assert all(fonts.font_of(font, size).getlength(line) <= LABEL[0] - 120 for line in fitted)
    assert "".join(fitted) == name or (fitted[-1].endswith("…") and name.startswith("".join(fitted)[:-1]))


def test_the_edge_that_printers_leave_out_stays_white(font: FontFile) -> None:
    page = draw_sheet([Label(URL, "鹤壁市淇滨区" * 20, "0123456789")] * 12, font)
    assert page.size == A4
    dark = page.convert("L").point(lambda dot: 255 - dot).getbbox()
    assert dark is not None
    left, top, right, bottom = dark
    assert min(left, top, A4[0] - right, A4[1] - bottom) >= 0.2 / 2.54 * DPI * 2


def test_a_sheet_holds_twelve_and_every_one_of_them_is_read(font: FontFile) -> None:
    given = labels(12)
    read = zxingcpp.read_barcodes(draw_sheet(given, font).convert("L"))
    assert {found.text for found in read} == {label.url for label in given}


def test_sheets_of_several_processes_are_those_of_one(font: FontFile, tmp_path: Path) -> None:
    given, told, out = labels(100), list[int](), tmp_path / "sheets.pdf"
    write_sheets(given, out, font, processes=2, tell=told.append)
    assert (pages_in(out.read_bytes()), sum(told)) == (9, 100)
    assert pages_in(sheet_pdf(given[:25], font)) == 3
    assert list(tmp_path.iterdir()) == [out]


def test_what_fails_leaves_no_half_of_a_file(font: FontFile, tmp_path: Path) -> None:
    out = tmp_path / "sheets.pdf"
    out.write_text("the last one")

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sheets(labels(60), out, font, processes=2, tell=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["sheets.pdf"]
    assert out.read_text() == "the last one"


def test_an_address_that_would_make_the_code_too_dense_is_refused(font: FontFile, tmp_path: Path) -> None:
    for kind in ("pdf", "svg", "png"):
        with pytest.raises(AddressTooLong):
            label_file(Label(URL + "A" * 150, "x", "y"), font, kind)
    with pytest.raises(AddressTooLong):
        write_sheets([Label(URL + "A" * 150, "x", "y")], tmp_path / "x.pdf", font, processes=1, tell=lambda _: None)
    assert not list(tmp_path.iterdir())


def test_without_a_font_it_says_which_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(FontMissing, match="font_missing"):
        find_chinese_font(str(tmp_path / "none.ttf"))
    monkeypatch.setattr(fonts, "_KNOWN", ())
    with pytest.raises(FontMissing) as missing:
        find_chinese_font()
    assert "fonts-noto-cjk" in missing.value.explain("en")
    assert "fonts-noto-cjk" in missing.value.explain("zh")
    assert draw_shop_front("淇水饭庄", 1), "a drawn front goes without its name"
