"""Entitlements: what a resident holds after claiming, and the code that she shows."""
