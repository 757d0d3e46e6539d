"""Complaints (指尖查): filed from a shop's page, answered by the shop, followed and closed by staff."""

from __future__ import annotations

from xinyi_merchants.complaints.facts import ComplaintFacts, complaint_facts

__all__ = ["ComplaintFacts", "complaint_facts"]
