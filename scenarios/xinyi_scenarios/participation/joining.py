"""Join a scene, leave it, and tell who takes part."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from xinyi_merchants.registry import MerchantFacts
from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import Conflict, Forbidden
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.participation.models import Participation

LIVE = "live"


class NotForThisTrade(Forbidden):
    """The scene asks nobody to sign up, or not this trade."""

    code = "scene_not_for_trade"
    text = Text("该场景不对本行业开放报名。", "This scene takes no sign-ups of your trade.")


class TermsChanged(Conflict):
    """The terms that were shown are no longer those in force. Values: `version`."""

    code = "scene_terms_changed"
    text = Text("场景条款已更新,请重新阅读后再参加。", "The terms have changed meanwhile; read them and join again.")


def takes_sign_ups(scene: Manifest, trade: str) -> bool:
    """Tell whether a scene asks merchants of a trade to sign up."""
    trades = getattr(scene.gives, "trades", [])
    return bool(getattr(scene.gives, "sign_up", False)) and (not trades or trade in trades)


async def signed_up_merchants(slug: str, merchant_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the merchants that take part in a scene now, by one query."""
    rows = await Participation.filter(scenario=slug, merchant_id__in=list(merchant_ids), slot=LIVE).values_list(
        "merchant_id", flat=True
    )
    return {UUID(str(merchant_id)) for merchant_id in rows}


async def scenes_joined(merchant_id: UUID) -> frozenset[str]:
    """Return the scenes that a merchant takes part in now."""
    rows = Participation.filter(merchant_id=merchant_id, slot=LIVE).only("id", "scenario")
    return frozenset([row.scenario for row in await rows])


async def join_scene(
    catalogue: Catalogue, slug: str, merchant: MerchantFacts, *, version: int, actor: str, at: datetime
) -> None:
    """Take part in a scene on the terms of the version that was shown. A second time changes nothing.

    Raises NotFound (404), NotForThisTrade (403) and TermsChanged (409).
    """
    scene = catalogue.get(slug)
    if not catalogue.is_on(slug) or not takes_sign_ups(scene, merchant.trade):
        raise NotForThisTrade
    if scene.version != version:
        raise TermsChanged(version=scene.version)
    row = {
        "id": new_id(),
        "scenario": slug,
        "merchant_id": merchant.id,
        "slot": LIVE,
        "version": version,
        "joined_by": actor,
        "joined_at": at,
        "left_at": None,
    }
    async with transaction():
        if await bulk_insert(Participation, [row], skip_conflicts=True):
            detail = {"scenario": slug, "version": version}
            await audit.record(
                "participation.join", actor=actor, object_kind="merchant", object_id=merchant.id, detail=detail, at=at
            )


async def leave_scene(slug: str, merchant: MerchantFacts, *, actor: str, at: datetime) -> None:
    """End a merchant's part in a scene. Where it has none, nothing changes."""
    async with transaction():
        live = await Participation.get_or_none(scenario=slug, merchant_id=merchant.id, slot=LIVE)
        if live is None:
            return
        if await Participation.filter(id=live.id, slot=LIVE).update(slot=str(live.id), left_at=at):
            await audit.record(
                "participation.leave", actor=actor, object_kind="merchant", object_id=merchant.id,
                detail={"scenario": slug}, at=at,
            )  # fmt: skip
