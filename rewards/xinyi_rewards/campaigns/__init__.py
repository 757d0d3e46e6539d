"""Campaigns: a dated reward of an area within a budget, planned by one person and approved by another."""
