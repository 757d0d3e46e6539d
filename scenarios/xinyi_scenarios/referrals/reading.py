"""Look at referrals: a resident's own, a receiver's own, and who has not acknowledged a recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from xinyi_platform.errors import NotFound
from xinyi_platform.identity import partner_names
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.referrals.models import Referral
from xinyi_scenarios.referrals.states import LIVE, OUTCOMES, REASONS, STATES


@dataclass(frozen=True, slots=True)
class ShownReferral:
    """One referral as a page shows it."""

    row: Referral
    name: Text
    receiver: str

    @property
    def label(self) -> Text:
        return STATES[self.row.state]

    @property
    def verdict(self) -> Text:
        return Text("是", "yes") if self.row.verdict == "yes" else Text("否", "no")

    @property
    def outcome(self) -> Text:
        return OUTCOMES[self.row.outcome]

    @property
    def is_live(self) -> bool:
        return self.row.state in LIVE

    @property
    def timeline(self) -> list[dict[str, Any]]:
        """What happened, the newest first."""
        row = self.row
        found = [
            (row.offered_at, Text(f"答复已发给{self.receiver}", f"The answer went to {self.receiver}"), ""),
            (row.delivered_at, STATES["delivered"], ""),
            (row.acknowledged_at, STATES["acknowledged"], ""),
            (row.outcome_at, self.outcome, ""),
            (row.recalled_at, STATES["recalled"], REASONS[row.recall_reason]),
            (row.ended_at, self.label, REASONS[row.recall_reason] if row.recalled_at is None else ""),
        ]
        return [{"at": at, "title": title, "text": text} for at, title, text in reversed(found) if at]


@dataclass(frozen=True, slots=True)
class ReceiverView:
    """One receiver for the console, in numbers only."""

    name: str
    live: int
    unacknowledged: int
    oldest: datetime | None
    chases: int


async def my_referral(resident_id: UUID, referral_id: UUID) -> Referral:
    """Return one of a resident's own. Raises NotFound (404)."""
    row = await Referral.get_or_none(id=referral_id, resident_id=resident_id)
    if row is None:
        raise NotFound
    return row


async def referrals_of_resident(resident_id: UUID) -> list[Referral]:
    """Return a resident's referrals, the newest first."""
    return await Referral.filter(resident_id=resident_id).order_by("-offered_at", "-id").limit(100)


async def referrals_on(entitlement_id: UUID) -> list[Referral]:
    """Return what was told on an entitlement, the newest first."""
    return await Referral.filter(entitlement_id=entitlement_id).order_by("-offered_at", "-id").limit(20)


async def referrals_of_partner(partner_id: UUID, *, state: str = "") -> list[Referral]:
    """Return a receiver's own referrals, the newest first; those that never reached it are left out."""
    rows = Referral.filter(partner_id=partner_id).exclude(state__in=["withdrawn", "expired"])
    return await (rows.filter(state=state) if state else rows).order_by("-offered_at", "-id").limit(200)


async def show_all(runtime: Runtime, rows: Sequence[Referral]) -> list[ShownReferral]:
    """Return referrals as pages show them."""
    names = await partner_names() if rows else {}
    scenes = runtime.part(Catalogue).scenes
    return [ShownReferral(row, _name(scenes, row.scenario), names.get(row.partner_id, "—")) for row in rows]


def _name(scenes: Mapping[str, Any], slug: str) -> Text:
    return scenes[slug].name.text if slug in scenes else Text(slug, slug)


async def receivers_in_numbers() -> list[ReceiverView]:
    """Return each receiver with its live answers and its recalls that wait, the most silent first."""
    names = await partner_names()
    rows = await Referral.filter(state__in=[*LIVE, "recalled"]).only("partner_id", "state", "recalled_at", "chases")
    by_partner: dict[UUID, list[Referral]] = {}
    for row in rows:
        by_partner.setdefault(row.partner_id, []).append(row)
    views = [_in_numbers(names.get(partner_id, "—"), found) for partner_id, found in by_partner.items()]
    return sorted(views, key=lambda view: (-view.unacknowledged, view.name))


def _in_numbers(name: str, rows: Sequence[Referral]) -> ReceiverView:
    silent = [row for row in rows if row.state == "recalled"]
    oldest = min((row.recalled_at for row in silent if row.recalled_at), default=None)
    return ReceiverView(name, len(rows) - len(silent), len(silent), oldest, sum(row.chases for row in silent))
