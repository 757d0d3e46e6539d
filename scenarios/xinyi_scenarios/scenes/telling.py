"""A scene's rules in words: what is left, when, where, what is asked of the bureau, and what a change does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from xinyi_merchants.registry import trade_name
from xinyi_platform.clock import SHANGHAI, local_date
from xinyi_platform.consents.purposes import PURPOSES
from xinyi_platform.divisions import division_name
from xinyi_platform.language import Text
from xinyi_scenarios.claims.terms import is_open, next_opening
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.quotas import period_of, quota_for

Row = tuple[Text, Text]
_PERIODS = {
    "day": Text("今日", "today"),
    "month": Text("本月", "this month"),
    "year": Text("本年", "this year"),
    "ever": Text("总计", "in all"),
}
_WEEKDAYS = Text("一二三四五六日", "Mon Tue Wed Thu Fri Sat Sun")
_DATA = {"standing": Text("信用状况", "standing"), "black_list": Text("黑名单", "black list")}


def says(scene: Manifest, words: str) -> bool:
    """Tell whether a scene's name, summary or provider has all of some words, in either language."""
    texts = (scene.name, scene.summary, scene.provider)
    said = " ".join(f"{text.zh} {text.en}" for text in texts).casefold()
    return all(word in said for word in words.casefold().split())


async def units_left(scene: Manifest, *, at: datetime) -> int:
    """Return how many units are left in the running period; narrower limits may end earlier."""
    quota = await quota_for(scene.slug, period_of(scene.quota.period, at))
    return quota.left if quota else scene.quota.total


async def rules_of(scene: Manifest, catalogue: Catalogue, *, at: datetime) -> list[Row]:
    """Return a scene's rules as label and words, in the order in which a reader asks for them."""
    period, left = _PERIODS[scene.quota.period], await units_left(scene, at=at)
    total = scene.quota.total
    rows: list[Row] = [(Text("剩余名额", "Left"), Text(f"{period.zh}{left}/{total}", f"{left} of {total} {period.en}"))]
    rows.append((Text("领取时间", "Claimed"), _hours(scene, at)))
    rows.extend(_where(scene))
    rows.append((Text("查询内容", "What is read"), _read(scene)))
    rows.append((Text("资格变化时", "If your standing changes"), _on_change(scene)))
    rows.extend(_to_come(scene, catalogue, at))
    return rows


def _hours(scene: Manifest, at: datetime) -> Text:
    opening = scene.opening
    if len(opening.weekdays) == 7 and (opening.opens, opening.closes) == ("00:00", "24:00"):
        return Text("全天", "At any time")
    zh = "每天" if len(opening.weekdays) == 7 else "周" + "、".join(_WEEKDAYS.zh[day - 1] for day in opening.weekdays)
    names = _WEEKDAYS.en.split()
    en = "Daily" if len(opening.weekdays) == 7 else ", ".join(names[day - 1] for day in opening.weekdays)
    hours = f"{opening.opens}–{opening.closes}"
    if is_open(opening, at):
        return Text(f"{zh} {hours}(现在开放)", f"{en} {hours} (open now)")
    then = next_opening(opening, at).astimezone(SHANGHAI).strftime("%m-%d %H:%M")
    return Text(f"{zh} {hours}({then}开放)", f"{en} {hours} (opens {then})")


def _where(scene: Manifest) -> Iterator[Row]:
    terms, zh, en = scene.gives, [], []
    for code in getattr(terms, "trades", []):
        name = trade_name(code)
        zh.append(name.zh)
        en.append(name.en)
    for code in getattr(terms, "districts", []):
        name = division_name(code)
        zh.append(name.zh)
        en.append(name.en)
    for flag, words in _KINDS_OF_SHOPS.items():
        if getattr(terms, flag, False):
            zh.append(words.zh)
            en.append(words.en)
    if zh:
        yield Text("使用地点", "Where"), Text("、".join(zh), ", ".join(en))


_KINDS_OF_SHOPS = {
    "honest_only": Text("仅限诚信商户", "honest merchants only"),
    "sign_up": Text("仅限已报名商户", "shops that signed up"),
    "partners_only": Text("由提供方核销", "at the provider's own counter"),
}


def _read(scene: Manifest) -> Text:
    rule = scene.bureau
    zh = "、".join(_DATA[name].zh for name in rule.data)
    en = ", ".join(_DATA[name].en for name in rule.data)
    purpose = PURPOSES[rule.purpose].title
    return Text(
        f"{zh};用途:{purpose.zh};{rule.fresh_hours}小时内的结果可再用",
        f"{en}; for: {purpose.en}; an answer is used for {rule.fresh_hours} hours",
    )


def _on_change(scene: Manifest) -> Text:
    days = scene.on_change.grace_days
    if scene.on_change.do == "keep":
        return Text("已领取的不受影响", "What you hold stays")
    if scene.on_change.do == "suspend":
        return Text(
            f"先通知您,{days}天后暂停使用,恢复后继续", f"You are told; {days} days later it rests until it fits"
        )
    return Text(f"先通知您,{days}天后终止", f"You are told; {days} days later it ends")


def _to_come(scene: Manifest, catalogue: Catalogue, at: datetime) -> Iterator[Row]:
    today = local_date(at)
    later = [other for other in catalogue.versions(scene.slug) if other.opens_on > max(today, scene.opens_on)]
    for other in later:
        day = other.opens_on.isoformat()
        yield Text(f"{day}起", f"From {day}"), other.terms.text
    if scene.closes_on:
        yield Text("截止日期", "Last day"), Text(scene.closes_on.isoformat(), scene.closes_on.isoformat())
