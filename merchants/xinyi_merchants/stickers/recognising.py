"""What somebody typed, pasted or scanned: a sticker, a shop's number, a credit code, another's address, or nothing.

Nothing here reads a database. No format is guessed at: of another's code (a licence's or a 企业码, whose contents are
not published) only a unified social credit code that stands in it as a word of its own is taken, and only where its
check character is right.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from xinyi_merchants.registry.uscc import is_uscc
from xinyi_merchants.stickers.issuing import PRINTED_LENGTH, address_before
from xinyi_platform.ids import ALPHABET, is_public_code, normalise_public_code

MOST_CHARACTERS = 500
Kind = Literal["sticker", "shop", "uscc", "foreign", "nothing"]
_USCC = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])")
_ADDRESS = re.compile(r"[A-Z][A-Z0-9+.-]*://|[^\s/]+\.[^\s/]+/|WWW\.")
_SHOP_LENGTH = 11


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a text is. `code` is the sticker's printed code, the shop's number or the credit code in canonical form.

    A foreign address keeps the one credit code that stands in it: it may name a shop, and proves nothing.
    """

    kind: Kind
    code: str = ""


def recognise(text: str, public_url: str) -> Recognised:
    """Tell what a text is; `public_url` is the address that our own stickers lead to."""
    shown = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).strip().upper()  # digits may be full-width
    ours = address_before(public_url)
    for start in (ours, ours.partition("://")[2]):
        if shown.startswith(start):
            return _code(re.split(r"[/?#]", shown.removeprefix(start))[0])
    if _ADDRESS.match(shown):
        return Recognised("foreign", _only_uscc(shown))
    known = _code(shown)
    if known.kind != "nothing":
        return known
    bare = re.sub(r"[\s-]", "", shown)
    if re.fullmatch(_USCC, bare):
        return Recognised("uscc", bare)  # also one with a wrong check character: early codes in the registry have them
    found = _only_uscc(shown)
    return Recognised("uscc", found) if found else Recognised("nothing")


def _code(text: str) -> Recognised:
    code = normalise_public_code(text)
    if len(code) == PRINTED_LENGTH and all(character in ALPHABET for character in code):
        return Recognised("sticker", code)
    if len(code) == _SHOP_LENGTH and is_public_code(code):
        return Recognised("shop", code)
    return Recognised("nothing")


def _only_uscc(text: str) -> str:
    found = {word for word in _USCC.findall(text) if is_uscc(word)}
    return found.pop() if len(found) == 1 else ""
