"""The rewards feature: what it brings to the platform."""

from __future__ import annotations

from pathlib import Path

from xinyi_merchants.registry import MerchantChanged, MerchantsChanged
from xinyi_merchants.risk_classes.lots import InspectionRelief
from xinyi_platform.division_policies import register_topic
from xinyi_platform.features import Feature, Job, NavEntry, Seeder, SlotFiller
from xinyi_platform.identity import ResidentSignedIn
from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.tasks import TaskSource
from xinyi_rewards.assistance import api as help_api
from xinyi_rewards.assistance import staff_pages as help_staff_pages
from xinyi_rewards.assistance import subject_pages as help_pages
from xinyi_rewards.assistance import training_pages
from xinyi_rewards.assistance.agency import lapse_agency
from xinyi_rewards.assistance.booking import free_places, remind_of_trainings
from xinyi_rewards.assistance.reading import trainings_named
from xinyi_rewards.assistance.seeding import seed_trainings
from xinyi_rewards.assistance.tasks import agency_tasks
from xinyi_rewards.campaigns import api as campaign_api
from xinyi_rewards.campaigns import console_pages as campaign_console
from xinyi_rewards.campaigns import pages as campaign_pages
from xinyi_rewards.campaigns.deciding import end_due
from xinyi_rewards.campaigns.seeding import seed_campaigns
from xinyi_rewards.campaigns.spending import return_unused
from xinyi_rewards.campaigns.states import READERS as CAMPAIGN_READERS
from xinyi_rewards.campaigns.tasks import campaign_tasks
from xinyi_rewards.cases import api as case_api
from xinyi_rewards.cases import console_pages as case_console
from xinyi_rewards.cases import pages as case_pages
from xinyi_rewards.cases.asking import ask_anew
from xinyi_rewards.cases.consenting import withdraw_unagreed
from xinyi_rewards.cases.forgetting import forget_ended
from xinyi_rewards.cases.seeding import seed_cases
from xinyi_rewards.cases.states import MAKERS as CASE_MAKERS
from xinyi_rewards.cases.tasks import case_tasks
from xinyi_rewards.deaths import pages as death_pages
from xinyi_rewards.deaths.tasks import death_tasks
from xinyi_rewards.feed import pages as feed_pages
from xinyi_rewards.feed.following import follow_feed
from xinyi_rewards.feed.settling import feed_tasks
from xinyi_rewards.figures import open_data
from xinyi_rewards.figures import pages as figure_pages
from xinyi_rewards.figures.freezing import freeze_months
from xinyi_rewards.figures.seeding import seed_open_data
from xinyi_rewards.gatherings import api as gathering_api
from xinyi_rewards.gatherings import pages as gathering_pages
from xinyi_rewards.gatherings.holding import Attended, finish_due
from xinyi_rewards.gatherings.seeding import seed_gatherings
from xinyi_rewards.gatherings.states import HOSTS
from xinyi_rewards.gatherings.tasks import gathering_tasks
from xinyi_rewards.honor_lists import api, console_pages, entry_pages, mirroring_pages, pages, portal_pages, staff_api
from xinyi_rewards.honor_lists.area_terms import LIST_KINDS
from xinyi_rewards.honor_lists.finding import Finder
from xinyi_rewards.honor_lists.judging import judge_again
from xinyi_rewards.honor_lists.publishing import (
    DisplayChanged,
    EntriesNoticed,
    EntryEnded,
    EntryFound,
    EntryPublished,
    end_red_of_listed,
    expire_entries,
    publish_due,
)
from xinyi_rewards.honor_lists.requirements import register_list_requirements
from xinyi_rewards.honor_lists.seeding import seed_lists
from xinyi_rewards.honor_lists.states import DECIDERS, MAKERS
from xinyi_rewards.honor_lists.tasks import list_tasks, objection_tasks, stuck_tasks
from xinyi_rewards.honor_lists.telling import tell_ended, tell_noticed, tell_published
from xinyi_rewards.points import earning as points
from xinyi_rewards.points import pages as point_pages
from xinyi_rewards.recalls import pages as recall_pages
from xinyi_rewards.recalls import partner_api as recall_api
from xinyi_rewards.recalls.recalling import Recaller, chase_due
from xinyi_rewards.recalls.receiving import send_display, send_published
from xinyi_rewards.recalls.seeding import seed_readers
from xinyi_rewards.recalls.tasks import recall_tasks
from xinyi_rewards.repairs import api as repair_api
from xinyi_rewards.repairs import staff_pages as repair_staff_pages
from xinyi_rewards.repairs import subject_pages as repair_pages
from xinyi_rewards.repairs.deferring import break_with_measure, lapse_deferral, remind_promises
from xinyi_rewards.repairs.handling import lapse_with_entry
from xinyi_rewards.repairs.packaging import TrainingRecord
from xinyi_rewards.repairs.portal_cards import reminder_card
from xinyi_rewards.repairs.reminding import remind_due
from xinyi_rewards.repairs.states import HANDLERS
from xinyi_rewards.repairs.tasks import repair_tasks
from xinyi_rewards.revocations import api as revocation_api
from xinyi_rewards.revocations import pages as revocation_pages
from xinyi_rewards.revocations.revoking import lapse_revocation
from xinyi_rewards.revocations.tasks import revocation_tasks
from xinyi_rewards.rewards.ending import end_groundless, follow_reversal, withdraw_rewards
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.promising import promise_rewards, refresh_rewards
from xinyi_rewards.rewards.renewing import renew_rewards
from xinyi_rewards.support import api as support_api
from xinyi_rewards.support import pages as support_pages
from xinyi_rewards.support.granting import SupportKeeper, refresh_all, relieved
from xinyi_rewards.support.seeding import seed_support
from xinyi_rewards.uploads import api as upload_api
from xinyi_rewards.uploads import pages as upload_pages
from xinyi_rewards.uploads.working import work_off
from xinyi_scenarios.entitlements.changing import follow_named

