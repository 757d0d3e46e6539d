"""Have what a resident holds judged again, as soon as an entry about her counts no more, or counts again."""

from __future__ import annotations

from xinyi_rewards.honor_lists.publishing import DisplayChanged
from xinyi_scenarios.watching.rechecking import recheck_soon


async def judge_again(news: DisplayChanged) -> None:
    """Joins the transaction that took the entry off the page or put it back."""
    if news.resident_id is not None:
        await recheck_soon([news.resident_id], at=news.at)
