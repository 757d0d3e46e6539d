"""The cases that a new scene begins with: one who gets it, one who does not, one of whom nothing is known."""

from __future__ import annotations

NEW_CASES = """# Who should be told what. `xinyi scenario test` runs these, and both sides of every argument.
# A fact that is left out is not known. `age = 67` stands for the birth date, `credit` is a standing, "no_consent"
# or "silent"; `at = 2026-12-01T10:00:00` in a case sets the local time, `expect = "closed"` tries days and hours.

[people.good]
credit = "good"
age = 30

[people.serious]
credit = "serious"
age = 30

[people.unasked]
age = 30

[[cases]]
who = "good"
expect = "eligible"

[[cases]]
who = "serious"
expect = "not_eligible"
decides = "credit_status"

[[cases]]
who = "unasked"
expect = "unknown"
decides = "credit_status"
"""
