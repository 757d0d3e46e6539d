"""Exemplary cases (典型案例): told by communities, published with the consent of everybody in them."""
