"""Guardianships: who acts for a child or cares for somebody, asked for by residents and confirmed by the community."""

from __future__ import annotations

from xinyi_platform.guardianships.reading import guardian_facts, guardians_of, households, wards_of

__all__ = ["guardian_facts", "guardians_of", "households", "wards_of"]
