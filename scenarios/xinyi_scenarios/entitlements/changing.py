"""Every change of an entitlement after the claim goes through `change_entitlement`.

One transaction: the conditional UPDATE that decides a race, the ledger's move, the audit row, the news, and
last, because they are the hot rows, the quotas when something goes back. What somebody outside says has to follow is
taken in the same transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_platform import audit, outbox
from xinyi_platform.database import transaction
from xinyi_platform.errors import ChangedMeanwhile, Conflict, NotFound
from xinyi_platform.language import Text
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import OPEN, advance, booking_for
from xinyi_scenarios.ledger import Journal, book_many
from xinyi_scenarios.quotas import FEN, hold_from, release_units

# What a flow says to a change of what was given under it, in its transaction; it refuses by
# raising. Arguments: the entitlement as it is, the event, who acts, when.
Follower = Callable[[Entitlement, str, str, datetime], Awaitable[None]]
FOLLOWERS: dict[str, Follower] = {}


@dataclass(frozen=True, slots=True)
class Sequel:
    """A further event that has to follow a change at once, with its reason."""

    event: str
    reason: str


# What somebody outside says to a change of what names a word in its benefit, before the entitlement's row is locked, so
# that it can lock its own first. Arguments: the entitlement's id, the event, when.
Outsider = Callable[[UUID, str, datetime], Awaitable[Sequel | None]]
OUTSIDERS: dict[str, Outsider] = {}

_ENDED_UNUSED = frozenset({"expired", "cancelled", "withdrawn"})


def follow_changes(flow: str, follower: Follower) -> None:
    """Register a flow's say; a flow has one, and the instance that was prepared last is heard."""
    FOLLOWERS[flow] = follower


def follow_named(word: str, outsider: Outsider) -> None:
    """Register who follows the changes of entitlements whose benefit names a word; a word has one."""
    OUTSIDERS[word] = outsider


class EntitlementChanged(ChangedMeanwhile):
    """Somebody else changed it at the same moment; read it again."""

    code = "entitlement_changed"
    text = Text("该权益刚刚发生变化,请刷新后重试。", "This entitlement changed just now; look again and retry.")


async def change_entitlement(
    entitlement_id: UUID,
    event: str,
    *,
    actor: str,
    at: datetime,
    reason: str = "",
    detail: dict[str, object] | None = None,
) -> Entitlement:
    """Take one edge of the state table and everything that hangs on it, or nothing.

    Joins the caller's transaction as a savepoint. Raises NotFound (404), TransitionForbidden (409) and
    EntitlementChanged (409) when another process was first.
    """
    async with transaction():
        held = await Entitlement.get_or_none(id=entitlement_id)
        if held is None:
            raise NotFound
        target = advance(held.state, event)
        sequel = await _sequel(held, event, at)
        await _move(held, target, at=at, reason=reason)
        follower = FOLLOWERS.get(str(held.benefit.get("kind")))
        if follower:
            await follower(held, event, actor, at)
        moves = _moves(held, booking_for(held.state, event))
        await book_many(moves, at=at)
        await audit.record(
            f"entitlement.{event}",
            actor=actor,
            object_kind="entitlement",
            object_id=held.id,
            detail={"from": held.state, "to": target, "reason": reason, **(detail or {})},
            at=at,
        )
        await outbox.emit(
            f"entitlement.{target}",
            {"entitlement": str(held.id), "scenario": held.scenario, "reason": reason},
            audience=f"resident:{held.resident_id}",
            at=at,
        )
        for move in moves:
            if move.kind == "return":
                await release_units(move.quota_id, move.amount)
        if sequel:
            await change_entitlement(entitlement_id, sequel.event, actor=actor, at=at, reason=sequel.reason)
    return await Entitlement.get(id=entitlement_id)


async def _sequel(held: Entitlement, event: str, at: datetime) -> Sequel | None:
    for word, outsider in OUTSIDERS.items():
        if word in held.benefit and (sequel := await outsider(held.id, event, at)):
            return sequel
    return None


def _moves(held: Entitlement, kind: str | None) -> list[Journal]:
    """Return what moves in the books, the main quota last. Money that was not spent comes back when a unit expires."""
    if kind is None:
        return []
    holds = [hold_from(stored) for stored in held.holds]
    moves = [
        Journal("return" if kind == "expire" and hold.measure == FEN else kind, hold.quota_id, held.id, hold.amount)
        for hold in holds
    ]
    return [*moves, Journal(kind, held.quota_id, held.id)]


async def _move(held: Entitlement, target: str, *, at: datetime, reason: str) -> None:
    values: dict[str, object] = {"state": target, "reason": reason}
    if target in _ENDED_UNUSED:
        values |= {"ended_at": at, "slot": f"{held.period}/{held.id}"}
    if target == "issued":
        values |= {"issued_at": held.issued_at or at, "reserved_until": None}
    changed = await Entitlement.filter(id=held.id, state=held.state).update(**values)
    if not changed:
        raise EntitlementChanged


async def expire_due(now: datetime, *, limit: int = 500) -> int:
    """Expire what ran out: holds past their time and entitlements past their validity. Returns how many."""
    holds = Entitlement.filter(state="reserved", reserved_until__lte=now).limit(limit)
    unused = Entitlement.filter(state__in=[*OPEN], valid_until__lte=now).limit(limit)
    due = {row.id for row in await holds} | {row.id for row in await unused}
    settled = 0
    for entitlement_id in due:
        try:
            await change_entitlement(entitlement_id, "expire", actor="job:expire", at=now)
        except Conflict:
            continue
        settled += 1
    return settled
