"""Fairs: tickets by time slot, gates that work without network and settle later, stamps, and prizes with stock."""
