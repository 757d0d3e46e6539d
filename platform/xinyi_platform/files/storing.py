"""Take a picture in: the bytes decide what it is, not its name or what the sender says of it.

Re-encoding drops everything that is not picture: metadata with places and devices, and anything hidden after
the image's end.
"""

from __future__ import annotations

import asyncio
import io
from datetime import datetime

from PIL import Image, ImageOps, UnidentifiedImageError

from xinyi_platform.errors import PayloadTooLarge, Unprocessable
from xinyi_platform.files.models import StoredFile
from xinyi_platform.files.store import FileStore
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text

MOST_BYTES = 5_000_000
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1_600
_FORMATS = ["JPEG", "PNG", "WEBP"]
_QUALITY = 82


class InvalidPicture(Unprocessable):
    """The bytes are no JPEG, PNG or WebP picture, or one too large to open safely."""

    code = "invalid_picture"
    text = Text(
        "无法识别该图片,请上传 JPEG、PNG 或 WebP 图片。",
        "This is not a picture we can read; use JPEG, PNG or WebP.",
    )


class PictureTooLarge(PayloadTooLarge):
    """Values: `most_megabytes`."""

    code = "picture_too_large"
    text = Text(
        "图片过大,请上传{most_megabytes}MB以内的图片。",
        "The picture is too large; at most {most_megabytes} MB.",
    )


def clean_picture(data: bytes) -> tuple[bytes, int, int]:
    """Return a picture as a fresh JPEG with its width and height. Raises InvalidPicture, PictureTooLarge."""
    if len(data) > MOST_BYTES:
        raise PictureTooLarge(most_megabytes=MOST_BYTES // 1_000_000)
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise InvalidPicture
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidPicture from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue(), upright.width, upright.height


async def store_picture(store: FileStore, data: bytes, *, owner: str, purpose: str, now: datetime) -> StoredFile:
    """Clean and keep a picture. Raises InvalidPicture (422) and PictureTooLarge (413); nothing is kept then."""
    content, width, height = await asyncio.to_thread(clean_picture, data)
    digest = await asyncio.to_thread(store.write, content)
    return await StoredFile.create(
        id=new_id(),
        digest=digest,
        purpose=purpose,
        owner=owner,
        size_bytes=len(content),
        width=width,
        height=height,
        created_at=now,
    )
