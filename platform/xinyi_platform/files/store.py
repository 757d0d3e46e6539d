"""The folder of stored contents: encrypted by the key ring, named by what they are in clear, each kept once."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CLEAR = ".jpg"
_MODE = 0o640


@dataclass(frozen=True, slots=True)
class FileStore:
    """A folder of files named by their content's SHA-256. What it does waits for the disk, so it is done in a thread.

    A content is bound to its name: no file can stand in for another. It stays under the key with which it was written,
    until the same content is stored again after a rotation. A `.jpg` lies there in clear; it is read too, and sealed by
    `seal_clear`.
    """

    folder: Path
    keys: KeyRing

    def path_of(self, digest: str) -> Path:
        """Return where a content is kept. Raises ValueError for what is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError("no digest of a stored file")
        return self.folder / digest[:2] / f"{digest}.sealed"

    def write(self, content: bytes) -> str:
        """Keep the content under the key in use and return its digest; the same content is kept once."""
        digest = hashlib.sha256(content).hexdigest()
        target = self.path_of(digest)
        if not self._is_current(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            _put(target, self.keys.encrypt_bytes(content, field=_field(digest)).encode())
        return digest

    def read(self, digest: str) -> bytes:
        """Return a content. Raises FileNotFoundError, and KeyRingError where its key is retired or it was changed."""
        kept = self.path_of(digest)
        for path in (kept, _aside(kept), kept):  # it may be set aside, or put back, between two looks
            try:
                return self.keys.decrypt_bytes(path.read_text(errors="replace"), field=_field(digest))
            except FileNotFoundError:
                continue
        return kept.with_suffix(_CLEAR).read_bytes()

    def seal_clear(self) -> None:
        """Encrypt what lies in clear. One whose content is not what its name says is left where it is."""
        for clear in self.folder.glob(f"*/*{_CLEAR}"):
            content = clear.read_bytes()
            if hashlib.sha256(content).hexdigest() == clear.stem:
                self.write(content)
                clear.unlink(missing_ok=True)

    def let_go(self, digest: str, *, is_shared: bool) -> bool:
        """Take one step towards a content's removal; True once nothing of it is left that only one row needed.

        It is first set aside, where it can still be read, and removed by the next call only: who stores the same one
        meanwhile writes it anew, and who saw it there just before has a row by then.
        """
        kept = self.path_of(digest)
        aside = _aside(kept)
        if is_shared:
            if aside.exists() and not kept.exists():
                aside.replace(kept)
            aside.unlink(missing_ok=True)
            return True
        if kept.exists():
            kept.replace(aside)
            return False
        aside.unlink(missing_ok=True)
        return True

    def _is_current(self, path: Path) -> bool:
        head = f"{self.keys.current('data').kid}.".encode()
        try:
            with path.open("rb") as file:
                return file.read(len(head)) == head
        except FileNotFoundError:
            return False


def _field(digest: str) -> str:
    return f"stored_file:{digest}"


def _aside(kept: Path) -> Path:
    return kept.with_suffix(".aside")


def _put(target: Path, data: bytes) -> None:
    """Write a file whole or not at all, for its owner and group only."""
    fresh = target.with_suffix(f".{new_id()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, _MODE)
        file.write(data)
    fresh.replace(target)
