"""The bureau's feed: decisions to mirror, repairs that were decided, deaths; each taken once."""
