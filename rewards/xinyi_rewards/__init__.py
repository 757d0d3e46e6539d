"""Honor lists and what they give."""
