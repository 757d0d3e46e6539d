"""Revocations: an entry that is wrong is ended by the city itself, proposed by one person and confirmed by another."""
