"""Claims: a resident takes one unit of a scene's quota, exactly once."""

from __future__ import annotations

from xinyi_scenarios.claims.asking import ClaimDesk, claim_entitlement
from xinyi_scenarios.claims.claiming import Claimed, ClaimOrder, settle_claims
from xinyi_scenarios.claims.errors import AlreadyClaimed, ClaimsClosed, NotEligible, SoldOut
from xinyi_scenarios.claims.terms import terms_of

__all__ = [
    "AlreadyClaimed",
    "ClaimDesk",
    "ClaimOrder",
    "Claimed",
    "ClaimsClosed",
    "NotEligible",
    "SoldOut",
    "claim_entitlement",
    "settle_claims",
    "terms_of",
]
