"""Role × route × real objects of other people: not there for whoever they do not belong to, and left as they were."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from litestar import Litestar
from support.people import Caller, a_partner, a_resident, form_token
from support.promises import a_picture
from support.routes import Route, routes_of
from support.scenes import a_shop, id_of
from support.telling import news_for
from tortoise import Model

from xinyi_merchants.complaints.models import Complaint, ComplaintMark, ComplaintPicture, PublicAnswer
from xinyi_merchants.evaluations.models import EvaluationCandidate, EvaluationRound
from xinyi_merchants.operators.inviting import invite
from xinyi_merchants.operators.models import MerchantInvitation
from xinyi_merchants.registry.models import Merchant, MerchantChange, MerchantOperator
from xinyi_merchants.stickers.models import Sticker, StickerCopyWarning
from xinyi_platform.app import all_features
from xinyi_platform.features import CityPlan
from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.ids import new_id
from xinyi_platform.notices import notify
from xinyi_platform.notices.models import Notice
from xinyi_platform.outbox import WebhookDelivery, WebhookEndpoint, send_test
from xinyi_platform.outbox.subscribing import subscribe
from xinyi_platform.principals import Operator, Partner, Resident, Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance.models import AgencyPaper, AgencyRequest, TrainingBooking, TrainingSession
from xinyi_rewards.campaigns.models import Campaign
from xinyi_rewards.cases.models import CasePerson, CasePicture, CaseVersion, ExemplaryCase
from xinyi_rewards.honor_lists.models import EntryDocument, HonorEntry, HonorList, Objection
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.repairs.models import MeasureDeferral, RepairPaper, RepairRequest
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.support.models import SupportGrant, SupportUse
from xinyi_scenarios.commitments.models import CommitmentPaper, SignedCommitment
from xinyi_scenarios.decisions.models import Decision
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.passes.models import CounterPass
from xinyi_scenarios.quotas.models import Quota
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.referrals.models import Referral

pytestmark = pytest.mark.anyio

# Whose row a parameter of a path names. A new parameter fails the walk until it is listed.
OBJECTS: dict[str, type[Model]] = {
    "complaint_id": Complaint,
    "picture_id": ComplaintPicture,
    "mark_id": ComplaintMark,
    "answer_id": PublicAnswer,
    "sticker_id": Sticker,
    "change_id": MerchantChange,
    "operator_id": MerchantOperator,
    "invitation_id": MerchantInvitation,
    "delivery_id": WebhookDelivery,
    "warning_id": StickerCopyWarning,
    "entitlement_id": Entitlement,
    "redemption_id": Redemption,
    "order_id": ServiceOrder,
    "entry_id": HonorEntry,
    "grant_id": RewardGrant,
    "document_id": EntryDocument,
    "support_id": SupportGrant,
    "campaign_id": Campaign,
    "case_id": ExemplaryCase,
    "person_id": CasePerson,
    "case_picture_id": CasePicture,
    "use_id": SupportUse,
    "endpoint_id": WebhookEndpoint,
    "list_id": HonorList,
    "recall_id": Recall,
    "request_id": RepairRequest,
    "paper_id": RepairPaper,
    "deferral_id": MeasureDeferral,
    "training_id": TrainingSession,
    "booking_id": TrainingBooking,
    "agency_id": AgencyRequest,
    "agency_paper_id": AgencyPaper,
    "objection_id": Objection,
    "notice_id": Notice,
    "commitment_id": SignedCommitment,
    "referral_id": Referral,
    "guardianship_id": Guardianship,
    "decision_id": Decision,
    "round_id": EvaluationRound,
    "candidate_id": EvaluationCandidate,
    "pass_id": CounterPass,
}
# What is nobody's own: any resident may go to a gathering.
EVERYBODYS = {"gathering_id"}
SCOPES = ("redemptions", "orders", "webhooks", "commitments", "referrals", "passes", "fairs", "lists")
ANY_FORM = {"act": "withdraw", "text": "我已收到。", "reason": "登记有误", "verdict": "upheld"}
DOCUMENTS: dict[str, dict[str, object]] = {
    "reverse": {"reason": "顾客退货"},
    "complete": {"amount_fen": 100},
    "modify": {"amount_fen": 100, "reason": "减免"},
    "revoke": {"reason": "车辆故障"},
    "sync": {"paid_at": "2026-11-23T02:00:00Z"},
    "objections": {"reason": "登记有误"},
    "fair-ticket": {"day": "2026-11-28", "slot": "morning"},
    "passes": {"counter": "north", "day": "2026-11-24"},
    "serve": {"unpaid_fen": 0},
    "commitment": {"digest": "0" * 64, "agree": True},
    "extend": {"days": 5, "reason": "系统故障"},
    "refuse": {"reason": "缺页"},
    "referral": {"receiver": "00000000-0000-7000-8000-000000000001", "consent_version": 1, "agree": True},
    "outcome": {"outcome": "accepted"},
    "acts": {"act": "withdraw"},
    "appeal": {"text": "我说的是事实。"},
    "name-form": {"form": "full"},
    "answers": {"verdict": "agree"},
    "uses": {"amount_fen": 100, "reference": "SC-1"},
    "repair": {"statement": "已全部履行。", "signed": "2026-1"},
    "agency": {"wish": "请帮忙准备材料。", "contact": "13800000001", "signed": "2026-1"},
    "return-draft": {"reason": "日期有误"},
    "confirm-draft": {"draft": 1, "signed": "2026-1"},
    "deferral": {"plan": "分三次还清。", "due_on": "2026-12-10", "signed": "2026-1"},
}


@pytest.fixture
async def city(app: Litestar, runtime: Runtime) -> None:
    """A seeded city of a few people, who hold one of everything."""
    plan = CityPlan(residents=30, merchants=12, shared={"logins": []})
    seeders = [step for feature in all_features() for step in feature.seeders]
    for step in sorted(seeders, key=lambda step: step.order):
        await step.run(runtime, plan, lambda *_: None)
    owner, partner = await a_resident(runtime, 9_001), await a_partner(runtime, client_id="owner")
    now = runtime.clock.now()
    quota = await Quota.create(scenario="ride", period="", total=9, used=1, is_open=True, created_at=now)
    held = await Entitlement.create(
        code="OWNED0001", scenario="ride", version=1, resident_id=owner.id, period="", slot="owned", quota_id=quota.id,
        state="issued", benefit={}, created_at=now, issued_at=now, valid_until=now.replace(year=2027), reason="",
    )  # fmt: skip
    await Redemption.create(
        entitlement_id=held.id, slot="live", scenario="ride", merchant_id=new_id(), actor="operator:x",
        channel="portal", redeemed_at=now, reversed_by="", reversal_reason="",
    )  # fmt: skip
    await ServiceOrder.create(
        partner_id=partner.id, out_order_no="A1", scenario="ride", entitlement_id=held.id, resident_id=owner.id,
        state="created", waived_deposit_fen=100, fee_items=[], due_at=now, created_at=now, reason="",
    )  # fmt: skip
    listed = await HonorEntry.filter(resident_id__isnull=False).first()
    assert listed is not None
    await EntryDocument.create(entry_id=listed.id, slot="unit", place=1, file_id=new_id())
    version = await CaseVersion.filter(state="in_review").first()
    assert version is not None
    await CasePicture.create(version_id=version.id, place=1, file_id=new_id(), alt="一条街")
    grant = await SupportGrant.filter(cap_fen__gt=0).first()
    assert grant is not None
    await SupportUse.create(
        grant_id=grant.id, slot="SC-0", reference="SC-0", amount_fen=1, actor="staff:x", used_at=now
    )
    await Guardianship.create(
        guardian_id=owner.id, ward_id=new_id(), relation="parent", state="asked", division="410611001001", asked_at=now
    )
    await Decision.create(
        resident_id=owner.id, scenario="ride", version=1, purpose="decide", verdict="eligible", requires=[], inputs={},
        trace=[], at=now,
    )  # fmt: skip
    complaint, entry = await Complaint.all().order_by("id").first(), await HonorEntry.all().order_by("id").first()
    assert complaint is not None
    assert entry is not None
    await ComplaintPicture.create(complaint_id=complaint.id, file_id=new_id(), place=1)
    await ComplaintMark.create(
        complaint_id=complaint.id, division=complaint.division, state="proposed", reason="虚构事实", maker_id=new_id(),
        maker_person="another", made_at=now,
    )  # fmt: skip
    await PublicAnswer.create(
        complaint_id=complaint.id, merchant_id=complaint.merchant_id, division=complaint.division, category="price",
        text="已退还差额。", state="waiting", made_at=now,
    )  # fmt: skip
    await StickerCopyWarning.create(
        serial="0000000000", slot="open", merchant_id=complaint.merchant_id, division=complaint.division,
        day=now.date(), areas=[], found_at=now, note="",
    )  # fmt: skip
    await Objection.create(
        slot="open", resident_id=owner.id, reason="登记有误", state="open", created_at=now, decide_by=now.date(),
        decision_reason="", entry_id=entry.id,
    )  # fmt: skip
    await Recall.create(
        entry_id=entry.id, receiver=f"partner:{partner.id}", division="410611001001", kind=entry.kind, state="issued",
        statement="x", issued_at=now, chase_at=now,
    )  # fmt: skip
    repair = await RepairRequest.create(
        entry_id=entry.id, slot="open", resident_id=owner.id, division="410611001001", state="filed",
        statement="已履行", commitment_version="1", filed_at=now, pass_on_by=now.date(), changed_at=now,
    )  # fmt: skip
    await RepairPaper.create(request_id=repair.id, file_id=new_id(), place=1)
    await MeasureDeferral.create(
        entry_id=entry.id, resident_id=owner.id, division="410611001001", state="asked", plan="分期履行",
        promise_version="1", due_on=now.date(), asked_at=now,
    )  # fmt: skip
    training = await TrainingSession.all().first()
    assert training is not None
    await TrainingBooking.create(
        training_id=training.id, entry_id=entry.id, subject_kind="resident", subject_id=owner.id, number="0000000001",
        booked_at=now, attended_at=now,
    )  # fmt: skip
    agency = await AgencyRequest.create(
        entry_id=entry.id, slot="open", resident_id=owner.id, division="410611001001", state="prepared", wish="帮忙",
        contact_cipher="x", contact_masked="x", authorisation_version="1", asked_at=now, answer_by=now.date(),
        handler_id=new_id(), taken_at=now, prepare_by=now.date(), statement="已履行", draft=1, changed_at=now,
    )  # fmt: skip
    await AgencyPaper.create(agency_id=agency.id, file_id=new_id(), place=1)
    await Referral.create(
        entitlement_id=held.id, scenario="ride", version=1, resident_id=owner.id, partner_id=partner.id,
        purpose="referral.bank", consent_id=new_id(), pseudonym="x", verdict="yes", answer="x",
        offer_event_id=new_id(), state="offered", offered_at=now, expires_at=now.replace(year=2027), recheck_at=now,
    )  # fmt: skip
    promise = await SignedCommitment.create(
        entitlement_id=held.id, scenario="ride", version=1, resident_id=owner.id, state="signed", language="zh",
        text="x", text_digest="x", receipt="x", signed_at=now, first_due_on=now.date(), due_on=now.date(),
        repair_days=1, remind_days=[], changed_at=now,
    )  # fmt: skip
    await CommitmentPaper.create(
        commitment_id=promise.id, place=1, key="nobody", name_zh="合同", name_en="lease", state="handed_in"
    )
    await CounterPass.create(
        entitlement_id=held.id, resident_id=owner.id, scenario="permit", counter="north", day=now.date(), number=1,
        state="booked", booked_at=now,
    )  # fmt: skip
    await notify(news_for(id_of(owner)), at=now)
    audience = f"partner:{partner.id}"
    endpoint_id, _ = await subscribe(
        runtime.keys, audience=audience, url="https://p.example/", topics=[], strict=True, at=now
    )
    await send_test(endpoint_id, audience=audience, at=now)
    shop = await Merchant.all().order_by("id").first()
    assert shop is not None
    await invite(runtime, shop.id, role="clerk", invitee="店员", actor="operator:x", now=now)


async def rows() -> dict[str, list[dict[str, Any]]]:
    """Return every row that the paths name, to see that none was changed."""
    found = {}
    for name, model in OBJECTS.items():
        found[name] = list(await model.all().order_by("id").values())
    return found


async def test_an_object_of_another_is_not_there_and_stays_as_it_is(
    app: Litestar, app_client: httpx.AsyncClient, runtime: Runtime, city: None
) -> None:
    people: dict[type, Caller] = {
        Resident: await a_resident(runtime, 9_002),
        Operator: (await a_shop(runtime, "hotel", number=77)).operator,
        Partner: await a_partner(runtime, *SCOPES, client_id="stranger"),
    }
    csrf = await form_token(app_client)
    app_client.cookies.clear()
    before, reached, wrong = await rows(), set(), []
    assert all(before.values()), [name for name, there in before.items() if not there]
    for route in routes_of(app):
        names = [name for name, kind in route.parameters.items() if kind == "uuid"]
        if not set(names) - EVERYBODYS or route.is_public or Staff in route.guards[0].kinds:
            continue
        caller = next(people[kind] for kind in route.guards[0].kinds if kind in people)
        ids = {name: before[name][0]["id"] for name in names}
        answer = await act(app_client, route, caller, csrf, ids)
        reached.update(names)
        if answer.status_code not in (403, 404):
            wrong.append(f"{route.name} → {answer.status_code} {answer.text[:200]}")
    assert not wrong
    alone = {
        "campaign_id",
        "agency_id",
        "list_id",
        "request_id",
        "support_id",
        "use_id",
        "deferral_id",
        "mark_id",
        "answer_id",
        "warning_id",
    }
    assert reached == set(OBJECTS) - alone, "those are staff's alone"
    assert await rows() == before


async def act(
    client: httpx.AsyncClient, route: Route, caller: Caller, csrf: str, ids: dict[str, Any]
) -> httpx.Response:
    path = route.fill(**ids)
    headers = {**caller.headers(csrf=csrf), "Idempotency-Key": "one-key"}
    last = route.path.rpartition("/")[2]
    if route.method == "POST" and (last == "with-papers" or route.path.endswith("/repairs/{entry_id:uuid}")):
        paper = [("papers", ("1.jpg", b"paper", "image/jpeg"))]
        return await client.post(
            path, headers=headers, data={"statement": "已全部履行。", "signed": "2026-1"}, files=paper
        )
    if last == "documents" and route.method == "POST":
        return await client.post(path, headers=headers, files={"documents": ("1.jpg", a_picture(), "image/jpeg")})
    if route.path.startswith(("/api/", "/partner/")):
        document = DOCUMENTS.get(last) if route.method in ("POST", "PUT") else None
        return await client.request(route.method, path, headers=headers, json=document)
    form = ANY_FORM if route.method == "POST" else None
    if form and route.path.startswith("/portal"):
        form = {**form, "act": "answer"}
    return await client.request(route.method, path, headers=headers, data=form)
