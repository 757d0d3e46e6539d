"""Recalls: who received an entry is on record, and is told, signed and until it is acknowledged, to stop using it."""
