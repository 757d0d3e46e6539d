"""Whom an entry is about: kept encrypted with keyed blind indexes, and the form in which others see it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from xinyi_platform.keys import KeyRing
from xinyi_platform.masking import mask_identity_number, mask_name

NAME_FIELD, IDENTITY_FIELD = "honor_entry.name", "honor_entry.identity"
INDEX_FIELD = "identity"


@dataclass(frozen=True, slots=True)
class Subject:
    """A person by identity number, or a merchant by credit code."""

    name: str
    number: str
    merchant_id: UUID | None = None


def identity_index(keys: KeyRing, number: str) -> str:
    """Return the blind index of an identity number or credit code."""
    return keys.blind_index(number, field=INDEX_FIELD)


def decision_index(keys: KeyRing, *, number: str, document_no: str) -> str:
    """Return the blind index of one decision about a subject: each is mirrored once, however many there are."""
    return keys.blind_index(f"{number}\0{document_no}", field="honor_entry.decision")


def search_index(keys: KeyRing, *, name: str, last_four: str) -> str:
    """Return the blind index under which the public finds an entry: exact name and last four characters."""
    return keys.blind_index(f"{name}\0{last_four.upper()}", field="honor_entry.search")


def subject_columns(keys: KeyRing, subject: Subject, *, index: str = "") -> dict[str, object]:
    """Return an entry's columns about its subject; a person is masked, a merchant is not. `index` spares its making."""
    index = index or identity_index(keys, subject.number)
    is_person = subject.merchant_id is None
    return {
        "slot": index,
        "merchant_id": subject.merchant_id,
        "name_cipher": keys.encrypt(subject.name, field=NAME_FIELD),
        "identity_cipher": keys.encrypt(subject.number, field=IDENTITY_FIELD),
        "identity_index": index,
        "search_index": search_index(keys, name=subject.name, last_four=subject.number[-4:]),
        "name_masked": mask_name(subject.name) if is_person else subject.name[:40],
        "identity_masked": mask_identity_number(subject.number) if is_person else subject.number,
    }
