"""Read a promise and sign it: the text is shown whole, and what is signed is what was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.language import Language, Text
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.commitments.deadlines import covered_until, due_day, next_reminder, repair_day
from xinyi_scenarios.commitments.errors import AlreadySigned, CommitmentTextChanged, NoCommitment, TickNeeded
from xinyi_scenarios.commitments.models import CommitmentPaper, SignedCommitment
from xinyi_scenarios.commitments.receipts import sign_receipt
from xinyi_scenarios.commitments.telling import tell
from xinyi_scenarios.commitments.texts import PromiseText, compose
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.flows import Commitment, promised_terms
from xinyi_scenarios.redemptions.redeeming import NotUsable

FLOW = "commitment"
_LANGUAGES: Sequence[Language] = ("zh", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a resident sends: the digest of the text that she was shown, and her tick."""

    digest: str
    agree: bool


def terms_of(held: Entitlement) -> Commitment:
    """Return what is promised, by the version that was given. Raises NoCommitment (422)."""
    if held.benefit.get("kind") != FLOW:
        raise NoCommitment
    return promised_terms(held.benefit, Commitment)


async def promise_to_sign(
    runtime: Runtime, resident_id: UUID, entitlement_id: UUID, language: Language, *, at: datetime
) -> PromiseText:
    """Return the text for one's own entitlement as of today. Raises NotFound (404), NoCommitment (422)."""
    held = await _own(resident_id, entitlement_id)
    return _compose(runtime, held, language, at)


def _compose(runtime: Runtime, held: Entitlement, language: Language, at: datetime) -> PromiseText:
    terms = terms_of(held)
    return compose(terms, _name_of(runtime, held), due_day(at, terms.due_days), language)


def _name_of(runtime: Runtime, held: Entitlement) -> Text:
    try:
        return runtime.part(Catalogue).version(held.scenario, held.version).name.text
    except NotFound:
        return Text(held.scenario, held.scenario)


async def _own(resident_id: UUID, entitlement_id: UUID) -> Entitlement:
    held = await Entitlement.get_or_none(id=entitlement_id, resident_id=resident_id)
    if held is None:
        raise NotFound
    return held


async def sign_commitment(
    runtime: Runtime, resident_id: UUID, entitlement_id: UUID, signature: Signature, *, at: datetime
) -> SignedCommitment:
    """Sign the promise of one's own entitlement, once.

    The entitlement stays valid until the promise is settled. Raises NotFound (404), NoCommitment and TickNeeded
    (422), CommitmentTextChanged, AlreadySigned and NotUsable (409).
    """
    async with transaction():
        held = await _own(resident_id, entitlement_id)
        terms = terms_of(held)
        if not signature.agree:
            raise TickNeeded
        if await SignedCommitment.exists(entitlement_id=held.id):
            raise AlreadySigned
        shown = [_compose(runtime, held, language, at) for language in _LANGUAGES]
        promise = next((text for text in shown if text.digest == signature.digest), None)
        if promise is None:
            raise CommitmentTextChanged
        await _cover(held, repair_day(promise.due_on, terms.repair_days), at)
        row = await _enter(runtime, held, terms, promise, at)
        await tell(row, "sign", actor=f"resident:{resident_id}", at=at, text=promise.digest)
    return row


async def _cover(held: Entitlement, last: date, at: datetime) -> None:
    if held.valid_until <= at:
        raise NotUsable(state="expired")
    until = max(held.valid_until, covered_until(last))
    # The update takes the row's lock: giving it back meanwhile waits, and then finds the promise.
    if not await Entitlement.filter(id=held.id, state__in=[*USABLE]).update(valid_until=until):
        raise NotUsable(state=held.state)


async def _enter(
    runtime: Runtime, held: Entitlement, terms: Commitment, promise: PromiseText, at: datetime
) -> SignedCommitment:
    identity = new_id()
    receipt = sign_receipt(
        runtime.keys, promise, issuer=runtime.settings.public_url, commitment_id=identity,
        scenario=held.scenario, version=held.version, at=at,
    )  # fmt: skip
    try:
        async with transaction():
            row = await SignedCommitment.create(
                id=identity, entitlement_id=held.id, scenario=held.scenario, version=held.version,
                resident_id=held.resident_id, state="signed", language=promise.language, text=promise.text,
                text_digest=promise.digest, receipt=receipt, signed_at=at, first_due_on=promise.due_on,
                due_on=promise.due_on, repair_days=terms.repair_days, remind_days=list(terms.remind_days),
                next_remind_on=next_reminder(promise.due_on, terms.remind_days, local_date(at)), changed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise AlreadySigned from error
    for place, paper in enumerate(terms.papers, 1):
        await CommitmentPaper.create(
            id=new_id(), commitment_id=row.id, place=place, key=paper.key, name_zh=paper.name.zh,
            name_en=paper.name.en, state="open",
        )  # fmt: skip
    return row
