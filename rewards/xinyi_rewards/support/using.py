"""Use a fee waiver at a unit's counter: never more than its cap, once a reference, undone exactly once."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from xinyi_platform import audit, outbox
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_rewards.support.deciding import NOT_YET, OVER
from xinyi_rewards.support.errors import NotEnoughLeft, NotUsable, UsePutDown, UseReversed
from xinyi_rewards.support.models import SupportGrant, SupportUse
from xinyi_rewards.support.policy import MOST_FEN
from xinyi_rewards.support.states import NAMES


async def put_down_use(grant_id: UUID, staff: Staff, *, amount_fen: int, reference: str, at: datetime) -> SupportUse:
    """Put one use down. `reference` is the unit's own number of it; the same one twice is refused.

    Raises NotFound (404), InvalidField (400), NotUsable and UsePutDown (409), NotEnoughLeft (422).
    """
    grant = await SupportGrant.get_or_none(id=grant_id)
    if grant is None or not grant.cap_fen:
        raise NotFound
    if not 0 < amount_fen <= MOST_FEN:
        raise InvalidField(
            field="amount", zh="金额应大于0且不超过100万元。", en="The amount is above 0, at most a million."
        )
    if not 2 <= len(reference.strip()) <= 40:
        raise InvalidField(field="reference", zh="请填写凭证号(2–40个字符)。", en="Give the reference (2 to 40).")
    if (why := _why_not(grant, local_date(at))) is not None:
        raise NotUsable(zh=why.zh, en=why.en)
    try:
        async with transaction():
            use = await SupportUse.create(
                id=new_id(),
                grant_id=grant_id,
                slot=reference.strip(),
                reference=reference.strip(),
                amount_fen=amount_fen,
                actor=staff.label,
                used_at=at,
            )
            left = SupportGrant.filter(id=grant_id, state="granted", used_fen__lte=grant.cap_fen - amount_fen)
            if not await left.update(used_fen=F("used_fen") + amount_fen):
                raise NotEnoughLeft(left_fen=grant.cap_fen - (await SupportGrant.get(id=grant_id)).used_fen)
            await _record("use", grant, staff, amount_fen, at)
    except IntegrityError as error:
        raise UsePutDown from error
    return use


def _why_not(grant: SupportGrant, today: date) -> Text | None:
    """Return why a grant cannot be used on a day, also where the job that says so is late; None: it can."""
    if grant.state in ("waiting", "granted", "suspended") and today > grant.ends_on:
        return OVER
    if grant.state == "granted":
        return None if grant.starts_on <= today else NOT_YET
    name = NAMES[grant.state]
    return Text(grant.reason_zh or name.zh, grant.reason_en or name.en)


async def reverse_use(use_id: UUID, staff: Staff, *, reason: str, at: datetime) -> None:
    """Undo one use exactly. Raises NotFound (404), InvalidField (400), UseReversed (409)."""
    use = await SupportUse.get_or_none(id=use_id)
    if use is None:
        raise NotFound
    if not 2 <= len(reason.strip()) <= 200:
        raise InvalidField(field="reason", zh="请填写冲正原因。", en="Give the reason.")
    async with transaction():
        changed = await SupportUse.filter(id=use_id, reversed_at=None).update(
            slot=str(use_id), reversed_at=at, reversed_by=staff.label, reversal_reason=reason.strip()
        )
        if not changed:
            raise UseReversed
        await SupportGrant.filter(id=use.grant_id).update(used_fen=F("used_fen") - use.amount_fen)
        await _record("reverse", await SupportGrant.get(id=use.grant_id), staff, use.amount_fen, at)


async def _record(act: str, grant: SupportGrant, staff: Staff, amount_fen: int, at: datetime) -> None:
    await audit.record(
        f"support_grant.{act}",
        actor=staff.label,
        object_kind="support_grant",
        object_id=grant.id,
        detail={"policy": grant.policy, "amount_fen": amount_fen},
        at=at,
    )
    news = {"grant": str(grant.id), "policy": grant.policy, "amount_fen": amount_fen}
    await outbox.emit(f"support.{act}", news, audience=f"merchant:{grant.merchant_id}", at=at)
