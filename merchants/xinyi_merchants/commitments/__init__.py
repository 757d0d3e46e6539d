"""The shop's public commitment to honest trade (诚信经营承诺): signed in the portal, shown behind the sticker."""

from __future__ import annotations

from xinyi_merchants.commitments.signing import commitment_of, sign_commitment, withdraw_commitment

__all__ = ["commitment_of", "sign_commitment", "withdraw_commitment"]