_HERE = Path(__file__).parent
_ROOMS = (
    "honor_lists",
    "recalls",
    "repairs",
    "deaths",
    "support",
    "cases",
    "gatherings",
    "points",
    "feed",
    "revocations",
    "uploads",
    "campaigns",
    "assistance",
    "figures",
)
_TABLES = (*_ROOMS, "rewards")
_MAKERS = frozenset(MAKERS)
_DECIDERS = frozenset(DECIDERS)


async def _publish(runtime: Runtime) -> int:
    return await expire_entries(runtime) + await end_red_of_listed(runtime) + await publish_due(runtime)


async def _grant(runtime: Runtime) -> int:
    return await grant_due(runtime)


async def _refresh(runtime: Runtime) -> int:
    return await end_groundless(runtime) + await renew_rewards(runtime) + await refresh_rewards(runtime)


async def _finish(runtime: Runtime) -> int:
    return await finish_due(runtime.clock.now())


async def _end_campaigns(runtime: Runtime) -> int:
    now = runtime.clock.now()
    return await end_due(now) + await return_unused(now)


async def _keep_consents(runtime: Runtime) -> int:
    return await withdraw_unagreed(runtime) + await ask_anew(runtime)


async def _remind(runtime: Runtime) -> int:
    return await remind_due(runtime) + await remind_promises(runtime)


