"""The typed form of a manifest: one scene, in one of its versions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from xinyi_scenarios.manifests.flows import FlowTerms
from xinyi_scenarios.manifests.parts import ClockTime, ClosingTime, Division, Long, Part, Sentence, Short, Weekday

Period = Literal["day", "month", "year", "ever"]
Units = Annotated[int, Meta(ge=1, le=1_000_000_000_000)]


class Limit(Part, kw_only=True, frozen=True):
    """A narrower limit inside a quota or a budget, taken together with it or not at all.

    `per` district: the district of the resident's residence, `shares` sets single ones apart from `total`.
    `per` merchant: counted where it is used, not at the claim.
    """

    per: Literal["scene", "district", "merchant"]
    period: Period
    total: Units
    shares: dict[Division, Annotated[int, Meta(ge=0, le=1_000_000_000_000)]] = {}


class QuotaRule(Part, kw_only=True, frozen=True):
    """How many units there are in a period (local day, month or year, or for ever), and how many a resident may have.

    `per_resident`: claims of one resident in a period.
    """

    total: Annotated[int, Meta(ge=1, le=10_000_000)]
    period: Period = "month"
    per_resident: Annotated[int, Meta(ge=1, le=1_000)] = 1
    limits: list[Limit] = []


class BudgetRule(Part, kw_only=True, frozen=True):
    """How much money, in fen, the scene may cost in a period.

    The most that an entitlement can cost is set aside at the claim; what was not spent comes back once its use can
    no longer be reversed, or when it ends unused.
    """

    total_fen: Units
    period: Period = "month"
    limits: list[Limit] = []


class Opening(Part, kw_only=True, frozen=True):
    """When claims are taken, in local time: on `weekdays` (1 is Monday), from `opens` to before `closes`."""

    weekdays: Annotated[tuple[Weekday, ...], Meta(min_length=1)] = (1, 2, 3, 4, 5, 6, 7)
    opens: ClockTime = "00:00"
    closes: ClosingTime = "24:00"


class BureauRule(Part, kw_only=True, frozen=True):
    """What is asked of the bureau and why; a grant relies on a status no older than `fresh_hours`.

    `purpose` is the consent that the read rests on, `data` the classes that are read, `basis` the law.
    """

    purpose: Short
    basis: Long
    data: Annotated[tuple[Literal["standing", "black_list"], ...], Meta(min_length=1)] = ("standing", "black_list")
    fresh_hours: Annotated[int, Meta(ge=1, le=24 * 31)] = 24


class OnChange(Part, kw_only=True, frozen=True):
    """What happens to what was given when a requirement is no longer met, `grace_days` after the resident was told."""

    do: Literal["keep", "suspend", "end"] = "keep"
    grace_days: Annotated[int, Meta(ge=1, le=366)] = 7


class HostRule(Part, kw_only=True, frozen=True):
    """Which versions of the host a scene fits, as a version specifier, and the facts that it may read."""

    versions: Short
    reads: list[Short] = []


class Scene(Part, kw_only=True, frozen=True):
    """One scene in one version, which holds from `opens_on` (to `closes_on`, both included).

    `requires` holds the requirement tables for the claim, `requires_at_use` those for each use; each names its
    `type` and that type's arguments. `shown` is the short phrase on the scene's card.
    """

    slug: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
    version: Annotated[int, Meta(ge=1)]
    opens_on: date
    closes_on: date | None = None
    name: Sentence
    summary: Sentence
    shown: Sentence | None = None
    terms: Sentence
    provider: Sentence
    requires: list[dict[str, Any]] = []
    requires_at_use: list[dict[str, Any]] = []
    quota: QuotaRule
    budget: BudgetRule | None = None
    opening: Opening = Opening()
    bureau: BureauRule
    on_change: OnChange = OnChange()
    host: HostRule | None = None


class WrittenManifest(Scene, kw_only=True, frozen=True):
    """A manifest as its author writes it: `gives` names its flow and holds that flow's terms, not yet read."""

    gives: dict[str, Any]


class Manifest(Scene, kw_only=True, frozen=True):
    """A manifest that was read: `flow` is its flow's name, `gives` that flow's terms."""

    flow: str
    gives: FlowTerms

    def benefit(self) -> dict[str, object]:
        """Return what is promised, as it is kept with each entitlement."""
        benefit = self.gives.benefit(self.flow)
        return {**benefit, "requires_at_use": self.requires_at_use} if self.requires_at_use else benefit

    def written(self) -> dict[str, Any]:
        """Return the manifest as plain values in the written form; reading them again gives the same manifest."""
        values: dict[str, Any] = msgspec.to_builtins(self, builtin_types=(date,))
        flow = values.pop("flow")
        return {**values, "gives": {"flow": flow, **values["gives"]}}
