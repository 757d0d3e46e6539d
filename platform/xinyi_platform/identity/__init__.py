"""Identity: residents, operators, staff and partners, how they sign in, and what is kept of them."""

from __future__ import annotations

from xinyi_platform.identity.accounts import create_account, create_partner, partners_with_scope
from xinyi_platform.identity.enrolling import (
    AccountView,
    Enrolment,
    UsernameTaken,
    account_views,
    accounts_of,
    close_account,
    enter_account,
    new_totp_secret,
    prepare_enrolment,
    totp_address,
)
from xinyi_platform.identity.middleware import middleware
from xinyi_platform.identity.partners import PartnerView, partner_names, partners_with
from xinyi_platform.identity.residents import (
    ResidentBasics,
    ResidentProfile,
    called_otherwise,
    count_residents,
    create_resident,
    find_resident_by_identity,
    find_resident_by_phone,
    find_residents,
    has_other_name,
    resident_basics,
    resident_phone,
    resident_profile,
    resident_profiles,
    residents_after,
)
from xinyi_platform.identity.signing_in import ResidentSignedIn

__all__ = [
    "AccountView",
    "Enrolment",
    "PartnerView",
    "ResidentBasics",
    "ResidentProfile",
    "ResidentSignedIn",
    "UsernameTaken",
    "account_views",
    "accounts_of",
    "called_otherwise",
    "close_account",
    "count_residents",
    "create_account",
    "create_partner",
    "create_resident",
    "enter_account",
    "find_resident_by_identity",
    "find_resident_by_phone",
    "find_residents",
    "has_other_name",
    "middleware",
    "new_totp_secret",
    "partner_names",
    "partners_with",
    "partners_with_scope",
    "prepare_enrolment",
    "resident_basics",
    "resident_phone",
    "resident_profile",
    "resident_profiles",
    "residents_after",
    "totp_address",
]
