"""The flow `keepsake`: something small that is handed over at the provider's own counter."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from xinyi_platform.language import Text
from xinyi_scenarios.manifests.flows import Flow, FlowTerms
from xinyi_scenarios.manifests.parts import Sentence


class Keepsake(FlowTerms, kw_only=True, frozen=True):
    """What is handed over, where, and how many of it."""

    thing: Sentence
    counter: Sentence
    pieces: Annotated[int, Meta(ge=1, le=10)] = 1


KEEPSAKE = Flow(name="keepsake", label=Text("纪念品", "Keepsake"), terms=Keepsake)
