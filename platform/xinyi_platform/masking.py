"""How personal data is shown to others: 张三 → 张*, identity number → 4106**********1234, phone → 138****5678."""

from __future__ import annotations

_DOUBLE_SURNAMES = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "长孙",
        "宇文",
        "司徒",
        "夏侯",
        "独孤",
        "南宫",
    ]
)


def mask_name(name: str) -> str:
    """Mask a person's name: two characters keep the first; more keep the first and the last."""
    if len(name) <= 1:
        return "*"
    if len(name) == 2 or (len(name) == 3 and name[:2] in _DOUBLE_SURNAMES):
        return name[0] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_identity_number(number: str) -> str:
    """Mask an identity number: the first and the last four characters stay."""
    return number[:4] + "*" * max(len(number) - 8, 1) + number[-4:]


def mask_phone(phone: str) -> str:
    """Mask a mobile number: the first three and the last four digits stay."""
    return phone[:3] + "****" + phone[-4:]
