"""What everybody sees of a merchant after scanning its sticker."""
