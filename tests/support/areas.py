"""One of everything that lies in a community, with a mark in its texts by which a leak is seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from support.people import Caller, a_resident
from support.scenes import Shop, a_shop, id_of
from tortoise import Model

from xinyi_merchants.complaints.filing import Filing, file_complaint
from xinyi_merchants.complaints.models import Complaint, ComplaintMark, ComplaintPicture, ComplaintStep, PublicAnswer
from xinyi_merchants.registry import find_merchant
from xinyi_merchants.registry.models import Merchant, MerchantChange
from xinyi_merchants.risk_classes.lots import WEIGHTS
from xinyi_merchants.risk_classes.models import Inspection, InspectionDraw, RiskClass, RiskClassChange
from xinyi_merchants.sign_ups.models import MerchantApplication
from xinyi_merchants.stickers.issuing import issue_sticker
from xinyi_merchants.stickers.models import StickerCopyWarning
from xinyi_platform.clock import local_date
from xinyi_platform.division_policies.models import DivisionPolicy
from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.identity import create_account
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance.models import AgencyPaper, AgencyRequest, TrainingBooking, TrainingSession
from xinyi_rewards.campaigns.models import Campaign, CampaignUse
from xinyi_rewards.cases.models import CaseHand, CasePerson, CasePicture, CaseVersion, ExemplaryCase
from xinyi_rewards.gatherings.models import Gathering, GatheringGuest
from xinyi_rewards.honor_lists.models import (
    EntryDocument,
    EntryLetter,
    HonorEntry,
    HonorList,
    ListNote,
    ListReview,
    Objection,
)
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.repairs.models import MeasureDeferral, RepairPaper, RepairRequest
from xinyi_rewards.revocations.models import Revocation
from xinyi_rewards.support.models import SupportGrant, SupportUse
from xinyi_rewards.uploads.models import ListUpload, UploadContent, UploadFault

MARK = "标记甲乙丙"
# Every table with rows of an area. A bound model that is not here fails the walk.
TABLES: tuple[type[Model], ...] = (
    Merchant,
    MerchantChange,
    MerchantApplication,
    StickerCopyWarning,
    Complaint,
    ComplaintStep,
    ComplaintPicture,
    ComplaintMark,
    PublicAnswer,
    RiskClass,
    InspectionDraw,
    HonorList,
    HonorEntry,
    ListReview,
    ListNote,
    EntryDocument,
    EntryLetter,
    Revocation,
    ListUpload,
    UploadContent,
    UploadFault,
    SupportGrant,
    SupportUse,
    ExemplaryCase,
    CaseVersion,
    CaseHand,
    CasePerson,
    CasePicture,
    Gathering,
    GatheringGuest,
    Campaign,
    CampaignUse,
    Objection,
    Guardianship,
    DivisionPolicy,
    Recall,
    RepairRequest,
    RepairPaper,
    MeasureDeferral,
    TrainingSession,
    TrainingBooking,
    AgencyRequest,
    AgencyPaper,
)


@dataclass
class Seeded:
    """The things of one community: by the path parameter that names one of them, and all of their ids."""

    division: str
    shop: Shop
    named: dict[str, str] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)


async def all_roles(runtime: Runtime, division: str) -> Caller:
    """A member of staff of a division who has every role, so that none but the area stands in the way."""
    identity, _ = await create_account(
        runtime.keys, kind="staff", username=f"all-{division}", password="a long demo password",
        display_name=f"all-{division}", person=f"person-{division}", at=runtime.clock.now(),
        roles=[role.value for role in Role], division=division,
    )  # fmt: skip
    session = await open_session("console", identity, now=runtime.clock.now())
    return Caller(f"staff of {division}", identity, None, {cookie_name("console"): session})


async def seed_community(runtime: Runtime, division: str, picture: bytes) -> Seeded:
    """Put one of everything into a community."""
    shop = await a_shop(runtime, "catering", number=71)
    await Merchant.filter(id=shop.merchant.id).update(division=division, name=MARK, address=f"{MARK}路1号")
    found = Seeded(division, shop)
    await _registry(runtime, found)
    await _complaints(runtime, found, picture)
    await _supervision(runtime, found)
    await _lists(runtime, found)
    await _support(runtime, found)
    await _case(runtime, found)
    await _campaign(runtime, found)
    await _guardianship(runtime, found)
    await _policy(runtime, found)
    found.named |= {"merchant_id": str(shop.merchant.id), "division": division}
    found.ids.add(division)
    for table in TABLES:
        found.ids |= {str(identity) for identity in await table.all().values_list("id", flat=True)}
    return found


async def _make(found: Seeded, parameter: str, model: type[Model], /, **values: Any) -> Any:
    made = await model.create(id=new_id(), **values)
    found.named[parameter] = str(made.pk)
    return made


async def _registry(runtime: Runtime, found: Seeded) -> None:
    now, merchant = runtime.clock.now(), found.shop.merchant
    await issue_sticker(runtime, merchant.id, actor="operator:x", now=now)
    await _make(
        found, "change_id", MerchantChange, merchant_id=merchant.id, division=found.division, state="proposed",
        slot="open", source="portal", before={"name": MARK}, after={"name": f"{MARK}新"},
        maker=f"operator:{found.shop.operator.id}", maker_person="person-op-71", made_at=now,
    )  # fmt: skip
    await _make(
        found, "application_id", MerchantApplication, uscc="91410611MA00000001", slot="open", name=f"{MARK}新店",
        trade="catering", division=found.division, address=MARK, phone="0392-5550001", licence_date=local_date(now),
        contact_cipher=runtime.keys.encrypt(MARK, field="application.contact"), digest="0" * 64, state="waiting",
        made_at=now,
    )  # fmt: skip
    await _make(
        found, "warning_id", StickerCopyWarning, serial="0000000000", slot="open", merchant_id=merchant.id,
        division=found.division, day=local_date(now), areas=[], found_at=now, note="",
    )  # fmt: skip


async def _complaints(runtime: Runtime, found: Seeded, picture: bytes) -> None:
    now = runtime.clock.now()
    filing = Filing(category="price", text=f"{MARK}多收了十元。", wish=MARK, phone="13800009999")
    shop = await find_merchant(found.shop.merchant.id)
    receipt = await file_complaint(runtime, shop, filing, [picture], now=now)
    held = await ComplaintPicture.get(complaint_id=receipt.id)
    found.named |= {"complaint_id": str(receipt.id), "picture_id": str(held.id)}
    await _make(
        found, "mark_id", ComplaintMark, complaint_id=receipt.id, division=found.division, state="proposed",
        reason=MARK, maker_id=new_id(), maker_person="another", made_at=now,
    )  # fmt: skip
    await _make(
        found, "answer_id", PublicAnswer, complaint_id=receipt.id, merchant_id=shop.id, division=found.division,
        category="price", text=MARK, state="waiting", made_at=now,
    )  # fmt: skip


async def _supervision(runtime: Runtime, found: Seeded) -> None:
    now, shop = runtime.clock.now(), found.shop.merchant.id
    classed = {"colour": "red", "points": 60, "version": "2026.1", "reasons": []}
    await RiskClass.create(
        id=new_id(), merchant_id=shop, trade="catering", division=found.division, **classed,
        computed_on=local_date(now), computed_at=now,
    )  # fmt: skip
    await RiskClassChange.create(id=new_id(), merchant_id=shop, before="", at=now, **classed)
    await Inspection.create(
        id=new_id(), merchant_id=shop, day=local_date(now), kind="food", has_passed=False, authority=MARK,
        document_no=MARK, created_at=now,
    )  # fmt: skip
    await _make(
        found, "draw_id", InspectionDraw, division=found.division, trade="", seed="0" * 64, weights=dict(WEIGHTS),
        candidates=[[str(shop), "red"]], drawn=[str(shop)], drawn_by=new_id(), drawn_at=now,
    )  # fmt: skip


async def _lists(runtime: Runtime, found: Seeded) -> None:
    now, keys = runtime.clock.now(), runtime.keys
    made = await _make(
        found, "list_id", HonorList, kind="red-good-neighbour", title=MARK, division=found.division, state="in_review",
        maker_id=new_id(), maker_person="another", reviews_needed=2, created_at=now, submitted_at=now,
    )  # fmt: skip
    about = {
        "kind": made.kind, "state": "in_review", "name_cipher": keys.encrypt("王", field="honor_entry.name"),
        "identity_cipher": keys.encrypt("1", field="honor_entry.identity"), "search_index": "x",
        "name_masked": "王*", "identity_masked": "*", "deed": MARK, "created_at": now,
    }  # fmt: skip
    entry = await HonorEntry.create(id=new_id(), honor_list_id=made.id, slot="a", identity_index="a", **about)
    await ListReview.create(
        id=new_id(), honor_list_id=made.id, turn=0, person="x", staff_id=new_id(), verdict="send_back", comment=MARK,
        at=now,
    )  # fmt: skip
    await _make(
        found, "objection_id", Objection, slot="open", resident_id=new_id(), reason=MARK, state="open", created_at=now,
        decide_by=local_date(now + timedelta(days=9)), decision_reason="", entry_id=entry.id,
    )  # fmt: skip
    await ListNote.create(honor_list_id=made.id, turn=1, act="comment", staff_id=new_id(), text=MARK, at=now)
    await EntryLetter.create(
        entry_id=entry.id, sent_on=local_date(now), tracking=MARK, staff_id=new_id(), put_down_at=now
    )
    picture = await ComplaintPicture.get(id=found.named["picture_id"])
    await _make(found, "document_id", EntryDocument, entry_id=entry.id, slot="unit", place=1, file_id=picture.file_id)
    found.named["entry_id"] = str(entry.id)
    shown = {**about, "state": "published", "slot": "b", "identity_index": "b"}
    await _repairs(runtime, found, await HonorEntry.create(id=new_id(), honor_list_id=made.id, **shown))


async def _repairs(runtime: Runtime, found: Seeded, entry: HonorEntry) -> None:
    now, someone = runtime.clock.now(), id_of(await a_resident(runtime, 9_106))
    request = await _make(
        found, "request_id", RepairRequest, entry_id=entry.id, slot="open", resident_id=someone,
        division=found.division, state="filed", statement=MARK, commitment_version="1", filed_at=now,
        pass_on_by=local_date(now), changed_at=now,
    )  # fmt: skip
    picture = await ComplaintPicture.get(id=found.named["picture_id"])
    await _make(found, "paper_id", RepairPaper, request_id=request.id, file_id=picture.file_id, place=1)
    await _make(
        found, "deferral_id", MeasureDeferral, entry_id=entry.id, resident_id=someone, division=found.division,
        state="asked", plan=MARK, promise_version="1", due_on=local_date(now), asked_at=now,
    )  # fmt: skip
    await _help(runtime, found, entry, someone)
    await _upload(runtime, found, entry)
    await _make(
        found, "recall_id", Recall, entry_id=entry.id, receiver="partner:x", division=found.division, kind=entry.kind,
        state="issued", statement=MARK, issued_at=now, chase_at=now,
    )  # fmt: skip


async def _help(runtime: Runtime, found: Seeded, entry: HonorEntry, someone: UUID) -> None:
    now = runtime.clock.now()
    training = await _make(
        found, "training_id", TrainingSession, division=found.division, title=MARK, place=MARK, state="planned",
        starts_at=now + timedelta(days=2), ends_at=now + timedelta(days=2, hours=1), capacity=9, taken=1,
        made_by=new_id(), created_at=now,
    )  # fmt: skip
    await TrainingBooking.create(
        training_id=training.id, entry_id=entry.id, subject_kind="resident", subject_id=someone, number="0000000001",
        booked_at=now,
    )  # fmt: skip
    agency = await _make(
        found, "agency_id", AgencyRequest, entry_id=entry.id, slot="open", resident_id=someone,
        division=found.division, state="asked", wish=MARK, contact_cipher="x", contact_masked="138****0001",
        authorisation_version="1", asked_at=now, answer_by=local_date(now), changed_at=now,
    )  # fmt: skip
    picture = await ComplaintPicture.get(id=found.named["picture_id"])
    await _make(found, "agency_paper_id", AgencyPaper, agency_id=agency.id, file_id=picture.file_id, place=1)


async def _upload(runtime: Runtime, found: Seeded, entry: HonorEntry) -> None:
    now = runtime.clock.now()
    upload = await _make(
        found, "upload_id", ListUpload, division=found.division, kind=entry.kind, title=MARK, filename=MARK,
        wish="check", state="checked", maker_id=new_id(), maker_person="another", maker_roles=[], created_at=now,
        changed_at=now,
    )  # fmt: skip
    await UploadContent.create(id=new_id(), upload_id=upload.id, cipher="x")
    await UploadFault.create(id=new_id(), upload_id=upload.id, place=0, row=2, column=MARK, zh=MARK, en=MARK)
    await _make(
        found, "revocation_id", Revocation, entry_id=entry.id, slot="open", state="proposed", reason=MARK,
        proposed_by=new_id(), proposed_person="another", proposed_at=now, decide_by=local_date(now),
    )  # fmt: skip


async def _support(runtime: Runtime, found: Seeded) -> None:
    now = runtime.clock.now()
    grant = await SupportGrant.create(
        id=new_id(), policy="stall-fee", merchant_id=found.shop.merchant.id, award_id=new_id(),
        division=found.division, state="granted", starts_on=local_date(now), ends_on=local_date(now), cap_fen=10_000,
        used_fen=100, holds_unit=True, reason_zh=MARK, reason_en=MARK, made_at=now, granted_at=now, changed_at=now,
    )  # fmt: skip
    found.named |= {"support_id": str(grant.id), "code": found.shop.merchant.code}
    await _make(
        found, "use_id", SupportUse, grant_id=grant.id, slot=MARK, reference=MARK, amount_fen=100, actor="x",
        used_at=now,
    )  # fmt: skip


async def _case(runtime: Runtime, found: Seeded) -> None:
    now, picture = runtime.clock.now(), await ComplaintPicture.get(id=found.named["picture_id"])
    case = await _make(found, "case_id", ExemplaryCase, division=found.division, created_at=now)
    version = await CaseVersion.create(
        id=new_id(), case_id=case.id, number=1, slot="open", state="draft", title=MARK, body=MARK, maker_id=new_id(),
        maker_person="another", changed_at=now,
    )  # fmt: skip
    await CaseHand.create(id=new_id(), version_id=version.id, person="another")
    await _make(
        found, "person_id", CasePerson, version_id=version.id, name_shown=MARK, state="agreed",
        paper_file_id=picture.file_id, signed_by="self",
    )  # fmt: skip
    shown = await CasePicture.create(id=new_id(), version_id=version.id, place=1, file_id=picture.file_id, alt=MARK)
    found.named["case_picture_id"] = str(shown.id)
    held = await _make(
        found, "gathering_id", Gathering, division=found.division, title=MARK, place=MARK, state="planned",
        starts_at=now + timedelta(days=2), ends_at=now + timedelta(days=2, hours=1), capacity=9, taken=1,
        made_by=new_id(), created_at=now,
    )  # fmt: skip
    await GatheringGuest.create(gathering_id=held.id, resident_id=new_id(), signed_up_at=now)


async def _campaign(runtime: Runtime, found: Seeded) -> None:
    now = runtime.clock.now()
    made = await _make(
        found, "campaign_id", Campaign, division=found.division, title=MARK, why=MARK, kinds=["red-good-neighbour"],
        scenario="checkup", minors="none", once_a_household=False, first_on=local_date(now), last_on=local_date(now),
        units=2, used=1, budget_fen=40_000, spent_fen=20_000, state="in_review", maker_id=new_id(),
        maker_person="another", made_at=now, changed_at=now,
    )  # fmt: skip
    await CampaignUse.create(
        campaign_id=made.id, grant_id=new_id(), resident_id=new_id(), entitlement_id=new_id(), worth_fen=20_000,
        taken_at=now,
    )  # fmt: skip


async def _guardianship(runtime: Runtime, found: Seeded) -> None:
    guardian, ward = id_of(await a_resident(runtime, 9_101)), id_of(await a_resident(runtime, 9_102))
    await _make(
        found, "guardianship_id", Guardianship, guardian_id=guardian, ward_id=ward, relation="parent", state="asked",
        division=found.division, asked_at=runtime.clock.now(),
    )  # fmt: skip


async def _policy(runtime: Runtime, found: Seeded) -> None:
    now = runtime.clock.now()
    await _make(
        found, "policy_id", DivisionPolicy, division=found.division, topic="list_kind", key="red-volunteer",
        parameter="notice_days", value=30, in_force_from=local_date(now), reason=MARK, state="proposed", slot="open",
        maker_id=new_id(), maker_person="another", made_at=now,
    )  # fmt: skip


async def dump() -> dict[str, list[dict[str, Any]]]:
    """Return every row of every area, and what hangs on shops, to see that none was changed."""
    tables = (*TABLES, Inspection, RiskClassChange)
    return {table.__name__: list(await table.all().order_by("id").values()) for table in tables}


def uuid_of(found: Seeded, parameter: str) -> UUID:
    return UUID(found.named[parameter])
