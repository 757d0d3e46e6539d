"""Consent: nobody's credit is read without one that names purpose, data and receiver."""

from __future__ import annotations

from xinyi_platform.consents.granting import (
    ConsentMissing,
    ConsentWithdrawn,
    expire_consents,
    grant,
    live_consent,
    live_consent_ids,
    residents_with_consent,
    withdraw,
)
from xinyi_platform.consents.models import Consent
from xinyi_platform.consents.purposes import PURPOSES, Purpose, purpose_of

__all__ = [
    "PURPOSES",
    "Consent",
    "ConsentMissing",
    "ConsentWithdrawn",
    "Purpose",
    "expire_consents",
    "grant",
    "live_consent",
    "live_consent_ids",
    "purpose_of",
    "residents_with_consent",
    "withdraw",
]
