"""A resident hands in a picture of a paper."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.errors import NotFound
from xinyi_platform.files import store_picture
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.commitments.keeping import hand_in
from xinyi_scenarios.commitments.models import CommitmentPaper, SignedCommitment
from xinyi_scenarios.commitments.reading import my_commitment
from xinyi_scenarios.commitments.states import advance, advance_paper

MOST_UPLOAD_BYTES = 6_000_000
PURPOSE = "commitment"


async def upload_paper(
    runtime: Runtime, resident_id: UUID, commitment_id: UUID, key: str, data: bytes, *, actor: str, at: datetime
) -> SignedCommitment:
    """Keep the picture and hand the paper in.

    Raises NotFound (404), TransitionForbidden, RepairOver (409), InvalidPicture (422), PictureTooLarge (413).
    """
    row = await my_commitment(resident_id, commitment_id)
    await _refuse_early(row, key)
    stored = await store_picture(runtime.files, data, owner=actor, purpose=PURPOSE, now=at)
    return await hand_in(row.id, key, actor=actor, channel="upload", at=at, file_id=stored.id)


async def _refuse_early(row: SignedCommitment, key: str) -> None:
    """Refuse before anything is kept; the act itself looks again under its lock."""
    paper = await CommitmentPaper.get_or_none(commitment_id=row.id, key=key)
    if paper is None:
        raise NotFound
    advance(row.state, "paper")
    advance_paper(paper.state, "hand_in")
