"""The questions of a pre-check: which facts the running scenes read, and how an answer becomes a fact.

What is not answered is not known, and what is not known is never a no.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from xinyi_platform.clock import SHANGHAI, local_date
from xinyi_platform.consents.purposes import PURPOSES
from xinyi_platform.divisions import divisions
from xinyi_platform.language import Text
from xinyi_platform.schemas import Request
from xinyi_scenarios.decisions.deciding import facts_of
from xinyi_scenarios.manifests import Manifest

Kind = Literal["choice", "number", "yes_no"]
Years = Annotated[int, msgspec.Meta(ge=0, le=130)]
DISTRICT_DIGITS = 6


class PrecheckRequest(Request, kw_only=True, frozen=True):
    """Answers that the visitor gives herself; each may be left out.

    `ward_age`: of somebody whose guardian or carer she is. `new_here`: she has used nothing of this yet.
    `would_consent`: she would give the separate consents that some scenes ask for.
    """

    standing: Literal["good", "minor", "general", "serious"] | None = None
    age: Years | None = None
    division: Annotated[str, msgspec.Meta(pattern=r"^\d{6}(\d{3}(\d{3})?)?$")] | None = None
    on_red_list: bool | None = None
    on_black_list: bool | None = None
    owes: bool | None = None
    ward_age: Years | None = None
    no_ward: bool | None = None
    new_here: bool | None = None
    would_consent: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: the field of the answer, and the facts for whose sake it is asked."""

    field: str
    facts: frozenset[str]
    text: Text
    kind: Kind = "yes_no"
    choices: Sequence[tuple[str, Text]] = ()


STANDINGS = (
    ("good", Text("良好", "good")),
    ("minor", Text("有轻微失信记录", "a minor record")),
    ("general", Text("有一般失信记录", "a general record")),
    ("serious", Text("有严重失信记录", "a serious record")),
)


def _all_questions() -> list[Question]:
    found = divisions().items()
    districts = [(code, one.name) for code, one in found if len(code) == DISTRICT_DIGITS and not code.endswith("00")]
    return [
        Question(
            field="standing", facts=frozenset({"credit"}), kind="choice", choices=STANDINGS,
            text=Text("我认为我的信用状况", "I think my standing is"),
        ),
        Question(field="age", facts=frozenset({"birth_date"}), kind="number", text=Text("我的年龄", "My age")),
        Question(
            field="division", facts=frozenset({"division"}), kind="choice", choices=districts,
            text=Text("我居住在", "I live in"),
        ),
        Question(
            field="owes", facts=frozenset({"overdue_orders"}),
            text=Text("我有逾期未还的免押订单或未付的费用", "Something that I borrowed or owe is overdue"),
        ),
        Question(
            field="on_red_list", facts=frozenset({"red_lists"}), text=Text("我在红名单上", "I am on a red list")
        ),
        Question(
            field="on_black_list", facts=frozenset({"black_lists", "credit"}),
            text=Text("我在黑名单上", "I am on a black list"),
        ),
        Question(
            field="ward_age", facts=frozenset({"care"}), kind="number",
            text=Text("由我监护或照护的人的年龄", "The age of the person whom I am the guardian or carer of"),
        ),
        Question(field="no_ward", facts=frozenset({"care"}), text=Text("我不照护任何人", "I care for nobody")),
        Question(
            field="new_here", facts=frozenset({"history", "open_orders", "commitments"}),
            text=Text("我从未使用过信易+", "I have used nothing of this yet"),
        ),
        Question(
            field="would_consent", facts=frozenset({"consents"}),
            text=Text("需要单独同意的场景,我愿意同意", "I would give the separate consents that some ask for"),
        ),
    ]  # fmt: skip


def questions_for(scenes: Sequence[Manifest]) -> list[Question]:
    """Return the questions whose facts the scenes read."""
    read = facts_of(scenes)
    return [question for question in _all_questions() if question.facts & read]


def facts_from(answers: PrecheckRequest, *, at: datetime) -> dict[str, Any]:
    """Return the facts that the answers give; a fact that nobody was asked for, or that was left out, is None."""
    today = local_date(at)
    return {
        "today": today.isoformat(),
        "now": at.astimezone(SHANGHAI).isoformat(),
        "credit": _credit(answers, at),
        "birth_date": _born(today, answers.age),
        "division": answers.division,
        "overdue_orders": None if answers.owes is None else int(answers.owes),
        "red_lists": _listed(answers.on_red_list),
        "black_lists": _listed(answers.on_black_list),
        "care": _care(answers, today),
        "history": {} if answers.new_here else None,
        "open_orders": {} if answers.new_here else None,
        "commitments": [] if answers.new_here else None,
        "consents": None if answers.would_consent is None else sorted(PURPOSES) if answers.would_consent else [],
    }


def _credit(answers: PrecheckRequest, at: datetime) -> dict[str, Any]:
    if answers.standing is None:
        return {"unknown": "not_answered", "zh": "您没有填写信用状况", "en": "You did not say what your standing is"}
    return {"standing": answers.standing, "black_listed": bool(answers.on_black_list), "as_of": at.isoformat()}


def _born(today: date, age: int | None) -> str | None:
    return None if age is None else today.replace(year=today.year - age, day=min(today.day, 28)).isoformat()


def _listed(answer: bool | None) -> list[str] | None:
    return None if answer is None else ["own answer"] if answer else []


def _care(answers: PrecheckRequest, today: date) -> dict[str, list[str | None]] | None:
    if answers.ward_age is not None:
        return {"wards": [_born(today, answers.ward_age)], "waiting": []}
    return {"wards": [], "waiting": []} if answers.no_ward else None
