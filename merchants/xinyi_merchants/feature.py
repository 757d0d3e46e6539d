"""What the merchants feature brings to the host."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import click
from litestar.types import ControllerRouterHandler

from xinyi_merchants.commitments.pages import CommitmentPages
from xinyi_merchants.complaints import deciding_api, deciding_pages
from xinyi_merchants.complaints.acting_pages import ConsoleComplaintPages, PortalComplaintPages
from xinyi_merchants.complaints.api import ComplaintApi, MerchantComplaintApi
from xinyi_merchants.complaints.cards import load_console_card, load_portal_card
from xinyi_merchants.complaints.models import ComplaintPicture
from xinyi_merchants.complaints.pages import AppComplaintPages, PublicComplaintPages
from xinyi_merchants.complaints.seeding import seed_complaints
from xinyi_merchants.complaints.staff_api import StaffComplaintApi
from xinyi_merchants.complaints.states import STAFF_ROLES
from xinyi_merchants.complaints.sweeping import settle_due
from xinyi_merchants.complaints.tasks import complaint_tasks
from xinyi_merchants.evaluations import console_pages as evaluation_console
from xinyi_merchants.evaluations import pages as evaluation_pages
from xinyi_merchants.evaluations.api import HonestMerchantApi
from xinyi_merchants.evaluations.commands import evaluation
from xinyi_merchants.evaluations.computing import compute_asked
from xinyi_merchants.evaluations.gathering import InputSuppliers
from xinyi_merchants.evaluations.seeding import seed_evaluations
from xinyi_merchants.evaluations.states import ROLES as EVALUATORS
from xinyi_merchants.operators import pages as operator_pages
from xinyi_merchants.operators.roles import read_duties
from xinyi_merchants.public_pages.pages import PublicMerchantPages
from xinyi_merchants.public_pages.serving import forget_pages
from xinyi_merchants.registry import KEEPERS, MerchantChanged, MerchantsChanged, console_pages, staff_api
from xinyi_merchants.registry import pages as registry_pages
from xinyi_merchants.registry.api import MerchantApi
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.registry.seeding import seed_merchants, seed_shop_fronts
from xinyi_merchants.registry.standing import load_standing_card
from xinyi_merchants.risk_classes import api as risk_api
from xinyi_merchants.risk_classes.commands import risk_class
from xinyi_merchants.risk_classes.pages import ROLES as SUPERVISORS
from xinyi_merchants.risk_classes.pages import RiskClassPages
from xinyi_merchants.risk_classes.recomputing import mark_stale, settle_classes
from xinyi_merchants.risk_classes.rules import RulesError, every_version
from xinyi_merchants.risk_classes.seeding import seed_risk_classes
from xinyi_merchants.sheets import pages as sheet_pages
from xinyi_merchants.sheets.commands import merchant
from xinyi_merchants.sign_ups import pages as sign_up_pages
from xinyi_merchants.sign_ups.seeding import seed_self_service
from xinyi_merchants.sign_ups.tasks import registry_tasks
from xinyi_merchants.stickers.api import StickerSnapshotApi
from xinyi_merchants.stickers.commands import sticker
from xinyi_merchants.stickers.copy_warnings import find_copies
from xinyi_merchants.stickers.offline_pages import OfflinePages, ScanPages
from xinyi_merchants.stickers.pages import StickerPages
from xinyi_merchants.stickers.scans import ScanCounts
from xinyi_merchants.stickers.staff_pages import ROLES as PRINTERS
from xinyi_merchants.stickers.staff_pages import CopyWarningPages, StickerSheetPages
from xinyi_merchants.webhooks import pages as webhook_pages
from xinyi_platform.database import after_commit
from xinyi_platform.features import Feature, FeatureError, Job, NavEntry, Seeder, SlotFiller
from xinyi_platform.files import FileColumn, NamedFiles
from xinyi_platform.language import Text
from xinyi_platform.principals import Duty, OperatorDuties
from xinyi_platform.profiles import Finding
from xinyi_platform.runtime import Runtime
from xinyi_platform.tasks import TaskSource

_HERE = Path(__file__).parent
_COMPLAINTS = Text("投诉", "Complaints")


class MerchantsFeature(Feature):
    """Merchants, stickers, their public pages and complaints."""

    name = "merchants"
    models: ClassVar[Sequence[str]] = (
        "xinyi_merchants.registry.models",
        "xinyi_merchants.operators.models",
        "xinyi_merchants.sign_ups.models",
        "xinyi_merchants.stickers.models",
        "xinyi_merchants.complaints.models",
        "xinyi_merchants.risk_classes.models",
        "xinyi_merchants.evaluations.models",
        "xinyi_merchants.commitments.models",
    )
    route_handlers: ClassVar[Sequence[ControllerRouterHandler]] = (
        MerchantApi,
        *registry_pages.PAGES,
        *console_pages.PAGES,
        *staff_api.ROUTES,
        *operator_pages.PAGES,
        *sign_up_pages.PAGES,
        *sheet_pages.PAGES,
        *webhook_pages.PAGES,
        StickerPages,
        StickerSheetPages,
        CopyWarningPages,
        StickerSnapshotApi,
        ScanPages,
        OfflinePages,
        PublicMerchantPages,
        PublicComplaintPages,
        AppComplaintPages,
        PortalComplaintPages,
        ConsoleComplaintPages,
        MerchantComplaintApi,
        ComplaintApi,
        StaffComplaintApi,
        *deciding_pages.PAGES,
        *deciding_api.ROUTES,
        RiskClassPages,
        *risk_api.ROUTES,
        CommitmentPages,
        *evaluation_pages.PAGES,
        *evaluation_console.PAGES,
        HonestMerchantApi,
    )
    template_folders: ClassVar[Sequence[Path]] = tuple(
        _HERE / capability / "templates"
        for capability in (
            "registry",
            "operators",
            "sign_ups",
            "sheets",
            "webhooks",
            "stickers",
            "public_pages",
            "complaints",
            "risk_classes",
            "evaluations",
            "commitments",
        )
    )
    navigation: ClassVar[Sequence[NavEntry]] = (
        NavEntry(surface="app", path="/app/complaints", label=_COMPLAINTS, order=40),
        NavEntry(surface="portal", path="/portal/shop", label=Text("店铺", "Shop"), order=20, duty=Duty.TILL),
        NavEntry(surface="portal", path="/portal/stickers", label=Text("码上见", "Stickers"), order=30),
        NavEntry(surface="portal", path="/portal/complaints", label=_COMPLAINTS, order=40),
        NavEntry(surface="portal", path="/portal/rating", label=Text("我的评定", "My rating"), order=45),
        NavEntry(
            surface="console",
            path="/console/evaluations",
            label=Text("诚信商户", "Honest merchants"),
            order=45,
            roles=frozenset(EVALUATORS),
            city=True,
        ),
        NavEntry(
            surface="portal", path="/portal/commitment", label=Text("诚信承诺", "Commitment"), order=50, duty=Duty.OWN
        ),
        NavEntry(surface="portal", path="/portal/people", label=Text("人员", "People"), order=80, duty=Duty.OWN),
        NavEntry(
            surface="portal", path="/portal/webhooks", label=Text("系统对接", "Your systems"), order=90, duty=Duty.OWN
        ),
        NavEntry(
            surface="console",
            path="/console/merchants",
            label=Text("商户名录", "Registry"),
            order=35,
            roles=frozenset(KEEPERS),
        ),
        NavEntry(
            surface="console", path="/console/complaints", label=_COMPLAINTS, order=40, roles=frozenset(STAFF_ROLES)
        ),
        NavEntry(
            surface="console",
            path="/console/risk-classes",
            label=Text("风险分类", "Risk classes"),
            order=60,
            roles=frozenset(SUPERVISORS),
        ),
        NavEntry(
            surface="console",
            path="/console/stickers",
            label=Text("码贴", "Stickers"),
            order=65,
            roles=frozenset(PRINTERS),
        ),
        NavEntry(
            surface="console",
            path="/console/sticker-warnings",
            label=Text("复制预警", "Copies"),
            order=66,
            roles=frozenset([*PRINTERS, *SUPERVISORS]),
        ),
    )
    slots: ClassVar[Sequence[SlotFiller]] = (
        SlotFiller(
            slot="portal.home", template="registry/shop_card.html", load=registry_pages.load_shop_card, order=10
        ),
        SlotFiller(slot="portal.home", template="registry/standing_card.html", load=load_standing_card, order=15),
        SlotFiller(slot="portal.home", template="complaints/portal_card.html", load=load_portal_card, order=20),
        SlotFiller(slot="console.home", template="complaints/console_card.html", load=load_console_card, order=20),
    )
    tasks: ClassVar[Sequence[TaskSource]] = (
        TaskSource(name="complaints", roles=frozenset(STAFF_ROLES), load=complaint_tasks),
        TaskSource(name="registry", roles=frozenset(KEEPERS), load=registry_tasks),
    )
    jobs: ClassVar[Sequence[Job]] = (
        Job(name="complaints.due", every_seconds=300, run=settle_due),
        Job(name="stickers.copies", every_seconds=300, run=find_copies),
        Job(name="risk.classes", every_seconds=120, run=settle_classes),
        Job(name="evaluations.compute", every_seconds=15, run=compute_asked),
    )
    uncrawled: ClassVar[Sequence[str]] = ("/m", "/M")
    commands: ClassVar[Sequence[click.Command]] = (merchant, sticker, risk_class, evaluation)
    seeders: ClassVar[Sequence[Seeder]] = (
        Seeder(name="merchants", order=30, run=seed_merchants),
        Seeder(name="shop fronts", order=35, run=seed_shop_fronts),
        Seeder(name="sign-ups", order=36, run=seed_self_service),
        Seeder(name="complaints", order=40, run=seed_complaints),
        Seeder(name="evaluations", order=45, run=seed_evaluations),
        Seeder(name="risk classes", order=50, run=seed_risk_classes),
    )

    def diagnose(self) -> Sequence[Finding]:
        """Stop the start where the risk model cannot be read."""
        try:
            every_version()
        except RulesError as error:
            raise FeatureError(str(error)) from error
        return ()

    def prepare(self, runtime: Runtime) -> None:
        """Let a merchant's pages go when its facts change, have it classed again, and tell who may do what.

        What others count is taken in by the evaluation.
        """
        runtime.parts[InputSuppliers] = InputSuppliers()
        runtime.parts[OperatorDuties] = OperatorDuties(read_duties)
        runtime.part(NamedFiles).add(
            FileColumn(model=Merchant, field="picture_id", purpose="merchant.picture"),
            FileColumn(model=ComplaintPicture, field="file_id", purpose="complaint.picture"),
        )

        async def changed(event: MerchantChanged) -> None:
            await after_commit(lambda: forget_pages(runtime, event.merchant_id))
            await mark_stale([event.merchant_id], at=runtime.clock.now())

        async def many_changed(event: MerchantsChanged) -> None:
            """A page that is shown already is a minute old at most; letting thousands go one by one takes longer."""
            await mark_stale(event.merchant_ids, at=runtime.clock.now())

        runtime.events.listen(MerchantChanged, changed)
        runtime.events.listen(MerchantsChanged, many_changed)
        runtime.parts[ScanCounts] = ScanCounts(runtime.clock)

    async def start(self, runtime: Runtime) -> None:
        """Begin to write what scans this process counts."""
        runtime.part(ScanCounts).start()

    async def stop(self, runtime: Runtime) -> None:
        """Write the counts that are left."""
        await runtime.part(ScanCounts).stop()
