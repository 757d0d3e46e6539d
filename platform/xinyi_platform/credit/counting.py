"""The stored words of the bureau for counting people: under live consents only, and never together with a name.

Used where only totals leave the process. That the count was made is on the audit trail; it is no look at anybody,
so it is no line of anybody's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_platform.consents import residents_with_consent
from xinyi_platform.credit.models import CreditSnapshot


@dataclass(frozen=True, slots=True)
class StoredWord:
    """A standing and whether a black list names the person, as the bureau said last."""

    standing: str
    black_listed: bool


async def stored_words(first: UUID, last: UUID, *, purpose: str, at: datetime) -> dict[UUID, StoredWord | None]:
    """Return the last word on each resident whose consent to `purpose` is live, None where there is none.

    `first` and `last` are the ends of a run of residents' ids, both included. Who gave no consent is left out, and
    what was stored about her is not used.
    """
    consenting = await residents_with_consent(first, last, purpose, at=at)
    rows = CreditSnapshot.filter(resident_id__gte=first, resident_id__lte=last)
    words: dict[UUID, StoredWord | None] = dict.fromkeys(consenting)
    for resident_id, standing, black_listed in await rows.values_list("resident_id", "standing", "black_listed"):
        if resident_id in consenting:
            words[resident_id] = StoredWord(standing, bool(black_listed))
    return words
