"""The typed form of a manifest. Unknown keys are errors, so a misspelt rule is never silently off."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from xinyi_platform.language import Text

Fen = Annotated[int, Meta(ge=0, le=100_000_000)]
Short = Annotated[str, Meta(min_length=1, max_length=40)]
Long = Annotated[str, Meta(min_length=1, max_length=600)]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of a manifest's tables."""


class Sentence(_Part, kw_only=True, frozen=True):
    """A text in both languages."""

    zh: Long
    en: Long

    @property
    def text(self) -> Text:
        return Text(self.zh, self.en)


class Voucher(_Part, kw_only=True, frozen=True, tag_field="flow", tag="voucher"):
    """A discount or gift, redeemed once at a merchant or partner.

    `trades` empty: at any merchant. `partners_only`: by the provider's own system, at no shop's till.
    """

    percent_off: Annotated[int, Meta(ge=1, le=100)] | None = None
    value_fen: Fen | None = None
    cap_fen: Fen | None = None
    validity_days: Annotated[int, Meta(ge=1, le=366)] = 30
    trades: list[Short] = []
    honest_only: bool = False
    partners_only: bool = False

    def benefit(self) -> dict[str, object]:
        """Return what is promised, as it is kept with the entitlement."""
        return {
            "kind": "voucher",
            "percent_off": self.percent_off,
            "value_fen": self.value_fen,
            "cap_fen": self.cap_fen,
            "trades": self.trades,
            "honest_only": self.honest_only,
            "partners_only": self.partners_only,
        }


class Waiver(_Part, kw_only=True, frozen=True, tag_field="flow", tag="waiver"):
    """Deposit-free service orders, as many as `max_open_orders` at a time, while the entitlement is valid."""

    deposit_cap_fen: Fen
    max_open_orders: Annotated[int, Meta(ge=1, le=20)]
    free_minutes: Annotated[int, Meta(ge=0, le=10_000)] = 0
    validity_days: Annotated[int, Meta(ge=1, le=366)] = 180

    def benefit(self) -> dict[str, object]:
        """Return what is promised, as it is kept with the entitlement."""
        return {
            "kind": "waiver",
            "deposit_cap_fen": self.deposit_cap_fen,
            "max_open_orders": self.max_open_orders,
            "free_minutes": self.free_minutes,
        }


class QuotaRule(_Part, kw_only=True, frozen=True):
    """How many units there are in a period (a local day or month, or for ever)."""

    total: Annotated[int, Meta(ge=1, le=10_000_000)]
    period: Literal["day", "month", "ever"] = "month"


class BureauRule(_Part, kw_only=True, frozen=True):
    """What is asked of the bureau and why; a grant relies on a status no older than `fresh_hours`."""

    purpose: Short
    basis: Long
    fresh_hours: Annotated[int, Meta(ge=1, le=24 * 31)] = 24


class Manifest(_Part, kw_only=True, frozen=True):
    """One scene. `requires` holds requirement tables; each names its `type` and that type's arguments."""

    slug: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    version: Annotated[int, Meta(ge=1)]
    opens_on: date
    name: Sentence
    summary: Sentence
    terms: Sentence
    provider: Sentence
    gives: Voucher | Waiver
    requires: list[dict[str, Any]]
    quota: QuotaRule
    bureau: BureauRule
