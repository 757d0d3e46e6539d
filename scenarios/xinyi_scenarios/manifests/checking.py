"""What the schema alone cannot see in a manifest: names that must exist, and parts that must fit each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xinyi_merchants.registry import TRADES
from xinyi_platform.consents.purposes import PURPOSES
from xinyi_platform.divisions import is_division
from xinyi_platform.language import Text
from xinyi_scenarios.manifests.schema import Limit, Manifest
from xinyi_scenarios.plugins.door import is_specifier

_CODES = Text("使用本市的GB/T 2260代码", "use codes of GB/T 2260 that this city has")

# Where in the manifest, what is wrong there, and what to do.
Fault = tuple[str, Text, Text]


def faults_of(scene: Manifest) -> Iterator[Fault]:
    """Yield what is wrong with a manifest that fits its schema, the first fault first."""
    yield from _places(scene)
    yield from _purposes(scene)
    yield from _times(scene)
    yield from _limits(scene)
    yield from _host(scene)


def _places(scene: Manifest) -> Iterator[Fault]:
    for trade in getattr(scene.gives, "trades", []):
        if trade not in TRADES:
            yield "gives.trades", Text(f"未知行业{trade!r}", f"unknown trade {trade!r}"), _one_of(TRADES)
    for code in getattr(scene.gives, "districts", []):
        if not is_division(code):
            yield "gives.districts", Text(f"未知区划{code!r}", f"unknown division {code!r}"), _CODES


def _one_of(names: Iterable[str]) -> Text:
    return Text(f"可用:{'、'.join(sorted(names))}", f"there are {', '.join(sorted(names))}")


def _unknown_purpose(name: str) -> Text:
    return Text(f"未知用途{name!r}", f"unknown purpose {name!r}")


def _purposes(scene: Manifest) -> Iterator[Fault]:
    known = _one_of(PURPOSES)
    if scene.bureau.purpose not in PURPOSES:
        yield "bureau.purpose", _unknown_purpose(scene.bureau.purpose), known
    missing = {"standing", "black_list"} - set(scene.bureau.data)
    if missing and any(kind == "credit_status" for kind in _types(scene.requires)):
        yield (
            "bureau.data",
            Text(
                f"credit_status读取{'、'.join(sorted(missing))},但未声明",
                f"credit_status reads {', '.join(sorted(missing))}, which is not declared",
            ),
            Text("在data中补上", "add it to data"),
        )
    consent = getattr(scene.gives, "consent", None)
    if consent is not None and consent not in PURPOSES:
        yield "gives.consent", _unknown_purpose(consent), known


def _types(tables: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    waiting = list(tables)
    while waiting:
        table = waiting.pop()
        yield str(table.get("type"))
        parts = table.get("of")
        if isinstance(parts, list):
            waiting += [part for part in parts if isinstance(part, Mapping)]


def _times(scene: Manifest) -> Iterator[Fault]:
    if scene.closes_on is not None and scene.closes_on < scene.opens_on:
        wrong = Text("结束早于开始", "it closes before it opens")
        yield (
            "closes_on",
            wrong,
            Text("closes_on是最后一天,不早于opens_on", "closes_on is the last day, not before opens_on"),
        )
    if scene.opening.opens >= scene.opening.closes:
        wrong = Text("开放时段为空", "the hours are empty")
        yield "opening.closes", wrong, Text("同一天内,开始早于结束", "opens lies before closes, on the same day")


def _limits(scene: Manifest) -> Iterator[Fault]:
    yield from _limits_of("quota", scene.quota.limits, scene.quota.total, scene.quota.period)
    if scene.budget is None:
        return
    yield from _limits_of("budget", scene.budget.limits, scene.budget.total_fen, scene.budget.period)
    if scene.gives.worst_fen is None:
        hint = Text("为折扣设cap_fen上限,以便预留", "give the percentage a cap_fen, so that it can be set aside")
        yield "budget", Text("无法得知每份的成本", "nobody can tell what one costs"), hint
    elif scene.gives.worst_fen == 0:
        wrong = Text("所给权益没有成本", "what is given costs nothing")
        yield "budget", wrong, Text("去掉预算,或给出金额", "leave the budget out, or give a value")


def _limits_of(of: str, limits: list[Limit], total: int, period: str) -> Iterator[Fault]:
    seen = {("scene", period)}
    for place, limit in enumerate(limits):
        where = f"{of}.limits[{place}]"
        yield from _limit(limit, where, total)
        if (limit.per, limit.period) in seen:
            words = f"{limit.per}、{limit.period}的限额重复", f"a second limit per {limit.per} and {limit.period}"
            yield where, Text(*words), Text("保留较小的一个", "keep the smaller one")
        seen.add((limit.per, limit.period))


def _limit(limit: Limit, where: str, total: int) -> Iterator[Fault]:
    if limit.shares and limit.per != "district":
        wrong = Text(f"{limit.per}限额不能有shares", f"shares in a limit per {limit.per}")
        yield where, wrong, Text("只有按区县的限额有shares", "only a limit per district has shares")
    for code in limit.shares:
        if not is_division(code):
            yield where, Text(f"未知区划{code!r}", f"unknown division {code!r}"), _CODES
    if limit.total > total:
        wrong = Text(f"限额{limit.total}超过总数{total}", f"a limit of {limit.total} inside a total of {total}")
        yield where, wrong, Text("分限额不大于总数", "a narrower limit is not larger")


def _host(scene: Manifest) -> Iterator[Fault]:
    if scene.host is not None and not is_specifier(scene.host.versions):
        wrong = Text(f"不是版本范围:{scene.host.versions!r}", f"no version specifier: {scene.host.versions!r}")
        yield "host.versions", wrong, Text('例如">=0.1,<1"', 'write one like ">=0.1,<1"')
