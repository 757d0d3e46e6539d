"""The community survey: which shops and rounds take answers, and one answer a resident for each of them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from xinyi_merchants.evaluations.errors import SurveyAnswered, SurveyNotRunning
from xinyi_merchants.evaluations.models import EvaluationRound, SurveyAnswer
from xinyi_merchants.evaluations.rounds import find_round
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField
from xinyi_platform.ids import new_id


def is_surveying(row: EvaluationRound, day: date) -> bool:
    """Tell whether a round takes answers on a day."""
    return row.state == "open" and row.survey_from <= day <= row.survey_until


async def surveys_running(day: date) -> list[EvaluationRound]:
    """Return the rounds that take answers on a day."""
    return await EvaluationRound.filter(state="open", survey_from__lte=day, survey_until__gte=day).order_by("id")


async def answer_survey(round_id: UUID, merchant_id: UUID, resident_id: UUID, *, points: int, at: datetime) -> None:
    """Take one answer from 1 to 5.

    Raises NotFound (404), InvalidField (400), SurveyNotRunning and SurveyAnswered (409).
    """
    if not is_surveying(await find_round(round_id), local_date(at)):
        raise SurveyNotRunning
    if not 1 <= points <= 5:
        raise InvalidField(field="points", zh="请选择1到5分。", en="Choose from 1 to 5.")
    row = {
        "id": new_id(), "round_id": round_id, "merchant_id": merchant_id, "resident_id": resident_id,
        "points": points, "at": at,
    }  # fmt: skip
    async with transaction():
        if not await bulk_insert(SurveyAnswer, [row], skip_conflicts=True):
            raise SurveyAnswered


async def has_answered(round_id: UUID, merchant_id: UUID, resident_id: UUID) -> bool:
    """Tell whether a resident answered about a shop in a round."""
    return await SurveyAnswer.filter(round_id=round_id, merchant_id=merchant_id, resident_id=resident_id).exists()
