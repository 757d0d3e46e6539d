"""Complaints of the synthetic city, in every state, each with the steps that led there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from xinyi_merchants.complaints.filing import Filing, complaint_row
from xinyi_merchants.complaints.models import Complaint, ComplaintMark, ComplaintStep, PublicAnswer
from xinyi_merchants.complaints.policy import limit_of
from xinyi_merchants.complaints.states import ACTS, CATEGORIES, NEEDS_TEXT, STATES, TABLE
from xinyi_merchants.registry.finding import MerchantFacts
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime

ROUNDS = 8
_PATHS: dict[str, tuple[str, ...]] = {
    "submitted": (),
    "accepted": ("accept",),
    "waiting_merchant": ("accept", "forward"),
    "waiting_consumer": ("accept", "forward", "ask"),
    "mediation": ("accept", "forward", "mediate"),
    "resolved": ("accept", "forward", "answer"),
    "reopened": ("accept", "forward", "answer", "reopen"),
    "confirmed": ("accept", "forward", "answer", "confirm"),
    "closed_unresolved": ("accept", "forward", "mediate", "close"),
    "rejected": ("reject",),
    "withdrawn": ("accept", "forward", "withdraw"),
}
_REPORTED = ("submitted", "accepted", "rejected", "closed_unresolved")
_STORIES = ["结账金额与标价不一致,要求说明。", "购买的商品有质量问题,商家不肯退换。", "预约后无人接待,电话也打不通。"]
_WORDS = {
    "answer": "已核实,向您致歉并按标价退还差额。",
    "ask": "请补充购物小票的照片或时间。",
    "reopen": "答应的退款还没有收到。",
    "reject": "该事项不属于本平台受理范围,请向劳动监察部门反映。",
    "close": "双方未能达成一致,可依法另行主张。",
}


async def seed_complaints(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make some complaints in each state, about the first shops, by the first residents."""
    now = runtime.clock.now()
    shops: list[MerchantFacts] = plan.shared["merchants"]
    residents: list[UUID] = list(plan.shared.get("residents", []))
    rows, steps = [], []
    for number in range(ROUNDS * len(STATES)):
        state = list(STATES)[number % len(STATES)]
        shop = shops[(number // len(STATES) + number) % min(len(shops), 25)]
        resident = residents[number % len(residents)] if residents else None
        row, taken = _story(runtime, shop, resident, number, state, now)
        rows.append(row)
        steps.extend(taken)
    async with transaction():
        await bulk_insert(Complaint, rows)
        await bulk_insert(ComplaintStep, steps)
        await bulk_insert(PublicAnswer, _public_answers(rows, now))
        await bulk_insert(ComplaintMark, _proposed_mark(rows, now))
    progress("complaints", len(rows), len(rows))


def _public_answers(rows: list[dict[str, object]], now: datetime) -> list[dict[str, object]]:
    """Every second confirmed complaint has a public answer: the first ones are shown, the last waits."""
    answered = [row for row in rows if row["state"] == "confirmed" and row["kind"] == "complaint"][::2]
    return [
        {
            "id": new_id(), "complaint_id": row["id"], "merchant_id": row["merchant_id"], "division": row["division"],
            "category": row["category"], "text": _WORDS["answer"], 
            "state": "waiting" if row is answered[-1] else "shown",
            "reason": "", "made_at": now, "decided_by": None if row is answered[-1] else new_id(),
            "decided_at": None if row is answered[-1] else now,
        }
        for row in answered
    ]  # fmt: skip


def _proposed_mark(rows: list[dict[str, object]], now: datetime) -> list[dict[str, object]]:
    """One complaint that ended waits for a reviewer's finding."""
    ended = [row for row in rows if row["state"] == "closed_unresolved" and row["kind"] == "complaint"][:1]
    return [
        {
            "id": new_id(), "complaint_id": row["id"], "division": row["division"], "state": "proposed",
            "reason": "消费者要求的赔偿与事实无关,店内录像显示并未在该店消费。", "maker_id": new_id(),
            "maker_person": "seed", "made_at": now, "decision_reason": "", "appeal": "", "judgement_reason": "",
        }
        for row in ended
    ]  # fmt: skip


def _story(
    runtime: Runtime, shop: MerchantFacts, resident: UUID | None, number: int, state: str, now: datetime
) -> tuple[dict[str, object], list[dict[str, object]]]:
    started = now - timedelta(days=5 + number % 3)
    filing = Filing(
        kind="report" if number % 9 == 8 and state in _REPORTED else "complaint",
        category=list(CATEGORIES)[number % len(CATEGORIES)],
        text=_STORIES[number % len(_STORIES)],
        wish="希望尽快解决。",
        phone=f"139{number:08d}",
        anonymous=number % 5 == 0,
        resident_id=resident,
    )
    row = complaint_row(runtime.keys, shop, filing, at=started)
    steps = [_step(row, "submit", "submitted", resident, started)]
    reached = "submitted"
    for place, event in enumerate(_PATHS[state], 1):
        at = started + timedelta(hours=20 * place)
        reached = TABLE[reached][event]
        steps.append(_step(row, event, reached, resident, at))
        row.update(_effect(event, at))
    row.update(state=reached, changed_at=steps[-1]["at"])
    return row, steps


def _effect(event: str, at: datetime) -> dict[str, Any]:
    day = local_date(at)
    effects: dict[str, dict[str, Any]] = {
        "accept": {"close_by": limit_of("settle", day).end(day)},
        "forward": {"answer_by": limit_of("answer", day).end(day), "shared_at": at},
        "ask": {"paused_on": day, "reply_by": limit_of("reply", day).end(day), "asked": 1},
        "mediate": {"close_by": limit_of("settle", day).end(day)},
        "answer": {"answered_in_time": True, "resolved_at": at},
        "reopen": {"reopened": 1, "resolved_at": None},
        "confirm": {"satisfied": True},
    }
    return effects.get(event, {})


def _step(row: dict[str, object], event: str, state: str, resident: UUID | None, at: datetime) -> dict[str, object]:
    kind = next((kind for kind, events in ACTS.items() if event in events), "resident" if resident else "visitor")
    if kind == "resident" and resident is None:
        kind = "visitor"
    return {
        "id": new_id(),
        "complaint_id": row["id"],
        "event": event,
        "state": state,
        "actor_kind": kind,
        "actor_id": resident if kind == "resident" else None,
        "text": _WORDS.get(event, "") if event in NEEDS_TEXT else "",
        "at": at,
    }
