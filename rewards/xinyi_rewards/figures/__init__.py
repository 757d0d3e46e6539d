"""Figures on lists, objections, repairs, rewards and support: for staff of an area, and as open data."""
