"""What a part of the city has set stricter than the area above it: proposed, approved by another, in force by day."""

from __future__ import annotations

from xinyi_platform.division_policies.reading import narrowed
from xinyi_platform.tenancy.narrowing import Base, Parameter, Topic, register_topic

__all__ = ["Base", "Parameter", "Topic", "narrowed", "register_topic"]
