"""Objections to a notice, by anybody or by a merchant that is not named; decided with reasons by another person."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from xinyi_merchants.evaluations.errors import ChallengeDecided, NoticeOver, OwnRound
from xinyi_merchants.evaluations.models import EvaluationCandidate, EvaluationChallenge, EvaluationRound
from xinyi_merchants.evaluations.rounds import find_round, record
from xinyi_platform import outbox
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.principals import Staff

NAME_FIELD = "evaluation.name"
PHONE_FIELD = "evaluation.phone"
MOST_A_DAY = 10
_PHONE = re.compile(r"1[3-9]\d{9}")


def is_noticed(row: EvaluationRound, at: datetime) -> bool:
    """Tell whether objections are taken."""
    return row.state == "noticed" and row.notice_until is not None and local_date(at) <= row.notice_until


async def object_publicly(
    keys: KeyRing, round_id: UUID, merchant_id: UUID, *, name: str, phone: str, reason: str, at: datetime
) -> UUID:
    """Object to a merchant that the notice names; returns the objection's id.

    Raises NotFound (404) for a merchant that is not named, InvalidField (400), NoticeOver (409).
    """
    if not 2 <= len(name.strip()) <= 40:
        raise InvalidField(field="name", zh="请填写姓名。", en="Enter your name.")
    if not _PHONE.fullmatch(phone):
        raise InvalidField(field="phone", zh="请填写11位手机号。", en="Enter an 11-digit mobile number.")
    ciphers = keys.encrypt(name.strip(), field=NAME_FIELD), keys.encrypt(phone, field=PHONE_FIELD)
    return await _file(round_id, merchant_id, named=True, ciphers=ciphers, reason=reason, actor="anyone", at=at)


async def object_as_merchant(round_id: UUID, merchant_id: UUID, *, reason: str, actor: str, at: datetime) -> UUID:
    """Object to not being named. Raises NotFound (404) where it is named, InvalidField (400), NoticeOver (409)."""
    return await _file(round_id, merchant_id, named=False, ciphers=("", ""), reason=reason, actor=actor, at=at)


async def _file(
    round_id: UUID, merchant_id: UUID, *, named: bool, ciphers: tuple[str, str], reason: str, actor: str, at: datetime
) -> UUID:
    reason = checked_reason(reason)
    row = await find_round(round_id)
    if not await EvaluationCandidate.filter(round_id=row.id, merchant_id=merchant_id, named=named).exists():
        raise NotFound
    async with transaction():
        # The update holds the round against an award that counts the open objections at the same time.
        held = await EvaluationRound.filter(id=row.id, state="noticed").update(changed_at=at)
        if not held or not is_noticed(row, at):
            raise NoticeOver
        made = await EvaluationChallenge.create(
            id=new_id(),
            round_id=row.id,
            merchant_id=merchant_id,
            by_merchant=not named,
            name_cipher=ciphers[0],
            phone_cipher=ciphers[1],
            reason=reason,
            state="open",
            decision_reason="",
            created_at=at,
        )
        await record(row.id, "object", actor, at, objection=str(made.id))
    return made.id


async def decide_challenge(
    round_id: UUID, challenge_id: UUID, staff: Staff, *, upheld: bool, reason: str, at: datetime
) -> None:
    """Uphold an objection, which turns whether the merchant is named, or dismiss it, with the reasons.

    Raises NotFound (404), InvalidField (400), OwnRound (403) for the round's maker, ChallengeDecided (409).
    """
    row = await find_round(round_id)
    challenge = await EvaluationChallenge.get_or_none(id=challenge_id, round_id=row.id)
    if challenge is None:
        raise NotFound
    if staff.person == row.maker_person:
        raise OwnRound
    reason, state = checked_reason(reason), "upheld" if upheld else "dismissed"
    async with transaction():
        held = await EvaluationRound.filter(id=row.id, state="noticed").update(changed_at=at)
        changed = await EvaluationChallenge.filter(id=challenge.id, state="open").update(
            state=state, decider_person=staff.person, decision_reason=reason, decided_at=at
        )
        if not held or not changed:
            raise ChallengeDecided
        if upheld:
            candidates = EvaluationCandidate.filter(round_id=row.id, merchant_id=challenge.merchant_id)
            await candidates.update(named=challenge.by_merchant)
        await record(row.id, f"objection_{state}", staff.label, at, objection=str(challenge.id))
        news = {"round": str(row.id), "result": state, "reason": reason}
        await outbox.emit("evaluation.objection_decided", news, audience=f"merchant:{challenge.merchant_id}", at=at)


def checked_reason(reason: str) -> str:
    """Return reasons without blanks around them. Raises InvalidField (400)."""
    reason = reason.strip()
    if not 4 <= len(reason) <= 1_000:
        raise InvalidField(field="reason", zh="请用4–1000字写明理由。", en="Give reasons in 4 to 1,000 characters.")
    return reason
