"""Mirror a competent authority's decision as a black-list entry: whole, or refused with every missing field named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, cast

from xinyi_merchants.registry.finding import find_merchant_by_uscc
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.identity import has_other_name
from xinyi_platform.identity.numbers import is_identity_number
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.deaths.recording import who_died
from xinyi_rewards.honor_lists.area_terms import kind_in
from xinyi_rewards.honor_lists.errors import (
    AlreadyListed,
    FieldsMissing,
    FieldsUnfit,
    KindClosed,
    KindNotYours,
    ListChanged,
    MirrorsOnly,
)
from xinyi_rewards.honor_lists.kinds import ListKind, kind_of
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.honor_lists.states import UNSEEN, advance
from xinyi_rewards.honor_lists.subjects import Subject, decision_index, identity_index, subject_columns
from xinyi_rewards.honor_lists.terms import over_at, policy_on, term_of
from xinyi_rewards.honor_lists.texts import has_controls

SubjectKind = Literal["resident", "merchant"]
Source = Literal["credit_office", "bureau"]
FIELDS: dict[str, Text] = {
    "name": Text("名称", "name"),
    "number": Text("证件号或统一社会信用代码", "identity number or credit code"),
    "fact": Text("认定事实", "the fact determined"),
    "authority": Text("认定机关", "authority"),
    "document_no": Text("文书号", "document number"),
    "legal_basis": Text("法律依据", "legal basis"),
    "grade": Text("失信程度", "grade"),
    "determined_on": Text("认定日期", "day of determination"),
    "notified_on": Text("告知当事人日期", "day on which the subject was told"),
    "objection_until": Text("异议期限", "term to object"),
}
"""What no mirrored entry may lack. Source: 国办发〔2020〕49号."""
LONGEST = {
    "name": 40, "number": 18, "fact": 200, "authority": 80, "document_no": 80, "legal_basis": 200, "grade": 10,
}  # fmt: skip
"""How many characters a text may have at most. A shop is found by its code: its name is the registry's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An authority's decision as it was entered; empty text and None stand for what was left out.

    `ends_on` is the last day the authority set, None where it set none: then the longest term of the grade.
    """

    subject_kind: SubjectKind
    name: str = ""
    number: str = ""
    fact: str = ""
    authority: str = ""
    document_no: str = ""
    legal_basis: str = ""
    grade: str = ""
    determined_on: date | None = None
    notified_on: date | None = None
    objection_until: date | None = None
    ends_on: date | None = None


def missing_fields(decision: Decision) -> list[str]:
    """Return the names of the mandatory fields that a decision lacks."""
    return [name for name in FIELDS if not str(getattr(decision, name) or "").strip()]


def unfit_fields(decision: Decision) -> list[str]:
    """Return the names of the texts that are too long, or hold a character that no text may hold."""
    texts = {name: str(getattr(decision, name)).strip() for name in LONGEST}
    if decision.subject_kind == "merchant":
        del texts["name"]
    return [
        name for name, text in texts.items() if len(text) > LONGEST[name] or has_controls(text, may_wrap=name == "fact")
    ]


async def mirror_decision(
    runtime: Runtime,
    clerk: Staff,
    kind: str,
    decision: Decision,
    *,
    at: datetime,
    source: Source = "credit_office",
) -> HonorList:
    """Enter a decision as a list of one, in review from the start; another person has to approve it.

    Raises MirrorsOnly (403) for a kind that is made here, FieldsMissing (422) naming every field left out,
    FieldsUnfit (400) naming every text that cannot be kept, InvalidField (400) for a term against the law, and
    AlreadyListed (409).
    """
    policy = kind_of(kind)
    if policy.colour != "black":
        raise MirrorsOnly
    _require_fields(decision)
    terms = await kind_in(policy, clerk.division, on=local_date(at))
    if not policy.may_make(clerk.roles):
        raise KindNotYours
    if not policy.is_made_on(local_date(at)):
        raise KindClosed
    columns = await _checked(runtime, clerk, terms, decision, source, at)
    async with transaction():
        made = await HonorList.create(
            id=new_id(),
            kind=kind,
            title=f"{decision.authority} {decision.document_no}"[:80],
            division=clerk.division,
            state="in_review",
            maker_id=clerk.id,
            maker_person=clerk.person,
            reviews_needed=terms.reviews,
            created_at=at,
            submitted_at=at,
        )
        row = {**columns, "id": new_id(), "honor_list_id": made.id, "kind": kind, "created_at": at}
        if not await bulk_insert(HonorEntry, [row], skip_conflicts=True):
            raise AlreadyListed
        await audit.record(
            "honor_list.mirror",
            actor=clerk.label if source == "credit_office" else "bureau:feed",
            object_kind="honor_list",
            object_id=made.id,
            detail={"kind": kind, "authority": decision.authority, "document_no": decision.document_no},
            at=at,
        )
    return made


async def withdraw_mirrored(entry: HonorEntry, *, actor: str, document: str, at: datetime) -> None:
    """Take a decision back that nobody has approved yet, with its list; joins the caller's transaction.

    `document` says why. Raises ListChanged (409) where it was approved meanwhile.
    """
    waiting = everywhere(HonorList).filter(id=entry.honor_list_id, state__in=UNSEEN)
    if not await waiting.update(state="withdrawn", decided_at=at):
        raise ListChanged
    same = everywhere(HonorEntry).filter(id=entry.id, state__in=UNSEEN)
    await same.update(state=advance(entry.state, "withdraw"), slot=str(entry.id), ended_at=at, end_reason="withdrawn")
    await audit.record(
        "honor_list.withdraw",
        actor=actor,
        object_kind="honor_list",
        object_id=entry.honor_list_id,
        detail={"entry": str(entry.id), "document": document},
        at=at,
    )


def _require_fields(decision: Decision) -> None:
    if lacking := missing_fields(decision):
        names = [FIELDS[name] for name in lacking]
        raise FieldsMissing(
            fields=lacking, zh="、".join(name.zh for name in names), en=", ".join(name.en for name in names)
        )
    if unfit := unfit_fields(decision):
        raise FieldsUnfit(
            fields=unfit,
            zh="、".join(f"{FIELDS[name].zh}(最多{LONGEST[name]}个字符)" for name in unfit),
            en=", ".join(f"{FIELDS[name].en} (at most {LONGEST[name]} characters)" for name in unfit),
        )


async def _checked(
    runtime: Runtime, clerk: Staff, kind: ListKind, decision: Decision, source: Source, at: datetime
) -> dict[str, object]:
    """Return the entry's columns. Nobody learns anything of a subject by a decision that could not be kept anyway."""
    today = local_date(at)
    first, last = _term(kind, decision, today=today)
    number = _number_of(kind, decision, today=today)
    if source == "credit_office":
        await _record_look(clerk, kind, at)
    subject = await _subject(runtime, clerk, decision, number)
    return {
        **subject_columns(runtime.keys, subject),
        "slot": decision_index(runtime.keys, number=subject.number, document_no=decision.document_no.strip()),
        "state": "in_review",
        "display_suspended": False,
        "display_holds": 0,
        "deed": decision.fact.strip(),
        "authority": decision.authority.strip(),
        "document_no": decision.document_no.strip(),
        "legal_basis": decision.legal_basis.strip(),
        "source": source,
        "grade": decision.grade,
        "determined_on": decision.determined_on,
        "notified_on": decision.notified_on,
        "objection_until": decision.objection_until,
        "repairable_from": first,
        "ends_on": last,
        "valid_until": over_at(last),
        "end_reason": "",
        "name_form": "masked",
    }


