"""Reading a resident's credit: with consent, fresh enough for the use, and always on her own trail."""

from __future__ import annotations

from xinyi_platform.credit.reading import CreditReading, CreditStatus, CreditUnknown, forget_snapshot, read_credit

__all__ = ["CreditReading", "CreditStatus", "CreditUnknown", "forget_snapshot", "read_credit"]
