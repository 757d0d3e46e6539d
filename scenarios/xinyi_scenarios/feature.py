"""The scenarios feature: what it brings to the platform."""

from __future__ import annotations

from pathlib import Path

from xinyi_merchants.evaluations.gathering import InputSuppliers
from xinyi_platform.clock import local_date
from xinyi_platform.consents import ConsentWithdrawn
from xinyi_platform.credit import StandingChanged
from xinyi_platform.features import Feature, Job, NavEntry, Seeder, SlotFiller
from xinyi_platform.files import FileColumn, NamedFiles
from xinyi_platform.language import Text
from xinyi_platform.principals import Duty
from xinyi_platform.profiles import Finding
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.claims import ClaimDesk
from xinyi_scenarios.claims.asking import settle_pending
from xinyi_scenarios.commands import COMMANDS
from xinyi_scenarios.commitments import api as commitment_api
from xinyi_scenarios.commitments import office_pages as commitment_office_pages
from xinyi_scenarios.commitments import pages as commitment_pages
from xinyi_scenarios.commitments import partner_api as commitment_partner_api
from xinyi_scenarios.commitments.keeping import guard_entitlement
from xinyi_scenarios.commitments.models import CommitmentPaper
from xinyi_scenarios.commitments.reading import commitment_facts
from xinyi_scenarios.commitments.sweeping import settle_due as settle_commitments
from xinyi_scenarios.commitments.uploading import PURPOSE
from xinyi_scenarios.decisions import DecisionDesk
from xinyi_scenarios.decisions import api as decision_api
from xinyi_scenarios.entitlements import api as entitlement_api
from xinyi_scenarios.entitlements import pages as entitlement_pages
from xinyi_scenarios.entitlements.changing import expire_due, follow_changes
from xinyi_scenarios.fairs import api as fair_api
from xinyi_scenarios.fairs import booking as fair_booking
from xinyi_scenarios.fairs import office_pages as fair_office_pages
from xinyi_scenarios.fairs import pages as fair_pages
from xinyi_scenarios.fairs import partner_api as fair_partner_api
from xinyi_scenarios.fairs.terms import FAIR
from xinyi_scenarios.manifests import Catalogue, load_catalogue
from xinyi_scenarios.manifests.flows import FLOWS
from xinyi_scenarios.orders import api as order_api
from xinyi_scenarios.orders import pages as order_pages
from xinyi_scenarios.orders.outcomes import tell_outcomes, withhold_outcomes
from xinyi_scenarios.orders.serving import expire_unstarted, mark_overdue
from xinyi_scenarios.participation import pages as participation_pages
from xinyi_scenarios.passes import api as pass_api
from xinyi_scenarios.passes import office_pages as pass_office_pages
from xinyi_scenarios.passes import pages as pass_pages
from xinyi_scenarios.passes.booking import follow_entitlement
from xinyi_scenarios.passes.serving import settle_passes
from xinyi_scenarios.plugins import find_plugins
from xinyi_scenarios.plugins.registering import register_plugins
from xinyi_scenarios.prechecks import api as precheck_api
from xinyi_scenarios.prechecks import pages as precheck_pages
from xinyi_scenarios.redemptions import api as redemption_api
from xinyi_scenarios.redemptions import pages as redemption_pages
from xinyi_scenarios.redemptions.counting import count_redemptions
from xinyi_scenarios.redemptions.spending import return_unspent
from xinyi_scenarios.referrals import api as referral_api
from xinyi_scenarios.referrals import pages as referral_pages
from xinyi_scenarios.referrals import partner_api as referral_partner_api
from xinyi_scenarios.referrals.recalling import GroundWatcher
from xinyi_scenarios.referrals.recalling import settle_due as settle_referrals
from xinyi_scenarios.referrals.rechecking import recheck_grounds
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.requirements.gathering import PROVIDERS, provide_fact
from xinyi_scenarios.scene_changes import CatalogueFollower, proposal_pages
from xinyi_scenarios.scene_changes import pages as change_pages
from xinyi_scenarios.scene_changes import staff_api as change_api
from xinyi_scenarios.scene_changes.states import DECIDERS as CHANGE_DECIDERS
from xinyi_scenarios.scenes import api as scene_api
from xinyi_scenarios.scenes import pages as scene_pages
from xinyi_scenarios.seeding import seed_participation, seed_partners
from xinyi_scenarios.watching.pages import warning_card
from xinyi_scenarios.watching.rechecking import recheck_due, recheck_soon
from xinyi_scenarios.watching.reminding import remind_due

_HERE = Path(__file__).parent


async def _expire(runtime: Runtime) -> int:
    return await expire_due(runtime.clock.now())


async def _settle_budgets(runtime: Runtime) -> int:
    return await return_unspent(runtime.clock.now())


