"""What a shop's facts may be, field by field: one rule for the portal's forms, sign-ups and spreadsheets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.registry.trades import TRADES, trade_name
from xinyi_merchants.registry.uscc import fault_of_uscc
from xinyi_platform.divisions import division_name, is_division
from xinyi_platform.errors import InvalidField
from xinyi_platform.language import Text
from xinyi_platform.spreadsheets import FORMULA_STARTS

Value = str | date | None
FIELDS: dict[str, Text] = {
    "uscc": Text("统一社会信用代码", "Unified social credit code"),
    "name": Text("名称", "Name"),
    "trade": Text("行业", "Trade"),
    "division": Text("所在社区", "Community"),
    "address": Text("地址", "Address"),
    "phone": Text("联系电话", "Phone"),
    "licence_date": Text("发照日期", "Licence date"),
    "opened_on": Text("开业日期", "Opening date"),
}
OWN = ("address", "phone", "licence_date", "opened_on")
TO_CONFIRM = ("uscc", "name", "trade", "division")
FIRST_LICENCE = date(1949, 10, 1)
_PHONE = re.compile(r"\d{3,5}(-?\d{2,8}){1,3}")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")


def read_field(name: str, text: str, *, today: date) -> Value:
    """Return a field's value from what was typed. Raises InvalidField (400), naming the field."""
    return _READERS[name](name, text.strip(), today)


def read_fields(given: Mapping[str, str], *, today: date) -> dict[str, Value]:
    """Return several fields' values. Raises InvalidField (400) for the first that is wrong, also between them."""
    values = {name: read_field(name, text, today=today) for name, text in given.items()}
    check_dates(values.get("licence_date"), values.get("opened_on"))
    return values


def check_dates(licence_date: Value, opened_on: Value) -> None:
    """Raise InvalidField (400) where a shop would open before its licence."""
    if isinstance(licence_date, date) and isinstance(opened_on, date) and opened_on < licence_date:
        raise InvalidField(
            field="opened_on", zh="开业日期不能早于发照日期。", en="A shop opens on the day of its licence or later."
        )


def values_of(merchant: Merchant) -> dict[str, Value]:
    """Return a shop's facts as they are."""
    return {name: getattr(merchant, name) for name in FIELDS}


def written(value: Value) -> str:
    """Return a value as a history keeps it and a form shows it."""
    return value.isoformat() if isinstance(value, date) else value or ""


def shown(name: str, text: str) -> Text:
    """Return a kept value as people read it."""
    if name == "trade":
        return trade_name(text)
    return division_name(text) if name == "division" else Text(text or "—", text or "—")


def _text(name: str, shortest: int, longest: int, text: str) -> str:
    text = " ".join(text.split())
    label = FIELDS[name]
    if not shortest <= len(text) <= longest or not text.isprintable():
        raise InvalidField(
            field=name,
            zh=f"{label.zh}为{shortest}–{longest}个字符。",
            en=f"{label.en}: {shortest} to {longest} characters.",
        )
    if text.startswith((*FORMULA_STARTS, "'")):
        raise InvalidField(
            field=name,
            zh=f"{label.zh}不能以“{text[0]}”开头。",
            en=f"{label.en}: may not begin with “{text[0]}”.",
        )
    return text


def _uscc(name: str, text: str, _: date) -> str:
    code = "".join(text.split()).upper()
    fault = fault_of_uscc(code)
    if fault:
        raise InvalidField(field=name, zh=fault.zh, en=fault.en)
    return code


def _trade(name: str, text: str, _: date) -> str:
    found = next((key for key, label in TRADES.items() if text in (key, label.zh, label.en)), None)
    if found is None:
        raise InvalidField(
            field=name,
            zh=f"行业应为{'、'.join(label.zh for label in TRADES.values())}之一。",
            en=f"The trade is one of {', '.join(TRADES)}.",
        )
    return found


def _division(name: str, text: str, _: date) -> str:
    if len(text) != 12 or not is_division(text):
        raise InvalidField(
            field=name, zh="请选择本市的社区(12位区划代码)。", en="Choose a community of this city (12 digits)."
        )
    return text


def _phone(name: str, text: str, _: date) -> str:
    plain = "".join(text.split())
    if not 7 <= len(plain) <= 24 or not plain.isascii() or not _PHONE.fullmatch(plain):
        raise InvalidField(
            field=name, zh="请填写手机或带区号的固定电话。", en="Enter a mobile number or a line with its area code."
        )
    return plain


def _day(name: str, text: str, today: date) -> date:
    found = _DAY.fullmatch(text)
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None or not FIRST_LICENCE <= day <= today:
        label = FIELDS[name]
        raise InvalidField(
            field=name,
            zh=f"{label.zh}应为过去的日期,例如 2021-03-08。",
            en=f"{label.en}: a day in the past, such as 2021-03-08.",
        )
    return day


def _day_or_none(name: str, text: str, today: date) -> date | None:
    return _day(name, text, today) if text else None


_READERS: dict[str, Callable[[str, str, date], Value]] = {
    "uscc": _uscc,
    "name": lambda name, text, _: _text(name, 2, 120, text),
    "trade": _trade,
    "division": _division,
    "address": lambda name, text, _: _text(name, 2, 200, text),
    "phone": _phone,
    "licence_date": _day,
    "opened_on": _day_or_none,
}
