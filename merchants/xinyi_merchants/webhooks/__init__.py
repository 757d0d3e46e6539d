"""News of a shop for its own systems, by the platform's signed webhooks."""