async def _settle_passes(runtime: Runtime) -> int:
    return await settle_passes(runtime.clock.now())


async def _settle_fairs(runtime: Runtime) -> int:
    return await fair_booking.settle_tickets(runtime.clock.now())


async def _overdue(runtime: Runtime) -> int:
    now = runtime.clock.now()
    return await mark_overdue(now) + await expire_unstarted(now)


async def _recheck_whose_standing_changed(news: StandingChanged) -> None:
    await recheck_soon([news.resident_id], at=news.at)


class ScenariosFeature(Feature):
    """Scenes, decisions, claims, redemptions and deposit-free orders."""

    name = "scenarios"
    models = (
        "xinyi_scenarios.decisions.models",
        "xinyi_scenarios.quotas.models",
        "xinyi_scenarios.ledger.models",
        "xinyi_scenarios.entitlements.models",
        "xinyi_scenarios.redemptions.models",
        "xinyi_scenarios.orders.models",
        "xinyi_scenarios.passes.models",
        "xinyi_scenarios.fairs.models",
        "xinyi_scenarios.watching.models",
        "xinyi_scenarios.commitments.models",
        "xinyi_scenarios.scene_changes.models",
        "xinyi_scenarios.participation.models",
        "xinyi_scenarios.referrals.models",
    )
    template_folders = tuple(
        _HERE / room / "templates"
        for room in (
            "scenes",
            "prechecks",
            "decisions",
            "entitlements",
            "redemptions",
            "orders",
            "commitments",
            "referrals",
            "scene_changes",
            "participation",
            "passes",
            "fairs",
            "watching",
        )
    )
    route_handlers = (
        scene_api.SceneController,
        *scene_pages.ROUTES,
        precheck_api.PrecheckController,
        *precheck_pages.ROUTES,
        *decision_api.ROUTES,
        entitlement_api.EntitlementController,
        *entitlement_pages.ROUTES,
        redemption_api.PartnerRedemptionController,
        *redemption_pages.ROUTES,
        order_api.PartnerOrderController,
        order_api.ResidentOrderController,
        order_pages.OrderPages,
        pass_api.PassController,
        pass_api.PartnerPassController,
        pass_pages.PassPages,
        pass_office_pages.ConsoleCounterPages,
        fair_api.FairController,
        fair_partner_api.PartnerFairController,
        fair_pages.FairPages,
        fair_office_pages.ConsoleFairPages,
        commitment_api.CommitmentController,
        commitment_partner_api.PartnerCommitmentController,
        *commitment_pages.ROUTES,
        *commitment_office_pages.ROUTES,
        *change_api.ROUTES,
        referral_api.ReferralController,
        referral_partner_api.PartnerReferralController,
        *referral_pages.ROUTES,
        *change_pages.ROUTES,
        *proposal_pages.ROUTES,
        *participation_pages.ROUTES,
    )
    navigation = (
        NavEntry(surface="app", path="/app/scenes", label=Text("场景", "Scenes"), order=10),
        NavEntry(surface="app", path="/app/entitlements", label=Text("权益", "Benefits"), order=20),
        NavEntry(surface="portal", path="/portal/redeem", label=Text("核销", "Redeem"), order=10, duty=Duty.TILL),
        NavEntry(
            surface="portal",
            path="/portal/redemptions",
            label=Text("核销记录", "Redemptions"),
            order=20,
            duty=Duty.TILL,
        ),
        NavEntry(surface="portal", path="/portal/scenes", label=Text("参与场景", "Scenes"), order=30),
        NavEntry(
            surface="console",
            path="/console/scenes",
            label=Text("场景", "Scenes"),
            order=50,
            roles=frozenset(CHANGE_DECIDERS),
            city=True,
        ),
        NavEntry(
            surface="console",
            path="/console/counters",
            label=Text("窗口", "Counters"),
            order=55,
            roles=frozenset(pass_office_pages.ROLES),
        ),
        NavEntry(
            surface="console",
            path="/console/fairs",
            label=Text("游园会", "Fairs"),
            order=56,
            roles=frozenset(fair_office_pages.ROLES),
        ),
        NavEntry(
            surface="console",
            path="/console/commitments",
            label=Text("信用承诺", "Commitments"),
            order=60,
            roles=frozenset(commitment_office_pages.ROLES),
            city=True,
        ),
        NavEntry(
            surface="console",
            path="/console/referrals",
            label=Text("信用推荐", "Referrals"),
            order=61,
            roles=frozenset(referral_pages.CONSOLE_ROLES),
            city=True,
        ),
    )
    slots = (
        SlotFiller(slot="console.home", template="scene_changes/console_card.html", load=change_pages.console_card),
        SlotFiller(slot="app.home", template="scenes/home_card.html", load=scene_pages.home_card, order=10),
        SlotFiller(slot="app.home", template="entitlements/home_card.html", load=entitlement_pages.home_card, order=5),
        SlotFiller(slot="app.home", template="commitments/home_card.html", load=commitment_pages.home_card, order=4),
        SlotFiller(
            slot="app.entitlement",
            template="commitments/entitlement_piece.html",
            load=commitment_pages.entitlement_piece,
        ),
        SlotFiller(
            slot="app.entitlement",
            template="referrals/entitlement_piece.html",
            load=referral_pages.entitlement_piece,
        ),
        SlotFiller(
            slot="app.entitlement", template="orders/entitlement_piece.html", load=order_pages.entitlement_piece
        ),
        SlotFiller(slot="app.entitlement", template="passes/entitlement_piece.html", load=pass_pages.entitlement_piece),
        SlotFiller(slot="app.entitlement", template="fairs/entitlement_piece.html", load=fair_pages.entitlement_piece),
        SlotFiller(slot="app.entitlement", template="watching/warning.html", load=warning_card, order=1),
        SlotFiller(slot="portal.home", template="redemptions/portal_card.html", load=redemption_pages.portal_card),
        SlotFiller(slot="merchant.page", template="scenes/merchant_offers.html", load=scene_pages.merchant_offers),
    )
    jobs = (
        Job(name="claims.settle", every_seconds=20, run=settle_pending),
        Job(name="entitlements.expire", every_seconds=60, run=_expire),
        Job(name="budgets.settle", every_seconds=300, run=_settle_budgets),
        Job(name="orders.tell_outcomes", every_seconds=60, run=tell_outcomes),
        Job(name="passes.settle", every_seconds=300, run=_settle_passes),
        Job(name="fairs.settle", every_seconds=300, run=_settle_fairs),
        Job(name="entitlements.recheck", every_seconds=60, run=recheck_due),
        Job(name="entitlements.remind", every_seconds=60, run=remind_due),
        Job(name="orders.overdue", every_seconds=60, run=_overdue),
        Job(name="commitments.settle", every_seconds=300, run=settle_commitments),
        Job(name="referrals.recheck", every_seconds=300, run=recheck_grounds),
        Job(name="referrals.settle", every_seconds=60, run=settle_referrals),
    )
    commands = COMMANDS
    seeders = (
        Seeder(name="partners", order=25, run=seed_partners),
        Seeder(name="participation", order=45, run=seed_participation),
    )

    def register_types(self) -> None:
        FLOWS.register(FAIR)
        register_plugins()
        provide_fact("commitments", commitment_facts)
        follow_changes("commitment", guard_entitlement)
        follow_changes("fast_track", follow_entitlement)
        follow_changes(FAIR.name, fair_booking.follow_entitlement)

    def diagnose(self) -> list[Finding]:
        return diagnose_scenes()

    def prepare(self, runtime: Runtime) -> None:
        self.register_types()
        watcher = GroundWatcher(runtime)
        runtime.events.listen(ConsentWithdrawn, watcher.consent_withdrawn)
        follow_changes("referral", watcher.entitlement_changes)
        runtime.events.listen(ConsentWithdrawn, withhold_outcomes)
        runtime.events.listen(StandingChanged, _recheck_whose_standing_changed)
        runtime.part(NamedFiles).add(FileColumn(model=CommitmentPaper, field="file_id", purpose=PURPOSE))
        runtime.part(InputSuppliers).redemptions = count_redemptions
        runtime.parts[ClaimDesk] = ClaimDesk(runtime)
        runtime.parts[DecisionDesk] = DecisionDesk(runtime)
        runtime.parts[Catalogue] = Catalogue(lambda: local_date(runtime.clock.now()))
        runtime.parts[CatalogueFollower] = CatalogueFollower(runtime)

    async def start(self, runtime: Runtime) -> None:
        load_scenes(runtime)
        await runtime.part(CatalogueFollower).start()

    async def stop(self, runtime: Runtime) -> None:
        await runtime.part(CatalogueFollower).stop()
        await runtime.part(ClaimDesk).close()
        await runtime.part(DecisionDesk).close()


def load_scenes(runtime: Runtime) -> None:
    """Fill the catalogue; by then every feature has registered its requirement types."""
    loaded = load_catalogue(check_table, provided=PROVIDERS)
    runtime.part(Catalogue).take_over(loaded)


def diagnose_scenes() -> list[Finding]:
    """Return which plug-ins brought the scenes, and what was left out. Raises what would stop the start."""
    loaded = load_catalogue(check_table, provided=PROVIDERS)
    names = ", ".join(found.plugin.name for found in find_plugins() if found.plugin)
    left_out = [Finding("warning", f"left out {refused.source}: {refused.reason}") for refused in loaded.refused]
    return [Finding("ok", f"{len(loaded.everything())} scenes of {names}"), *left_out]
