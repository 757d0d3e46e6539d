"""How long a list's entries stand, and how their subjects object and by when, as everybody is told."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_rewards.honor_lists.kinds import ListKind
from xinyi_rewards.honor_lists.objecting import DECIDE_WORKING_DAYS

_WHERE = Text(
    "本人登录居民端“荣誉与公示”、商户经办人登录商户端“名单公示”即可提出,也可向认定单位书面提出;提出后暂停展示,"
    "由非经办人在{decide}个工作日内答复。",
    "A person objects in the app under “Honors”, a shop’s operator in the portal under “Listings”, either in writing "
    "to the unit that determined it. The display stops, and somebody who did not make the entry decides within "
    "{decide} working days.",
)
_RED = Text(
    "异议期为公示之日起{days}日,此后发现有误仍可提出。",
    " The term to object is {days} days from the first day of notice; what is found wrong later can still be told.",
)
_BLACK = Text(
    "每条信息注明异议期限,期限届满前不公示;此后发现有误仍可提出。",
    " Each entry says until when one could object before it was public; what is found wrong later can still be told.",
)

_RED_TERMS = Text(
    "发布前公示{notice}日,发布后有效{validity}日。", "Under notice for {notice} days, then valid for {validity}."
)
_BLACK_TERMS = Text(
    "自认定之日起,最短和最长公示期依失信程度而定,每条信息注明最迟结束日。",
    "From the day of determination, as the grade says; each entry names the last day on which it can stand.",
)


def terms_of(kind: ListKind) -> Text:
    """Return how long entries of a kind are under notice and published."""
    if kind.colour == "black":
        return _BLACK_TERMS
    return _RED_TERMS.format(notice=kind.notice_days, validity=kind.validity_days)


def how_to_object(kind: ListKind) -> Text:
    """Return how to object to an entry of a kind, and by when."""
    by_when = _RED if kind.colour == "red" else _BLACK
    return Text(_WHERE.zh + by_when.zh, _WHERE.en + by_when.en).format(
        decide=DECIDE_WORKING_DAYS, days=kind.objection_days
    )
