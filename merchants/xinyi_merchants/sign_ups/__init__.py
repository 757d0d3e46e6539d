"""A shop that asks to be entered into the registry, and the community that decides."""
