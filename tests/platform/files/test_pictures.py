"""A picture is taken in by its bytes alone, without what it should not carry, and kept out of reach."""

from __future__ import annotations

import io
import stat
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from xinyi_platform.files import InvalidPicture, StoredFile, store_picture
from xinyi_platform.files.storing import LONGEST_SIDE, MOST_BYTES, PictureTooLarge, clean_picture
from xinyi_platform.runtime import Runtime

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 128).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def with_place() -> bytes:
    """A photo with GPS coordinates, a camera's name and a turn in its metadata."""
    exif = Image.Exif()
    exif[0x010F] = "SpyCam 3000"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (35.0, 44.0, 53.0)
    return picture(exif=exif.tobytes())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P"])
def test_a_picture_becomes_a_fresh_jpeg(kind: str, mode: str) -> None:
    if (kind, mode) in {("JPEG", "RGBA"), ("JPEG", "P")}:
        pytest.skip("JPEG has no such mode")
    content, width, height = clean_picture(picture(kind, mode=mode))
    assert (width, height) == (60, 40)
    assert Image.open(io.BytesIO(content)).format == "JPEG"


def test_places_and_devices_are_gone_and_the_picture_stands_upright() -> None:
    content, width, height = clean_picture(with_place())
    opened = Image.open(io.BytesIO(content))
    assert (width, height) == (40, 60)
    assert not opened.getexif()
    assert b"SpyCam" not in content


def test_what_hides_behind_the_picture_is_gone() -> None:
    content, _, _ = clean_picture(picture() + b"PK\x03\x04 a whole archive")
    assert b"archive" not in content
    content, _, _ = clean_picture(picture("PNG", pnginfo=_comment()))
    assert b"a comment" not in content


def _comment() -> PngInfo:
    info = PngInfo()
    info.add_text("Comment", "a comment")
    return info


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", SVG, b"%PDF-1.7", b"GIF89a" + bytes(40), picture("BMP"), picture("GIF"), picture("TIFF"),
     picture()[:100], b"\xff\xd8\xff" + bytes(400)],
    ids=["empty", "text", "svg", "pdf", "gif head", "bmp", "gif", "tiff", "cut", "jpeg head"],
)  # fmt: skip
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidPicture):
        clean_picture(data)


@given(st.binary(max_size=400), st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 300))
def test_any_damage_is_a_picture_or_a_refusal(noise: bytes, kind: str, at: int) -> None:
    whole = picture(kind)
    try:
        content, _, _ = clean_picture(whole[:at] + noise + whole[at:])
    except InvalidPicture:
        return
    assert content.startswith(b"\xff\xd8")


def test_too_many_bytes_are_refused_unopened() -> None:
    with pytest.raises(PictureTooLarge) as refused:
        clean_picture(b"x" * (MOST_BYTES + 1))
    assert refused.value.status == 413


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused() -> None:
    bomb = picture("PNG", size=(9_000, 9_000), mode="1")
    assert len(bomb) < 100_000
    with pytest.raises(InvalidPicture):
        clean_picture(bomb)


def test_a_large_picture_is_made_smaller() -> None:
    _, width, height = clean_picture(picture(size=(3_200, 800)))
    assert (width, height) == (LONGEST_SIDE, 400)


@pytest.mark.anyio
async def test_a_picture_is_stored_once_outside_any_name_that_a_sender_gives(runtime: Runtime) -> None:
    first, second = [
        await store_picture(runtime.files, picture(), owner="resident:1", purpose="complaint", now=AT) for _ in "ab"
    ]
    assert first.id != second.id
    assert first.digest == second.digest
    (kept,) = [path for path in runtime.files.folder.rglob("*") if path.is_file()]
    assert kept.name == f"{first.digest}.sealed"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640


@pytest.mark.anyio
async def test_a_refused_picture_leaves_nothing(runtime: Runtime) -> None:
    with pytest.raises(InvalidPicture):
        await store_picture(runtime.files, SVG, owner="resident:1", purpose="complaint", now=AT)
    assert await StoredFile.all().count() == 0
    assert not runtime.files.folder.exists() or not list(runtime.files.folder.rglob("*.*"))
