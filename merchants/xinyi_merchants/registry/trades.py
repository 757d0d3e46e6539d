"""The ten trades of the registry, as data in both languages."""

from __future__ import annotations

from xinyi_platform.language import Text

TRADES: dict[str, Text] = {
    "catering": Text("餐饮", "Catering"),
    "supermarket": Text("商超", "Supermarket"),
    "pharmacy": Text("药店", "Pharmacy"),
    "hotel": Text("宾馆", "Hotel"),
    "attraction": Text("景区", "Attraction"),
    "bookshop": Text("书店", "Bookshop"),
    "fitness": Text("健身", "Fitness"),
    "housekeeping": Text("家政", "Housekeeping"),
    "car_repair": Text("汽修", "Car repair"),
    "farm_supplies": Text("农资", "Farm supplies"),
}


def trade_name(key: str) -> Text:
    """Return a trade's name; the key itself where it is not known."""
    return TRADES.get(key, Text(key, key))
