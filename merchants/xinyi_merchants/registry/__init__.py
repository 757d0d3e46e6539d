"""The registry of merchants: public facts, operators and honest-merchant awards."""

from __future__ import annotations

from xinyi_merchants.registry.finding import (
    MerchantChanged,
    MerchantFacts,
    MerchantsChanged,
    find_merchant,
    find_merchant_by_code,
    list_merchants,
    merchant_of_operator,
)
from xinyi_merchants.registry.history import KEEPERS
from xinyi_merchants.registry.trades import TRADES, trade_name

__all__ = [
    "KEEPERS",
    "TRADES",
    "MerchantChanged",
    "MerchantFacts",
    "MerchantsChanged",
    "find_merchant",
    "find_merchant_by_code",
    "list_merchants",
    "merchant_of_operator",
    "trade_name",
]
