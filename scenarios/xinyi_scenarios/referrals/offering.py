"""A resident has one receiver told: the separate consent, the verdict of now, and a signed answer.

The conditions are looked at again before anything is told. Only a yes is told, a no when she asks for it knowing it,
and what cannot be told discloses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform.consents import grant
from xinyi_platform.credit import record_disclosure
from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_platform.identity import PartnerView, partners_with
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions.deciding import decide_scene
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.manifests.flows import Referral as ReferralTerms
from xinyi_scenarios.manifests.flows import promised_terms
from xinyi_scenarios.redemptions.redeeming import NotUsable
from xinyi_scenarios.referrals.answers import Signer, pseudonym_of, sign_answer
from xinyi_scenarios.referrals.errors import (
    AlreadyReferred,
    AnswerCannotBeTold,
    AnswerWouldBeNo,
    DisclosureNotAgreed,
    NoReferral,
    ReceiverUnknown,
)
from xinyi_scenarios.referrals.models import Referral
from xinyi_scenarios.referrals.telling import send_to_receiver, tell
from xinyi_scenarios.requirements import Verdict

FLOW = "referral"
SCOPE = "referrals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What she chose: the receiver, the version of the consent's text that she read, her tick, and a no if need be."""

    partner_id: UUID
    consent_version: int
    agree: bool
    tell_a_no: bool = False


def signer_of(runtime: Runtime) -> Signer:
    """Return with what this instance signs."""
    return Signer(runtime.keys, runtime.settings.public_url)


def terms_of(held: Entitlement) -> ReferralTerms:
    """Return the referral's terms, by the version that was given. Raises NoReferral (422)."""
    if held.benefit.get("kind") != FLOW:
        raise NoReferral
    return promised_terms(held.benefit, ReferralTerms)


async def receivers_for(terms: ReferralTerms) -> list[PartnerView]:
    """Return who may be chosen."""
    return [partner for partner in await partners_with(SCOPE) if partner.kind == terms.receivers]


async def own_entitlement(resident_id: UUID, entitlement_id: UUID) -> Entitlement:
    """Return one's own entitlement. Raises NotFound (404)."""
    held = await Entitlement.get_or_none(id=entitlement_id, resident_id=resident_id)
    if held is None:
        raise NotFound
    return held


async def offer_referral(runtime: Runtime, resident_id: UUID, entitlement_id: UUID, choice: Choice) -> Referral:
    """Give the chosen receiver a signed answer, with the consent for it.

    Raises NotFound (404), NoReferral, ReceiverUnknown and DisclosureNotAgreed (422), ConsentTextChanged, NotUsable,
    AnswerWouldBeNo, AnswerCannotBeTold and AlreadyReferred (409).
    """
    held = await own_entitlement(resident_id, entitlement_id)
    terms = terms_of(held)
    if not choice.agree:
        raise DisclosureNotAgreed
    chosen = [one for one in await receivers_for(terms) if one.id == choice.partner_id]
    if not chosen:
        raise ReceiverUnknown
    if held.state not in USABLE:
        raise NotUsable(state=held.state)
    verdict = await _verdict(runtime, held, tell_a_no=choice.tell_a_no)
    async with transaction():
        return await _offer(runtime, held, terms, chosen[0], choice.consent_version, verdict)


async def _verdict(runtime: Runtime, held: Entitlement, *, tell_a_no: bool) -> str:
    decided = await decide_scene(runtime, held.resident_id, held.scenario)
    if decided.verdict is Verdict.UNKNOWN or not decided.rests_on_fresh_credit:
        raise AnswerCannotBeTold
    if decided.verdict is Verdict.ELIGIBLE:
        return "yes"
    if not tell_a_no:
        raise AnswerWouldBeNo
    return "no"


async def _offer(
    runtime: Runtime,
    held: Entitlement,
    terms: ReferralTerms,
    partner: PartnerView,
    consent_version: int,
    verdict: str,
) -> Referral:
    at = runtime.clock.now()
    # The update takes the row's lock: what ends the entitlement meanwhile waits, and then recalls the answer.
    if held.valid_until <= at or not await Entitlement.filter(id=held.id, state=held.state).update(state=held.state):
        raise NotUsable(state=held.state)
    if await Referral.exists(entitlement_id=held.id, slot="live"):
        raise AlreadyReferred
    consent = await grant(held.resident_id, terms.consent, version=consent_version, at=at)
    expires_at = min(at + timedelta(days=terms.answer_days), consent.expires_at)
    name = pseudonym_of(runtime.keys, partner_id=partner.id, resident_id=held.resident_id)
    identity = new_id()
    answer = sign_answer(
        signer_of(runtime), referral_id=identity, partner_id=partner.id, pseudonym=name, scenario=held.scenario,
        version=held.version, verdict=verdict, at=at, expires_at=expires_at,
    )  # fmt: skip
    row = Referral(
        id=identity, entitlement_id=held.id, slot="live", scenario=held.scenario, version=held.version,
        resident_id=held.resident_id, partner_id=partner.id, purpose=terms.consent, consent_id=consent.id,
        pseudonym=name, verdict=verdict, answer=answer, state="offered", offered_at=at, expires_at=expires_at,
        recheck_at=at + timedelta(days=1),
    )  # fmt: skip
    row.offer_event_id = await send_to_receiver("referral.offered", row, {"answer": answer}, at=at)
    try:
        async with transaction():
            await row.save(force_create=True)
    except IntegrityError as error:
        raise AlreadyReferred from error
    scene = runtime.part(Catalogue).scenes[held.scenario].name.zh
    await record_disclosure(
        held.resident_id, reader=f"partner:{partner.id}", purpose=terms.consent,
        reason=f"referral:{scene} → {partner.name}"[:70] + f" ({'是' if verdict == 'yes' else '否'})",
        consent_id=consent.id, at=at,
    )  # fmt: skip
    await tell(row, "offer", actor=f"resident:{held.resident_id}", at=at)
    return row
