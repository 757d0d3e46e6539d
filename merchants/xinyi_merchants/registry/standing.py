"""How a shop stands, as anybody may see, and what would raise its rating: plain facts, never its risk class."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from litestar import Request

from xinyi_merchants.complaints.facts import ComplaintNumbers, complaint_facts
from xinyi_merchants.registry.finding import MerchantFacts, merchant_of_operator
from xinyi_merchants.registry.history import STATUSES
from xinyi_merchants.registry.models import Merchant
from xinyi_platform.clock import local_date
from xinyi_platform.language import Text
from xinyi_platform.principals import Operator, caller_of
from xinyi_platform.runtime import Runtime

YEARS_OPEN = 1
AWARD_ENDS_SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that would help, and where it is done; `path` is empty where only time helps."""

    text: Text
    path: str = ""


def advice_for(shop: MerchantFacts, numbers: ComplaintNumbers, *, licence_date: date, today: date) -> list[Advice]:
    """Return what would raise the shop's rating, the most pressing first. Pure: the same facts, the same advice."""
    found = []
    if numbers.answered_late:
        zh = f"近一年有{numbers.answered_late}件投诉未按时答复;按时答复会提高及时率。"
        en = f"{numbers.answered_late} answers were late in the last year; answering in time raises your rate."
        found.append(Advice(Text(zh, en), "/portal/complaints"))
    if numbers.open:
        zh, en = f"尽快办结{numbers.open}件未办结的投诉。", f"Settle the {numbers.open} complaints that are open."
        found.append(Advice(Text(zh, en), "/portal/complaints"))
    if numbers.dissatisfied > numbers.satisfied:
        zh = "不满意的评价多于满意;与消费者协商一致再答复。"
        en = "More consumers were dissatisfied than satisfied; settle with them before you answer."
        found.append(Advice(Text(zh, en), "/portal/complaints"))
    if shop.picture_id is None:
        zh, en = (
            "上传门头照片,顾客可以核对码贴。",
            "Upload a picture of the shop front, so that visitors can compare it.",
        )
        found.append(Advice(Text(zh, en), "/portal/shop"))
    return found + _of_award(shop, licence_date, today)


def _of_award(shop: MerchantFacts, licence_date: date, today: date) -> list[Advice]:
    if shop.honest_until and shop.honest_until >= today:
        if shop.honest_until - today > AWARD_ENDS_SOON:
            return []
        until = shop.honest_until.isoformat()
        return [
            Advice(Text(f"诚信商户称号{until}到期,请留意复评。", f"Your award ends on {until}; mind the re-rating."))
        ]
    eligible = _a_year_after(licence_date)
    if eligible > today:
        day = eligible.isoformat()
        zh, en = f"开业满一年后(自{day}起)可参评诚信商户。", f"From {day}, a year after your licence, you can be rated."
        return [Advice(Text(zh, en))]
    zh = "您已满一年,可在下一轮参评诚信商户。"
    return [Advice(Text(zh, "You have been open for a year: you can take part in the next round of ratings."))]


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + YEARS_OPEN)
    except ValueError:  # a leap day
        return day.replace(year=day.year + YEARS_OPEN, day=28)


async def load_standing_card(request: Request[Any, Any, Any], _: dict[str, Any]) -> dict[str, Any] | None:
    """Say on the operator's home how the shop stands and why, and what would raise its rating."""
    caller = caller_of(request)
    if not isinstance(caller, Operator):
        return None
    runtime: Runtime = request.app.state.runtime
    shop, today = await merchant_of_operator(caller.id), local_date(runtime.clock.now())
    facts = await complaint_facts(shop.id, today=today)
    merchant = await Merchant.get(id=shop.id)
    return {
        "shop": shop,
        "duties": caller.duties,
        "status": STATUSES[shop.status],
        "is_honest": shop.is_honest(today),
        "numbers": facts.last_year,
        "advice": advice_for(shop, facts.last_year, licence_date=merchant.licence_date, today=today),
    }
