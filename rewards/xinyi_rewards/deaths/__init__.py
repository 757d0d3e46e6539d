"""The death of a person: everything that is listed about her ends."""
