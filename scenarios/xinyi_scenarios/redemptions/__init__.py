"""Redemptions: the use of an entitlement at a shop or a partner, and its exact undoing."""
