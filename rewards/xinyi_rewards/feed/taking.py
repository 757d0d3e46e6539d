"""What each kind of the bureau's news does here, by the rules of whoever would enter it by hand."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from xinyi_platform.bureau import BureauNews
from xinyi_platform.clock import local_date
from xinyi_platform.divisions import city_code
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.language import Text
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.deaths.recording import Death, report_death
from xinyi_rewards.honor_lists.mirroring import Decision, mirror_decision
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.states import LIVE
from xinyi_rewards.honor_lists.subjects import identity_index
from xinyi_rewards.honor_lists.texts import kept_text
from xinyi_rewards.repairs.handling import UnitDecision, Verdict, mirror_verdict

PERSON = "bureau"
BUREAU = Staff(
    UUID(int=0), session_id=UUID(int=0), person=PERSON, roles=frozenset({Role.CREDIT_OFFICE}), division=city_code()
)
"""The maker of what the feed enters: no account, so that everybody who reviews it is another person."""
ACTOR = "bureau:feed"


class NoSuchEntry(NotFound):
    """Nothing that was ever mirrored about this subject has the document number."""

    code = "no_such_entry"
    text = Text("没有与该主体和文书号相符的条目。", "No entry of this subject has the document number.")


async def apply_news(runtime: Runtime, one: BureauNews, *, at: datetime) -> None:
    """Do what a piece of news asks; joins the caller's transaction.

    Raises what entering it by hand raises, KeyError for a field left out, and ValueError for what cannot be read.
    """
    if one.kind == "entry":
        given = {name: value for name, value in one.fields.items() if name != "kind"}
        decision = msgspec.convert(given, Decision, strict=False)
        await mirror_decision(runtime, BUREAU, one.fields["kind"], decision, at=at, source="bureau")
    elif one.kind == "repair":
        await _repair(runtime, one.fields, at)
    else:
        death = Death(
            number=one.fields["number"],
            died_on=date.fromisoformat(one.fields["died_on"]),
            document=one.fields["document"],
        )
        await report_death(runtime, death, actor=ACTOR, person=PERSON, source="bureau", at=at)


async def _repair(runtime: Runtime, given: dict[str, str], at: datetime) -> None:
    """Mirror what the determining unit decided of all that it listed by one document; what has ended stays as it is."""
    decision = _decision(given, today=local_date(at))
    index = identity_index(runtime.keys, given["number"].strip().upper())
    named = everywhere(HonorEntry).filter(
        identity_index=index, document_no=given["document_no"].strip(), kind__startswith="black-"
    )
    entries = await named.order_by("id")
    if not entries:
        raise NoSuchEntry
    for entry in entries:
        if entry.state in LIVE:
            await mirror_verdict(runtime, entry, decision, actor=ACTOR, at=at)


def _decision(given: dict[str, str], *, today: date) -> UnitDecision:
    if given["verdict"] not in ("grant", "refuse"):
        raise InvalidField(field="verdict", zh="决定有误。", en="There is no such verdict.")
    verdict: Verdict = "grant" if given["verdict"] == "grant" else "refuse"
    decided_on = date.fromisoformat(given["decided_on"])
    if decided_on > today:
        raise InvalidField(field="decided_on", zh="决定日期不能晚于今天。", en="The decision's day lies in the future.")
    return UnitDecision(
        verdict=verdict,
        document=kept_text(given["document"], "document"),
        decided_on=decided_on,
        reason=kept_text(given["reason"], "reason", least=0, most=400, may_wrap=True),
        source="bureau",
        person=PERSON,
    )
