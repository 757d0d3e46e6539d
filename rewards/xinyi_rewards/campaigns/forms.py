"""What the console's form of a campaign holds as typed, and the plan that it says."""

from __future__ import annotations

from datetime import date

from xinyi_platform.errors import InvalidField
from xinyi_platform.web import Form
from xinyi_rewards.campaigns.models import Campaign
from xinyi_rewards.campaigns.planning import Plan

_DIGITS = 8


class PlanForm(Form, kw_only=True, frozen=True):
    """`budget` in yuan; `kinds` has one checkbox a kind, of which one alone comes as text."""

    division: str = ""
    title: str = ""
    why: str = ""
    kinds: str | list[str] = ""
    scene: str = ""
    first_on: str = ""
    last_on: str = ""
    units: str = ""
    budget: str = ""
    minors: str = "guardian"
    once_a_household: str = ""

    @property
    def chosen(self) -> list[str]:
        given = [self.kinds] if isinstance(self.kinds, str) else self.kinds
        return [kind for kind in given if kind]


class ActForm(Form, kw_only=True, frozen=True):
    act: str = ""
    comment: str = ""
    reason: str = ""


def plan_of(form: PlanForm) -> Plan:
    """Return what a form says. Raises InvalidField (400)."""
    return Plan(
        division=form.division,
        title=form.title,
        why=form.why,
        kinds=form.chosen,
        scene=form.scene,
        first_on=_day(form.first_on, "first_on"),
        last_on=_day(form.last_on, "last_on"),
        units=_number(form.units),
        budget_fen=_fen(form.budget),
        minors=form.minors,
        once_a_household=bool(form.once_a_household),
    )


def form_of(row: Campaign) -> PlanForm:
    """Return a draft as it is typed."""
    return PlanForm(
        division=row.division,
        title=row.title,
        why=row.why,
        kinds=row.kinds,
        scene=row.scenario,
        first_on=row.first_on.isoformat(),
        last_on=row.last_on.isoformat(),
        units=str(row.units),
        budget=f"{row.budget_fen // 100}.{row.budget_fen % 100:02d}",
        minors=row.minors,
        once_a_household="true" if row.once_a_household else "",
    )


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidField(field=field, zh="请选择日期。", en="Choose a day.") from None


def _number(text: str) -> int:
    if not _is_digits(text.strip()):
        raise InvalidField(field="units", zh="请填写整数。", en="Enter a whole number.")
    return int(text)


def _fen(text: str) -> int:
    whole, _, cents = text.strip().removeprefix("¥").replace(",", "").partition(".")
    if not _is_digits(whole) or len(cents) > 2 or (cents and not _is_digits(cents)):
        raise InvalidField(field="budget", zh="请输入金额,例如 5000.00。", en="Enter an amount, such as 5000.00.")
    return int(whole) * 100 + int(cents.ljust(2, "0"))


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS
