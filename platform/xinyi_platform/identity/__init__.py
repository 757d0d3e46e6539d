"""Identity: residents, operators, staff and partners, how they sign in, and what is kept of them."""

from __future__ import annotations

from xinyi_platform.identity.accounts import create_account, create_partner, partners_with_scope
from xinyi_platform.identity.middleware import middleware
from xinyi_platform.identity.partners import PartnerView, partner_names, partners_with
from xinyi_platform.identity.residents import (
    ResidentBasics,
    ResidentProfile,
    count_residents,
    create_resident,
    find_resident_by_identity,
    find_resident_by_phone,
    find_residents,
    resident_basics,
    resident_phone,
    resident_profile,
    resident_profiles,
    residents_after,
)

__all__ = [
    "PartnerView",
    "ResidentBasics",
    "ResidentProfile",
    "count_residents",
    "create_account",
    "create_partner",
    "create_resident",
    "find_resident_by_identity",
    "find_resident_by_phone",
    "find_residents",
    "middleware",
    "partner_names",
    "partners_with",
    "partners_with_scope",
    "resident_basics",
    "resident_phone",
    "resident_profile",
    "resident_profiles",
    "residents_after",
]