class RewardsFeature(Feature):
    """Honor lists and what they give."""

    name = "rewards"
    models = tuple(f"xinyi_rewards.{room}.models" for room in _TABLES)
    template_folders = tuple(_HERE / room / "templates" for room in _ROOMS)
    route_handlers = (
        api.HonorListController,
        api.MyHonorController,
        api.MyObjectionController,
        *staff_api.ROUTES,
        *pages.ROUTES,
        *console_pages.ROUTES,
        *entry_pages.ROUTES,
        *mirroring_pages.ROUTES,
        portal_pages.PortalListingPages,
        *death_pages.ROUTES,
        *recall_api.ROUTES,
        *recall_pages.ROUTES,
        repair_api.MyRepairController,
        *repair_pages.ROUTES,
        *repair_staff_pages.ROUTES,
        help_api.MyHelpController,
        *help_pages.ROUTES,
        *help_staff_pages.ROUTES,
        *training_pages.ROUTES,
        *support_pages.ROUTES,
        *feed_pages.ROUTES,
        *upload_pages.ROUTES,
        *upload_api.ROUTES,
        *revocation_pages.ROUTES,
        *revocation_api.ROUTES,
        *point_pages.ROUTES,
        *gathering_pages.ROUTES,
        gathering_api.MyGatheringController,
        *case_pages.ROUTES,
        *case_console.ROUTES,
        *case_api.ROUTES,
        *campaign_pages.ROUTES,
        *campaign_console.ROUTES,
        *campaign_api.ROUTES,
        *figure_pages.ROUTES,
        *open_data.ROUTES,
        *support_api.ROUTES,
    )
    navigation = (
        NavEntry(
            surface="public", path="/recommended-shops", label=Text("诚信商户推荐", "Recommended shops"), order=20
        ),
        NavEntry(surface="public", path="/open-data", label=Text("开放数据", "Open data"), order=40),
        NavEntry(surface="portal", path="/portal/listings", label=Text("名单公示", "Listings"), order=48),
        NavEntry(
            surface="console",
            path="/console/figures",
            label=Text("统计", "Figures"),
            order=65,
            roles=frozenset(figure_pages.READERS),
        ),
        NavEntry(surface="portal", path="/portal/support", label=Text("支持政策", "Support"), order=46),
        NavEntry(
            surface="console",
            path="/console/support",
            label=Text("商户支持", "Support"),
            order=32,
            roles=frozenset(support_pages.CLERKS),
        ),
        NavEntry(
            surface="console",
            path="/console/cases",
            label=Text("典型案例", "Cases"),
            order=34,
            roles=frozenset(CASE_MAKERS),
        ),
        NavEntry(
            surface="console",
            path="/console/gatherings",
            label=Text("宣传活动", "Gatherings"),
            order=36,
            roles=frozenset(HOSTS),
        ),
        NavEntry(
            surface="console",
            path="/console/campaigns",
            label=Text("激励活动", "Campaigns"),
            order=38,
            roles=frozenset(CAMPAIGN_READERS),
        ),
        NavEntry(surface="public", path="/campaigns", label=Text("激励活动", "Campaigns"), order=42),
        NavEntry(surface="public", path="/cases", label=Text("诚信典型案例", "Exemplary cases"), order=40),
        NavEntry(surface="app", path="/app/points", label=Text("荣誉积分", "Points"), order=31),
        NavEntry(surface="app", path="/app/gatherings", label=Text("诚信活动", "Gatherings"), order=34),
        NavEntry(surface="app", path="/app/cases", label=Text("关于我的案例", "Stories"), order=32),
        NavEntry(surface="app", path="/app/honors", label=Text("荣誉与公示", "Honors"), order=30),
        NavEntry(surface="console", path="/console/lists", label=Text("名单", "Lists"), order=10, roles=_MAKERS),
        NavEntry(
            surface="console", path="/console/objections", label=Text("异议", "Objections"), order=20, roles=_DECIDERS
        ),
        NavEntry(
            surface="console", path="/console/revocations", label=Text("撤销", "Revocations"), order=21, roles=_MAKERS
        ),
        NavEntry(
            surface="console",
            path="/console/repairs",
            label=Text("信用修复", "Repairs"),
            order=22,
            roles=frozenset(HANDLERS),
            count=repair_staff_pages.waiting_here,
        ),
        NavEntry(
            surface="console",
            path="/console/help",
            label=Text("修复帮办", "Repair help"),
            order=23,
            roles=frozenset(HANDLERS),
            count=help_staff_pages.waiting_here,
        ),
        NavEntry(
            surface="console",
            path="/console/recalls",
            label=Text("停止使用", "Recalls"),
            order=24,
            roles=_MAKERS,
            count=recall_pages.waiting_for_me,
        ),
        NavEntry(
            surface="console",
            path="/console/feed",
            label=Text("平台推送", "Bureau’s feed"),
            order=25,
            roles=frozenset({Role.CREDIT_OFFICE}),
            city=True,
        ),
        NavEntry(
            surface="console",
            path="/console/deaths",
            label=Text("死亡登记", "Deaths"),
            order=26,
            roles=frozenset({Role.CREDIT_OFFICE}),
            city=True,
        ),
    )
    slots = (
        SlotFiller(slot="listing", template="repairs/listing_piece.html", load=repair_pages.repair_piece, order=40),
        SlotFiller(slot="repair", template="assistance/repair_piece.html", load=help_pages.help_piece),
        SlotFiller(
            slot="portal.home",
            template="honor_lists/portal_listing_card.html",
            load=portal_pages.listing_card,
            order=16,
        ),
        SlotFiller(slot="portal.home", template="repairs/portal_reminders.html", load=reminder_card, order=15),
        SlotFiller(slot="portal.home", template="support/portal_card.html", load=support_pages.support_card, order=18),
        SlotFiller(slot="app.home", template="honor_lists/app_card.html", load=pages.app_card, order=20),
        SlotFiller(slot="listing", template="recalls/received.html", load=recall_pages.receivers_piece, order=80),
        SlotFiller(slot="console.home", template="honor_lists/console_card.html", load=console_pages.console_card),
        SlotFiller(
            slot="merchant.page",
            template="honor_lists/merchant_facts.html",
            load=mirroring_pages.merchant_facts,
            order=5,
        ),
    )
    tasks = (
        TaskSource(name="lists", roles=_MAKERS, load=list_tasks),
        TaskSource(name="stuck entries", roles=_MAKERS, load=stuck_tasks),
        TaskSource(name="objections", roles=_DECIDERS, load=objection_tasks),
        TaskSource(name="repairs", roles=frozenset(HANDLERS), load=repair_tasks),
        TaskSource(name="revocations", roles=_MAKERS, load=revocation_tasks),
        TaskSource(name="campaigns", roles=frozenset(CAMPAIGN_READERS), load=campaign_tasks),
        TaskSource(name="agency", roles=frozenset(HANDLERS), load=agency_tasks),
        TaskSource(name="cases", roles=frozenset(CASE_MAKERS), load=case_tasks),
        TaskSource(name="gatherings", roles=frozenset(HOSTS), load=gathering_tasks),
        TaskSource(name="recalls", roles=_MAKERS, load=recall_tasks),
        TaskSource(name="deaths", roles=frozenset({Role.CREDIT_OFFICE}), load=death_tasks),
        TaskSource(name="feed", roles=frozenset({Role.CREDIT_OFFICE}), load=feed_tasks),
    )
    jobs = (
        Job(name="honor_lists.publish", every_seconds=30, run=_publish),
        Job(name="list_uploads.work", every_seconds=2, run=work_off),
        Job(name="rewards.grant", every_seconds=60, run=_grant),
        Job(name="rewards.refresh", every_seconds=3_600, run=_refresh),
        Job(name="campaigns.end", every_seconds=3_600, run=_end_campaigns),
        Job(name="bureau.feed", every_seconds=600, run=follow_feed),
        Job(name="cases.consents", every_seconds=600, run=_keep_consents),
        Job(name="cases.forget", every_seconds=600, run=forget_ended),
        Job(name="gatherings.finish", every_seconds=600, run=_finish),
        Job(name="support.refresh", every_seconds=3_600, run=refresh_all),
        Job(name="figures.freeze", every_seconds=3_600, run=freeze_months),
        Job(name="recalls.chase", every_seconds=60, run=chase_due),
        Job(name="repairs.remind", every_seconds=600, run=_remind),
        Job(name="assistance.remind", every_seconds=600, run=remind_of_trainings),
    )
    uncrawled = ("/lists",)
    seeders = (
        Seeder(name="receivers of lists", order=48, run=seed_readers),
        Seeder(name="honor lists", order=50, run=seed_lists),
        Seeder(name="support", order=52, run=seed_support),
        Seeder(name="cases", order=53, run=seed_cases),
        Seeder(name="gatherings", order=54, run=seed_gatherings),
        Seeder(name="campaigns", order=56, run=seed_campaigns),
        Seeder(name="trainings", order=55, run=seed_trainings),
        Seeder(name="open data", order=90, run=seed_open_data),
    )

    def register_types(self) -> None:
        register_list_requirements()
        register_topic(LIST_KINDS)
        follow_named("reward_of", follow_reversal)

    def prepare(self, runtime: Runtime) -> None:
        self.register_types()
        runtime.events.listen(EntriesNoticed, tell_noticed)
        runtime.events.listen(EntryPublished, promise_rewards)
        runtime.events.listen(EntryEnded, withdraw_rewards)
        runtime.events.listen(EntryPublished, points.entry_published)
        runtime.events.listen(EntryEnded, points.entry_ended)
        runtime.events.listen(Attended, points.attended)
        runtime.events.listen(EntryEnded, tell_ended)
        runtime.events.listen(EntryPublished, tell_published)
        runtime.events.listen(ResidentSignedIn, Finder(runtime).signed_in)
        runtime.events.listen(EntryFound, promise_rewards)
        runtime.events.listen(EntryFound, points.entry_published)
        runtime.events.listen(EntryFound, tell_published)
        runtime.events.listen(DisplayChanged, judge_again)

        runtime.events.listen(EntryPublished, send_published)
        runtime.events.listen(DisplayChanged, send_display)
        runtime.events.listen(EntryEnded, Recaller(runtime.keys, runtime.settings.public_url).entry_ended)

        runtime.events.listen(EntryEnded, lapse_with_entry)
        runtime.events.listen(EntryEnded, lapse_deferral)
        runtime.events.listen(EntryEnded, lapse_revocation)
        runtime.events.listen(EntryPublished, break_with_measure)
        runtime.events.listen(EntryEnded, lapse_agency)
        runtime.events.listen(EntryEnded, free_places)
        runtime.parts[TrainingRecord] = TrainingRecord(trainings_named)

        keeper = SupportKeeper(runtime.clock)
        runtime.events.listen(MerchantChanged, keeper.merchant_changed)
        runtime.events.listen(MerchantsChanged, keeper.merchants_changed)
        runtime.parts[InspectionRelief] = InspectionRelief(relieved)

        async def shown_or_gone(news: EntryPublished | EntryEnded | DisplayChanged) -> None:
            if news.merchant_id is not None:
                await runtime.events.publish(MerchantChanged(news.merchant_id))

        runtime.events.listen(EntryPublished, shown_or_gone)
        runtime.events.listen(EntryEnded, shown_or_gone)
        runtime.events.listen(DisplayChanged, shown_or_gone)
