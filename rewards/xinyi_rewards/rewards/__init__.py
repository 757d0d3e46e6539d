"""Rewards: what a place on a red list gives, granted and taken back with the entry."""
