"""Stickers (码上见): what hangs in a shop and leads to its live page."""

from __future__ import annotations

from xinyi_merchants.stickers.issuing import check_sticker, issue_sticker, replace_sticker, revoke_sticker, sticker_url

__all__ = ["check_sticker", "issue_sticker", "replace_sticker", "revoke_sticker", "sticker_url"]
