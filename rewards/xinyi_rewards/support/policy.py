"""The catalogue of support policies (`policies.toml`)."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from xinyi_merchants.registry import TRADES
from xinyi_platform.language import Text

MOST_FEN = 100_000_000
"""The most that one shop can be waived, and so the most of one use: a million yuan."""
Kind = Literal["fee_waiver", "inspection_relief", "promotion", "service"]
KINDS: dict[Kind, Text] = {
    "fee_waiver": Text("费用减免", "Fees waived"),
    "inspection_relief": Text("减少检查", "Fewer inspections"),
    "promotion": Text("宣传推荐", "Promotion"),
    "service": Text("服务支持", "Service"),
}


class SupportPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the catalogue. `months`: 1 to 3; `grants`: how many shops can have it; `cap_fen`: what one can use.

    It is granted from `from_day` to `to_day`, both included; None: without an end. `trades` empty: all.
    """

    slug: str
    kind: Kind
    name_zh: str
    name_en: str
    how_zh: str
    how_en: str
    unit_zh: str
    unit_en: str
    basis: str
    months: Annotated[int, msgspec.Meta(ge=1, le=3)]
    grants: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    cap_fen: Annotated[int, msgspec.Meta(ge=0, le=MOST_FEN)]
    trades: list[str]
    from_day: date
    to_day: date | None = None

    def __post_init__(self) -> None:
        if not self.basis.strip():
            raise ValueError(f"support {self.slug} has no basis")
        if (self.kind == "fee_waiver") != (self.cap_fen > 0):
            raise ValueError(f"support {self.slug}: a fee waiver has an amount, and nothing else has one")
        if unknown := set(self.trades) - set(TRADES):
            raise ValueError(f"support {self.slug}: unknown trades {sorted(unknown)}")

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)

    @property
    def how(self) -> Text:
        return Text(self.how_zh, self.how_en)

    @property
    def unit(self) -> Text:
        return Text(self.unit_zh, self.unit_en)


@cache
def support_policies() -> dict[str, SupportPolicy]:
    """Return the catalogue by slug, in the order of the file."""
    text = files("xinyi_rewards.support").joinpath("policies.toml").read_text(encoding="utf-8")
    return {policy.slug: policy for policy in msgspec.convert(tomllib.loads(text)["policy"], list[SupportPolicy])}
