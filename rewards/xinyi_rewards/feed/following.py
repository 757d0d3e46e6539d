"""Follow the bureau's feed: each piece of news is taken in one transaction, or kept with the reason why not."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
import structlog
from tortoise.exceptions import IntegrityError

from xinyi_platform.bureau import BureauNews, BureauSilent
from xinyi_platform.database import transaction
from xinyi_platform.divisions import city_code
from xinyi_platform.errors import DomainError, InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.deaths.recording import Death, record_death
from xinyi_rewards.feed.models import FeedRow
from xinyi_rewards.honor_lists.mirroring import Decision, mirror_decision
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.honor_lists.states import SHOWN
from xinyi_rewards.honor_lists.subjects import identity_index
from xinyi_rewards.repairs.handling import Verdict, settle
from xinyi_rewards.repairs.models import RepairRequest

BUREAU = Staff(
    UUID(int=0), session_id=UUID(int=0), person="bureau", roles=frozenset({Role.CREDIT_OFFICE}), division=city_code()
)
"""The maker of what the feed enters: no account, so that everybody who reviews it is another person."""
ACTOR = "bureau:feed"
_UNREADABLE = Text("内容不完整或格式有误", "Something is missing or malformed")
log = structlog.get_logger(__name__)


async def follow_feed(runtime: Runtime) -> int:
    """Take what is new; returns how many pieces. A silent bureau is asked again the next time."""
    last = await FeedRow.all().order_by("-number").first()
    try:
        news = await runtime.bureau.news_after(last.number if last else 0)
    except BureauSilent as error:
        log.info("feed_silent", code=error.code)
        return 0
    for one in news:
        await take(runtime, one, at=runtime.clock.now())
    return len(news)


async def take(runtime: Runtime, one: BureauNews, *, at: datetime) -> None:
    """Take one piece of news, or keep why it cannot be taken; a second time does nothing."""
    if await FeedRow.exists(number=one.number):
        return
    try:
        async with transaction():
            await _keep(one, "taken", Text("", ""), at)
            await _apply(runtime, one, at)
    except DomainError as error:
        reason = error.text.format(**error.values)
        await _keep(one, "refused", reason, at)
    except (msgspec.ValidationError, KeyError, ValueError):
        await _keep(one, "refused", _UNREADABLE, at)
    except IntegrityError:
        if not await FeedRow.exists(number=one.number):  # another worker took it
            raise


async def _keep(one: BureauNews, outcome: str, reason: Text, at: datetime) -> None:
    await FeedRow.create(
        id=new_id(),
        number=one.number,
        kind=one.kind,
        outcome=outcome,
        document_no=(one.fields.get("document_no") or one.fields.get("document") or "")[:80],
        reason_zh=reason.zh[:400],
        reason_en=reason.en[:800],
        taken_at=at,
    )


async def _apply(runtime: Runtime, one: BureauNews, at: datetime) -> None:
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
        await record_death(runtime, death, actor=ACTOR, source="bureau", at=at)


async def _repair(runtime: Runtime, fields: dict[str, str], at: datetime) -> None:
    """Mirror what the determining unit decided; without a request here, a grant ends the entry all the same."""
    index = identity_index(runtime.keys, fields["number"].strip().upper())
    entry = await everywhere(HonorEntry).get_or_none(
        identity_index=index, document_no=fields["document_no"], state__in=SHOWN, kind__startswith="black-"
    )
    if entry is None:
        raise NotFound
    if fields["verdict"] not in ("grant", "refuse"):
        raise InvalidField(field="verdict", zh="决定有误。", en="There is no such verdict.")
    decided_on, document, reason = date.fromisoformat(fields["decided_on"]), fields["document"], fields["reason"]
    request = await everywhere(RepairRequest).get_or_none(entry_id=entry.id, slot="open")
    if request is not None and request.state == "passed_on":
        verdict: Verdict = "grant" if fields["verdict"] == "grant" else "refuse"
        await settle(
            runtime, request, verdict, actor=ACTOR, source="bureau", document=document[:80], decided_on=decided_on,
            reason=reason[:400], at=at,
        )  # fmt: skip
    elif fields["verdict"] == "grant":
        event = "repair" if entry.state == "published" else "revoke"
        await end_entry(runtime, entry.id, event, actor=ACTOR, reason=document[:80], at=at)