def _number_of(kind: ListKind, decision: Decision, *, today: date) -> str:
    """Return the subject's number by its form alone. Raises InvalidField (400)."""
    if kind.subjects not in ("any", decision.subject_kind):
        raise InvalidField(
            field="subject_kind", zh="此类名单不适用于该类主体。", en="The kind is not for such subjects."
        )
    number = decision.number.strip().upper()
    if decision.subject_kind == "resident" and not is_identity_number(number, today=today):
        raise InvalidField(field="number", zh="身份证号有误。", en="The identity number is wrong.")
    return number


async def _record_look(clerk: Staff, kind: ListKind, at: datetime) -> None:
    """Put on the trail that somebody asks about one subject: the answer tells whether name and number fit."""
    await audit.record(
        "honor_list.mirror_check", actor=clerk.label, object_kind="list_kind", object_id=kind.slug, detail={}, at=at
    )


async def _subject(runtime: Runtime, clerk: Staff, decision: Decision, number: str) -> Subject:
    """Return the subject as the city knows it. Raises InvalidField (400)."""
    if decision.subject_kind == "resident":
        if await who_died([identity_index(runtime.keys, number)]):
            raise InvalidField(field="number", zh="此人已登记死亡。", en="This person is known to have died.")
        if await has_other_name(runtime, decision.name.strip(), number):
            raise InvalidField(field="name", zh="姓名与证件号不符。", en="The number is of somebody called otherwise.")
        return Subject(decision.name.strip(), number)
    try:
        shop = await find_merchant_by_uscc(number)
        area_of(clerk).require(shop.division)
    except NotFound:
        raise InvalidField(
            field="number", zh="本辖区没有该信用代码的商户。", en="No merchant of your area has this code."
        ) from None
    if shop.name != decision.name.strip():
        raise InvalidField(field="name", zh="与登记的商户名称不符。", en="The shop with this code is called otherwise.")
    return Subject(shop.name, number, merchant_id=shop.id)


def _term(kind: ListKind, decision: Decision, *, today: date) -> tuple[date, date]:
    """Return from when the entry can be repaired and its last day. Raises InvalidField (400)."""
    policy = policy_on(today)
    if decision.grade not in policy.grades:
        raise InvalidField(field="grade", zh="失信程度有误。", en="There is no such grade.")
    grade = decision.grade
    if not policy.grades[grade].is_published:
        raise InvalidField(field="grade", zh="轻微失信信息不公示。", en="What is minor is not published.")
    determined, notified = cast(date, decision.determined_on), cast(date, decision.notified_on)
    for field, day in (("determined_on", determined), ("notified_on", notified)):
        if day > today:
            raise InvalidField(field=field, zh="日期不能晚于今天。", en="The day lies in the future.")
    term = term_of(grade, determined, policy=policy)
    last = decision.ends_on or term.longest
    if not term.shortest <= last <= term.longest:
        raise InvalidField(
            field="ends_on",
            zh=f"公示期应在{term.shortest}至{term.longest}之间结束。",
            en=f"The term has to end between {term.shortest} and {term.longest}.",
        )
    if last < today:
        raise InvalidField(field="ends_on", zh="公示期已满,不能公示。", en="The term is over already.")
    least = notified + timedelta(days=kind.objection_days)
    if not least <= cast(date, decision.objection_until) < last:
        raise InvalidField(
            field="objection_until",
            zh=f"异议期限应自告知之日起不少于{kind.objection_days}天,并早于公示期届满。",
            en=f"The term to object has at least {kind.objection_days} days and ends before the listing.",
        )
    return term.repairable_from, last
