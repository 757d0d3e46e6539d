"""Commitments: accepted now on a signed promise, what is missing handed in by a due date (容缺受理)."""
