"""What each flow asks of a manifest's `[gives]`, and the registry of flows.

A flow is code: what a resident may do with what she holds. Its terms are a table of the manifest. A plug-in adds a
flow by registering its name, its terms and whether a till takes its code; what it does beyond that it brings as a
feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from xinyi_platform.language import Text
from xinyi_scenarios.manifests.parts import Days, Division, Fen, Key, Part, Sentence, Short


class FlowTerms(Part, kw_only=True, frozen=True):
    """Base of a flow's `[gives]`. `validity_days`: how long what was given can be used."""

    validity_days: Days = 30

    @property
    def worst_fen(self) -> int | None:
        """What one entitlement can cost the scene's budget at most, in fen; None where that has no bound."""
        return 0

    def benefit(self, flow: str) -> dict[str, object]:
        """Return what is promised, as it is kept with the entitlement: every term, under the flow's name."""
        return {"kind": flow, **msgspec.to_builtins(self)}


class Voucher(FlowTerms, kw_only=True, frozen=True):
    """A discount, an amount or a gift, redeemed once at a merchant or partner.

    Where: `trades`, `districts` (division codes), `honest_only`, `sign_up` (merchants that joined the scene), all
    of which must fit; none: at any merchant. `partners_only`: by the provider's own system, at no shop's till.
    """

    percent_off: Annotated[int, Meta(ge=1, le=100)] | None = None
    value_fen: Fen | None = None
    cap_fen: Fen | None = None
    trades: list[Short] = []
    districts: list[Division] = []
    honest_only: bool = False
    sign_up: bool = False
    partners_only: bool = False

    @property
    def worst_fen(self) -> int | None:
        if self.percent_off is None:
            return self.value_fen or 0
        return self.cap_fen


class Waiver(FlowTerms, kw_only=True, frozen=True):
    """Deposit-free service orders, as many as `max_open_orders` at a time, while the entitlement is valid.

    `trades` empty: partners create the orders; else merchants of these trades do so as well.
    `needs_confirmation`: the resident confirms each order on her phone before it starts.
    """

    deposit_cap_fen: Fen
    max_open_orders: Annotated[int, Meta(ge=1, le=20)]
    free_minutes: Annotated[int, Meta(ge=0, le=10_000)] = 0
    validity_days: Days = 180
    trades: list[Short] = []
    needs_confirmation: bool = False


class Counter(Part, kw_only=True, frozen=True):
    """One place that takes passes: its key, its name, and how many numbers it gives out a day."""

    key: Key
    name: Sentence
    a_day: Annotated[int, Meta(ge=1, le=10_000)]


class FastTrack(FlowTerms, kw_only=True, frozen=True):
    """A green lane: a numbered pass for a day at one of the counters, checked in there.

    `pay_within_days`: what is served may be paid that many days later (0: nothing is paid later), up to
    `pay_cap_fen`.
    """

    counters: Annotated[list[Counter], Meta(min_length=1)]
    passes: Annotated[int, Meta(ge=1, le=100)] = 1
    book_days_ahead: Annotated[int, Meta(ge=0, le=60)] = 7
    pay_within_days: Annotated[int, Meta(ge=0, le=365)] = 0
    pay_cap_fen: Fen = 0


class Paper(Part, kw_only=True, frozen=True):
    """Something that is handed in, or done, later."""

    key: Key
    name: Sentence


class Commitment(FlowTerms, kw_only=True, frozen=True):
    """Accepted now, completed by a due date, on a signed promise (容缺受理).

    `text` is what is signed; `due_days` from the signature; `remind_days` before the due date; a broken promise
    can be made good within `repair_days`.
    """

    text: Sentence
    papers: Annotated[list[Paper], Meta(min_length=1)]
    due_days: Days
    remind_days: tuple[Days, ...] = (7, 1)
    repair_days: Annotated[int, Meta(ge=0, le=366)] = 30


class Referral(FlowTerms, kw_only=True, frozen=True):
    """A yes or no to one receiver of the resident's choice, as a signed answer under a pairwise pseudonym.

    `receivers`: which kind of partner may be chosen. `answer_days`: how long an answer may be relied on.
    `consent`: the purpose of the separate consent (个人信息保护法 第二十三条).
    """

    receivers: Short
    consent: Short
    answer_days: Days = 30


AS_THE_SCENE_SAYS = Text("请按场景说明使用。", "use it as its scene says.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One flow: the name in manifests, the words for people, its terms, and whether a till takes its code.

    `elsewhere` tells a till that does not take it how it is used.
    """

    name: str
    label: Text
    terms: type[FlowTerms]
    at_tills: bool = False
    elsewhere: Text = AS_THE_SCENE_SAYS


class FlowRegistry:
    """The flows by name."""

    def __init__(self) -> None:
        self._flows: dict[str, Flow] = {}

    def register(self, flow: Flow) -> None:
        """Add a flow. Raises ValueError where the name is taken by another one."""
        if self._flows.get(flow.name, flow) != flow:
            raise ValueError(f"the flow {flow.name} is registered twice")
        self._flows[flow.name] = flow

    def get(self, name: str) -> Flow:
        """Return a flow. Raises ValueError, naming those that there are."""
        if name not in self._flows:
            raise ValueError(f"unknown flow {name!r}; there are {', '.join(self.names())}")
        return self._flows[name]

    def names(self) -> list[str]:
        return sorted(self._flows)

    def read(self, gives: dict[str, Any]) -> FlowTerms:
        """Return the terms of a `[gives]` table. Raises ValueError and msgspec.ValidationError."""
        terms = {key: value for key, value in gives.items() if key != "flow"}
        return msgspec.convert(terms, self.get(str(gives.get("flow", ""))).terms)


Terms = TypeVar("Terms", bound=FlowTerms)


def promised_terms(benefit: Mapping[str, object], kind: type[Terms]) -> Terms:
    """Return a flow's terms as they were promised with an entitlement, whatever else is kept beside them."""
    return msgspec.convert({name: benefit[name] for name in kind.__struct_fields__ if name in benefit}, kind)


FLOWS = FlowRegistry()
BUILT_IN = (
    Flow(name="voucher", label=Text("凭证优惠", "Voucher"), terms=Voucher, at_tills=True),
    Flow(
        name="waiver",
        label=Text("免押服务", "Deposit waiver"),
        terms=Waiver,
        elsewhere=Text("免押权益由服务方建立订单使用。", "a deposit waiver is used by a provider's order."),
    ),
    Flow(name="fast_track", label=Text("绿色通道", "Fast track"), terms=FastTrack),
    Flow(name="commitment", label=Text("信用承诺", "Commitment"), terms=Commitment),
    Flow(name="referral", label=Text("信用推荐", "Referral"), terms=Referral),
)
for _flow in BUILT_IN:
    FLOWS.register(_flow)
