"""Watching over what residents hold: they are told before they lose anything, with the reason and what helps."""
