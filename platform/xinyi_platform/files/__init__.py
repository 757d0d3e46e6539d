"""Evidence pictures: checked, re-encoded, stripped of metadata, kept encrypted as long as something names them."""

from __future__ import annotations

from xinyi_platform.files.models import StoredFile
from xinyi_platform.files.naming import FileColumn, NamedFiles
from xinyi_platform.files.store import FileStore
from xinyi_platform.files.storing import InvalidPicture, store_picture

__all__ = ["FileColumn", "FileStore", "InvalidPicture", "NamedFiles", "StoredFile", "store_picture"]
