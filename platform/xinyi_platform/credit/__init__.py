"""Reading a resident's credit: with consent, fresh enough for the use, and always on her own trail."""

from __future__ import annotations

from xinyi_platform.credit.counting import StoredWord, stored_words
from xinyi_platform.credit.disclosing import record_disclosure
from xinyi_platform.credit.reading import (
    Asked,
    BureauNeeded,
    CreditReading,
    CreditStatus,
    CreditUnknown,
    CreditUse,
    StandingChanged,
    forget_snapshot,
    read_credit,
    read_stored,
    with_bureau,
)

__all__ = [
    "Asked",
    "BureauNeeded",
    "CreditReading",
    "CreditStatus",
    "CreditUnknown",
    "CreditUse",
    "StandingChanged",
    "StoredWord",
    "forget_snapshot",
    "read_credit",
    "read_stored",
    "record_disclosure",
    "stored_words",
    "with_bureau",
]
