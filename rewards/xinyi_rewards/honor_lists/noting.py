"""What is said and changed about a list between its making and its approval, for the maker and the reviewers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.identity import account_views
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_rewards.honor_lists.errors import ListChanged
from xinyi_rewards.honor_lists.models import HonorList, ListNote, ListReview

Act = Literal["comment", "added", "removed", "evidence"]
CHANGES = ("added", "removed", "evidence")
_NAMES = {
    "comment": Text("留言", "Comment"),
    "added": Text("新增条目", "Entry added"),
    "removed": Text("移除条目", "Entry removed"),
    "evidence": Text("更换认定文书", "Document attached"),
    "refuse": Text("不予采纳", "Refused"),
    "approve": Text("复核通过", "Approved"),
    "send_back": Text("退回", "Sent back"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a list's story. `turn` counts how often the list had been handed in by then."""

    act: str
    title: Text
    text: str
    by: str
    turn: int
    at: datetime


async def note(made: HonorList, act: Act, who: Staff, text: str, *, at: datetime) -> None:
    """Put a line down; joins the caller's transaction."""
    await ListNote.create(honor_list_id=made.id, turn=made.turn, act=act, staff_id=who.id, text=text[:400], at=at)


async def note_look(
    entry_ids: Iterable[UUID], who: Staff, *, at: datetime, look: str = "view", **detail: object
) -> None:
    """Put on the trail that a member of staff saw entries, each by itself: its subject is told how many looked."""
    rows = [
        audit.audit_row(
            f"honor_entry.{look}",
            actor=who.label,
            object_kind="honor_entry",
            object_id=entry_id,
            detail=detail,
            at=at,
        )
        for entry_id in dict.fromkeys(entry_ids)
    ]
    await bulk_insert(audit.AuditEntry, rows)


async def comment_on(made: HonorList, who: Staff, text: str, *, at: datetime) -> None:
    """Say something about a list that is a draft or in review. Raises ListChanged (409) for any other."""
    if made.state not in ("draft", "in_review"):
        raise ListChanged
    await note(made, "comment", who, text, at=at)


async def story_of(made: HonorList) -> list[Said]:
    """Return what was said and changed, oldest first."""
    notes = await ListNote.filter(honor_list_id=made.id).order_by("at", "id").limit(1_000)
    reviews = await ListReview.filter(honor_list_id=made.id).order_by("at")
    names = await _names([*(row.staff_id for row in notes), *(row.staff_id for row in reviews)])
    said = [Said(row.act, _NAMES[row.act], row.text, names.get(row.staff_id, ""), row.turn, row.at) for row in notes]
    said += [
        Said(row.verdict, _NAMES[row.verdict], row.comment, names.get(row.staff_id, ""), row.turn, row.at)
        for row in reviews
    ]
    return sorted(said, key=lambda one: one.at)


def changes_since_last_turn(made: HonorList, story: Sequence[Said]) -> list[Said]:
    """Return what the maker changed since the list was read the last time; nothing on its first turn."""
    last = made.turn - 1 if made.state == "in_review" else made.turn
    return [one for one in story if last >= 1 and one.turn == last and one.act in CHANGES]


async def _names(staff_ids: Sequence[UUID]) -> dict[UUID, str]:
    return {view.id: view.display_name for view in (await account_views(set(staff_ids))).values()}
