"""Note on a resident's access log what was told about her to somebody whom she chose."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.credit.models import CreditRead
from xinyi_platform.ids import new_id


async def record_disclosure(
    resident_id: UUID, *, reader: str, purpose: str, reason: str, consent_id: UUID, at: datetime
) -> None:
    """Write the line, in the transaction of the disclosure. `reason` is `KIND:words`, 80 characters at most."""
    await CreditRead.create(
        id=new_id(),
        resident_id=resident_id,
        reader=reader,
        purpose=purpose,
        reason=reason,
        consent_id=consent_id,
        outcome="cached",
        at=at,
    )
