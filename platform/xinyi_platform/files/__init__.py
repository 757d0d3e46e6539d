"""Evidence pictures: checked, re-encoded, stripped of metadata, and kept outside any web root."""

from __future__ import annotations

from xinyi_platform.files.models import StoredFile
from xinyi_platform.files.storing import FileStore, InvalidPicture, store_picture

__all__ = ["FileStore", "InvalidPicture", "StoredFile", "store_picture"]
