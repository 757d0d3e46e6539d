"""Try a manifest on its author's own cases, and on both sides of each of its arguments, without any city."""

from __future__ import annotations

from xinyi_scenarios.trials.cases import CaseError, CaseFile, read_cases
from xinyi_scenarios.trials.running import Trial, try_boundaries, try_cases

__all__ = ["CaseError", "CaseFile", "Trial", "read_cases", "try_boundaries", "try_cases"]
