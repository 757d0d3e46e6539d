"""The public credit bureau upstream: signed, minimal questions and answers over HTTP. See README.md here."""

from __future__ import annotations

from xinyi_platform.bureau.client import BureauClient, BureauSilent
from xinyi_platform.bureau.protocol import BureauNews, BureauStatus

__all__ = ["BureauClient", "BureauNews", "BureauSilent", "BureauStatus"]
