"""Style sheets, scripts and pictures of the shell, read once and served under one digest of them all."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import xstatic.pkg.bootstrap as bootstrap

_OWN = Path(__file__).parent / "assets"
_VENDOR = {
    "vendor/bootstrap.min.css": Path(bootstrap.BASE_DIR) / "css" / "bootstrap.min.css",
    "vendor/bootstrap.bundle.min.js": Path(bootstrap.BASE_DIR) / "js" / "bootstrap.bundle.min.js",
}
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it leaves. `packed` is its gzip form."""

    content: bytes
    packed: bytes
    media_type: str


@cache
def all_assets() -> dict[str, Asset]:
    """Return every file by its name below /static."""
    paths = {path.relative_to(_OWN).as_posix(): path for path in sorted(_OWN.rglob("*")) if path.is_file()}
    return {name: _read(path) for name, path in {**paths, **_VENDOR}.items()}


def _read(path: Path) -> Asset:
    # The source map stays in the package: browsers would ask for it by a name that is not served.
    content = b"\n".join(line for line in path.read_bytes().split(b"\n") if b"sourceMappingURL=" not in line[:40])
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(content, gzip.compress(content, mtime=0), kind)


@cache
def assets_digest() -> str:
    """Return the digest of all files: one for all, so that modules find each other by relative names."""
    digest = hashlib.sha256()
    for name, asset in sorted(all_assets().items()):
        digest.update(name.encode() + b"\0" + asset.content)
    return digest.hexdigest()[:12]


def asset_url(name: str) -> str:
    """Return the address of a file. Raises KeyError for a file that is not there."""
    all_assets()[name]
    return f"/static/{assets_digest()}/{name}"
