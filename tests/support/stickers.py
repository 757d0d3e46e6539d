"""Codes as they are shown to a check without network, with what it must say: for Python and for the browser alike."""

from __future__ import annotations

from dataclasses import dataclass

from xinyi_merchants.registry.uscc import make_uscc
from xinyi_platform.ids import ALPHABET, new_public_code

USCC = make_uscc("00000001", division="410611001001")


@dataclass(frozen=True)
class Shown:
    """One thing that is typed or scanned, and the verdict with its reason."""

    what: str
    text: str
    verdict: str
    reason: str


def shown_cases(public_url: str, live: str, revoked: str, stranger: str) -> list[Shown]:
    """Return the cases for a live printed code, a revoked one, and one that the snapshot does not hold."""
    address = f"{public_url}/m/"
    shop = new_public_code()
    genuine, foreign = ("GENUINE", "live"), ("NOT OURS", "foreign")
    nothing, number = ("NOT OURS", "no_code"), ("CANNOT TELL", "number")
    spoilt = live[:-1] + ("2" if live[-1] != "2" else "3")
    swapped = live[:10] + revoked[10:]
    return [
        Shown("the printed address", f"{address}{live}".upper(), *genuine),
        Shown("the address as a browser shows it", f"{address}{live.lower()}?at=410611#top", *genuine),
        Shown("without its scheme", f"{address}{live}".partition("://")[2], *genuine),
        Shown("the bare code", live, *genuine),
        Shown("typed in groups and with look-alikes", f" {live[:5]}-{live[5:]} ".replace("0", "o").lower(), *genuine),
        Shown("typed full-width", "".join(chr(ord(c) + 0xFEE0) for c in live), *genuine),
        Shown("revoked", f"{address}{revoked}", "REVOKED", "revoked"),
        Shown("a wrong last character", spoilt, "NOT OURS", "wrong_check"),
        Shown("another sticker's check", swapped, "NOT OURS", "wrong_check"),
        Shown("a revoked serial with a wrong check", revoked[:10] + live[10:], "NOT OURS", "wrong_check"),
        Shown("not in the snapshot", stranger, "CANNOT TELL", "unknown"),
        Shown("another's address", f"https://evil.example/m/{live}", *foreign),
        Shown("ours as a user name", f"{public_url}@evil.example/m/{live}", *foreign),
        Shown("ours as a sub-domain", f"{public_url}.evil.example/m/{live}", *foreign),
        Shown("another scheme", f"javascript://{live}", *foreign),
        Shown("another's address without a scheme", f"evil.example/m/{live}", *foreign),
        Shown("another page of ours", f"{address}offline", *nothing),
        Shown("a shop's number", shop, *number),
        Shown("a credit code", USCC, *number),
        Shown("a credit code among words", f"统一社会信用代码:{USCC};名称:某店", *number),
        Shown("a credit code with a wrong check among words", f"代码 {USCC[:-1]}{other_than(USCC[-1])} 某店", *nothing),
        Shown("two credit codes", f"{USCC} {make_uscc('00000002', division='410611')}", *nothing),
        Shown("too short", live[:-1], *nothing),
        Shown("too long", live + "0", *nothing),
        Shown("a letter that no code has", "U" + live[1:], *nothing),
        Shown("words", "你好 hello", *nothing),
    ]


def other_than(character: str) -> str:
    return next(c for c in "0123" if c != character)


def a_stranger() -> str:
    """A code that is no sticker of anybody's."""
    return (ALPHABET * 2)[5:31]
